//! Orders that the user confirms: `create_order`, signed in the order sent, and `search_order`.

use serde_json::{Value, json};

use super::api::{amount, fields, required};
use super::codes::refusal;
use super::receivers::receivers;
use super::{DotWallet, Terms, sign};
use crate::gateways::clock;
use crate::gateways::endpoint::Refusal;
use crate::gateways::message::{Fields, Message};
use crate::gateways::number;
use crate::gateways::orders::{Order, State as OrderState};
use crate::gateways::page::web_address;

/// The network does not carry less.
const AMOUNT_MIN_SATOSHI: i64 = 546;

impl DotWallet {
    pub(super) fn create_order(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = fields(message);
        self.check_app(&fields, (10100, 10101))?;
        let order_no = required(&fields, "merchant_order_sn", 10102)?;
        let item_name = required(&fields, "item_name", 10103)?;
        let amount = amount(message.encoding, fields.get("order_amount"))
            .filter(|amount| *amount >= AMOUNT_MIN_SATOSHI)
            .ok_or_else(|| refusal(10104))?;
        let nonce_str = required(&fields, "nonce_str", 10109)?;
        if !nonce_str.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refusal(10105));
        }
        let receive_address = match fields.get("receive_address") {
            Some(value) => receivers(value, amount, fields.text("opreturn").is_some())?,
            None => self.config.default_address.clone(),
        };
        let notify_url = self.address(&fields, "notice_uri")?;
        let return_url = self.address(&fields, "redirect_uri")?;
        required(&fields, "sign", 10106)?;
        if !sign::verify(&fields, self.config.secret.expose()) {
            return Err(refusal(10106));
        }
        let terms = Terms {
            item_name: item_name.to_owned(),
            receive_address,
            fee_satoshi: self.config.fee_satoshi,
            nonce_str: Some(nonce_str.to_owned()),
        };
        let mut order = Order::new(order_no.to_owned(), number::hex(32), (amount, "BSV"), terms);
        (order.notify_url, order.return_url) = (notify_url, return_url);
        let answer = json!({"order_sn": order.gateway_order_no});
        self.orders.place(order).map_err(|_| refusal(10107))?;
        Ok(answer)
    }

    /// One of an order's two addresses, which one document requires and another does not.
    fn address(&self, fields: &Fields, name: &str) -> Result<Option<String>, Refusal> {
        match fields.text(name).unwrap_or("") {
            "" if self.settings.get().order_uris_required => Err(refusal(10110)),
            "" => Ok(None),
            // No code is published for an address that is none.
            text => web_address(text).map(|_| Some(text.to_owned())).ok_or_else(|| refusal(10108)),
        }
    }

    pub(super) fn search(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = fields(message);
        self.check_app(&fields, (10200, 10201))?;
        self.check_secret(&fields, (10202, 10203))?;
        let order = self.orders.by_order_no(required(&fields, "merchant_order_sn", 10204)?);
        let finds_autopay = self.settings.get().search_finds_autopay;
        let order = order.filter(|order| finds_autopay || order.terms.nonce_str.is_some());
        order.map(|order| found(&order)).ok_or_else(|| refusal(10205))
    }
}

fn found(order: &Order<Terms>) -> Value {
    let (amount, _) = order.told();
    let status = match order.state {
        OrderState::Paid => 9,
        OrderState::Unpaid => 0,
        OrderState::Closed | OrderState::Refunded | OrderState::Revoked | OrderState::Failed => -1,
    };
    json!({
        "merchant_order_sn": order.order_no,
        "amount": amount,
        "item_name": order.terms.item_name,
        "receive_address": order.terms.receive_address,
        "user_refund_address": "",
        "pay_time": order.paid.as_ref().map_or(String::new(), |paid| clock::spaced(paid.at)),
        "order_sn": order.gateway_order_no,
        "status": status,
        "create_time": clock::spaced(order.created_at),
        "fee": order.terms.fee_satoshi,
        "pay_txid": order.paid.as_ref().map_or("", |paid| &paid.transaction_id),
    })
}
