//! The notification that an order was paid. It has no state: that it comes at all means "paid".

use super::{BlueOcean, Terms, sign};
use crate::gateways::clock;
use crate::gateways::notification::{Carriage, Notice, Reply};
use crate::gateways::number;
use crate::gateways::orders::{Order, State};
use crate::gateways::world::Wording;

impl BlueOcean {
    /// Fields by the 2021 text.
    pub(super) fn compose(&self, order: &Order<Terms>, wording: &Wording) -> Option<Notice> {
        if wording.state() != State::Paid {
            return None;
        }
        let url = order.notify_url.clone()?;
        let (amount, currency) = order.told();
        let amount = wording.deviation.amount.unwrap_or(amount);
        let currency = wording.deviation.currency.as_deref().unwrap_or(currency);
        let paid = order.paid.as_ref();
        let fields = [
            ("bank_type", "CFT"),
            ("cash_fee", &(amount - order.terms.discount).to_string()),
            ("cash_fee_type", &self.cash_currency(currency)),
            ("fee_type", currency),
            ("out_trade_no", &order.order_no),
            ("transaction_id", paid.map_or("", |paid| &paid.transaction_id)),
            ("time_end", &clock::packed(paid.map_or_else(clock::now, |paid| paid.at))),
            ("total_fee", &amount.to_string()),
            ("trade_type", order.terms.channel.trade_type),
            ("appid", &self.config.appid),
            ("nonce_str", &number::nonce(10)),
            ("sn", &order.gateway_order_no),
            ("version", "1.0"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let key = wording.key(self.config.key.expose());
        let sign = |signed: &_| sign::sign(signed, &key);
        self.dress.get().notice(url, fields.into(), (Carriage::Form, Reply::Word), sign)
    }
}
