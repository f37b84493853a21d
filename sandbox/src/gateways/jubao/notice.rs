//! The notification of an order's state.

use super::{Jubao, Terms, sign, status_number};
use crate::gateways::clock;
use crate::gateways::notification::{Carriage, Notice, Reply};
use crate::gateways::number;
use crate::gateways::orders::{Order, State};
use crate::gateways::world::Wording;

impl Jubao {
    /// Fields by the later document. There is no `version` among them, and which reading of the text the gateway hashes
    /// is not written anywhere: dress and configuration decide.
    pub(super) fn compose(&self, order: &Order<Terms>, wording: &Wording) -> Option<Notice> {
        let url = order.notify_url.clone()?;
        let dress = self.dress.get();
        let amount = wording.deviation.amount.unwrap_or(order.told().0).to_string();
        let paid_at = order.paid.as_ref().map_or_else(clock::now, |paid| paid.at);
        let is_paid = wording.state() != State::Closed;
        let fields = [
            ("mch_id", self.config.mch_id.clone()),
            ("out_trade_no", order.order_no.clone()),
            ("order_sn", order.gateway_order_no.clone()),
            ("pay_channel_id", order.terms.pay_channel_id.to_string()),
            ("body", order.terms.body.clone()),
            ("total_fee", amount.clone()),
            ("status", status_number(wording.state()).to_string()),
            ("attach", order.terms.attach.clone()),
            ("cash_fee", if is_paid { amount } else { "0".into() }),
            ("finish_time", if is_paid { clock::spaced(paid_at) } else { String::new() }),
            ("nonce_str", number::nonce(10)),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        let charset = dress.notification_charset.unwrap_or(self.config.notification_charset);
        let key = wording.key(self.config.key.expose());
        dress.notice(url, fields.into(), (Carriage::Form, Reply::Word), |signed| {
            sign::sign_as(signed, &key, charset)
        })
    }
}
