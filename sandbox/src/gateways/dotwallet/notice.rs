//! What is told of an order at its two addresses: the notice to the merchant's server, and the parameters with which
//! the browser comes back. Both are signed in the order in which they are sent.

use super::{DotWallet, Terms, sign};
use crate::gateways::notification::{Carriage, Notice, Reply, form, with_query};
use crate::gateways::orders::{Order, State};
use crate::gateways::world::Wording;

impl DotWallet {
    /// The notice. An automatic payment has none.
    pub(super) fn compose(&self, order: &Order<Terms>, wording: &Wording) -> Option<Notice> {
        self.told(order, wording, order.notify_url.clone()?)
    }

    /// Where the browser goes back to, with the parameters behind the address.
    pub(super) fn way_back(&self, order: &Order<Terms>, wording: &Wording) -> Option<String> {
        let told = self.told(order, wording, order.return_url.clone()?)?;
        Some(with_query(&told.url, &form(&told.fields)))
    }

    fn told(&self, order: &Order<Terms>, wording: &Wording, url: String) -> Option<Notice> {
        let nonce_str = order.terms.nonce_str.clone()?;
        let is_paid = wording.state() == State::Paid;
        let status = if is_paid { self.settings.get().paid_status } else { -1 };
        let transaction_id = match &order.paid {
            Some(paid) if is_paid => paid.transaction_id.clone(),
            _ => String::new(),
        };
        let amount = wording.deviation.amount.unwrap_or(order.told().0);
        let fields = [
            ("app_id", self.config.app_id.clone()),
            ("order_sn", order.gateway_order_no.clone()),
            ("merchant_order_sn", order.order_no.clone()),
            ("item_name", order.terms.item_name.clone()),
            ("receive_address", order.terms.receive_address.clone()),
            ("user_refund_address", String::new()),
            ("order_amount", amount.to_string()),
            ("pay_txid", transaction_id),
            ("status", status.to_string()),
            ("nonce_str", nonce_str),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        let secret = wording.key(self.config.secret.expose());
        let sign = |signed: &_| sign::sign(signed, &secret);
        self.dress.get().notice(url, fields.into(), (Carriage::Get, Reply::CodeZero), sign)
    }
}
