//! Automatic payments: `pay_small_money`. The call carries the secret in its body and is not signed.

use serde_json::{Value, json};

use super::accounts::Untakable;
use super::api::{amount, fields, required};
use super::codes::{balance_too_low, refusal};
use super::receivers::receivers;
use super::{DotWallet, Terms};
use crate::gateways::endpoint::Refusal;
use crate::gateways::message::Message;
use crate::gateways::number;
use crate::gateways::orders::{Deviation, Order};

impl DotWallet {
    pub(super) fn pay(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = fields(message);
        self.check_app(&fields, (10030, 10032))?;
        self.check_secret(&fields, (10036, 10037))?;
        let order_no = required(&fields, "merchant_order_sn", 10038)?;
        let amount = amount(message.encoding, fields.get("pre_amount")).ok_or_else(|| refusal(10042))?;
        let user = required(&fields, "user_open_id", 10034)?;
        let item_name = required(&fields, "item_name", 10045)?;
        if amount < self.config.amount_min_satoshi {
            return Err(refusal(10043));
        }
        let receive_address = match fields.get("receive_address") {
            Some(value) => receivers(value, amount, fields.text("opreturn").is_some())?,
            None => String::new(),
        };
        if self.orders.by_order_no(order_no).is_some() {
            return Err(refusal(10039));
        }
        let terms = Terms {
            item_name: item_name.to_owned(),
            receive_address,
            fee_satoshi: self.config.fee_satoshi,
            nonce_str: None,
        };
        self.book(order_no, user, amount, terms)
    }

    fn book(&self, order_no: &str, user: &str, amount: i64, terms: Terms) -> Result<Value, Refusal> {
        let (order_sn, pay_txid, fee) = (number::hex(32), number::hex(64), terms.fee_satoshi);
        let mut order = Order::new(order_no.to_owned(), order_sn.clone(), (amount, "BSV"), terms);
        order.pay(&Deviation::default(), pay_txid.clone());
        let place = || self.orders.place(order).map_err(|_| TakeError::Duplicate);
        self.accounts.take(user, (amount, fee), place).map_err(|error| match error {
            TakeError::Duplicate => refusal(10039),
            TakeError::Untakable(Untakable::UnknownUser) => refusal(10035),
            TakeError::Untakable(Untakable::Refused) => refusal(10041),
            TakeError::Untakable(Untakable::OverLimit) => refusal(10044),
            TakeError::Untakable(Untakable::BalanceTooLow { balance }) => {
                balance_too_low(balance, amount, fee)
            }
        })?;
        Ok(json!({"order_sn": order_sn, "pay_txid": pay_txid}))
    }
}

enum TakeError {
    Untakable(Untakable),
    Duplicate,
}

impl From<Untakable> for TakeError {
    fn from(reason: Untakable) -> Self {
        Self::Untakable(reason)
    }
}
