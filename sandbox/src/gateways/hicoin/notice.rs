//! The notification of an order's state, sent to the portal's callback address.

use super::order::trade_status;
use super::{Hicoin, Terms, sign};
use crate::gateways::notification::{Carriage, Notice, Reply};
use crate::gateways::number;
use crate::gateways::orders::Order;
use crate::gateways::world::Wording;

impl Hicoin {
    /// Fields by the document; the amount is a text here.
    pub(super) fn compose(&self, order: &Order<Terms>, wording: &Wording) -> Option<Notice> {
        let (amount, currency) = order.told();
        let amount = wording.deviation.amount.unwrap_or(amount).to_string();
        let terms = &order.terms;
        let fields = [
            ("app_id", self.config.app_id.as_str()),
            ("trade_status", trade_status(wording.state())),
            ("trade_no", &order.gateway_order_no),
            ("out_trade_no", &order.order_no),
            ("openid", &terms.openid),
            ("trade_type", &terms.trade_type),
            ("total_amount", &amount),
            ("settle_currency", wording.deviation.currency.as_deref().unwrap_or(currency)),
            ("passback_params", &terms.passback_params),
            ("body", &terms.body),
            ("subject", &terms.subject),
            ("nonce_str", &number::nonce(32)),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let key = wording.key(self.config.mch_key.expose());
        let sign = |signed: &_| sign::sign(signed, &key);
        let (url, usual) = (self.callback_url()?, (Carriage::Form, Reply::Word));
        self.dress.get().notice(url, fields.into(), usual, sign)
    }
}
