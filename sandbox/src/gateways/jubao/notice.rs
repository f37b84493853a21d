//! The notification that an order was paid.

use super::{Terms, sign, status_number};
use crate::gateways::clock;
use crate::gateways::config;
use crate::gateways::message::Fields;
use crate::gateways::notification::Notice;
use crate::gateways::number;
use crate::gateways::orders::{Order, State};
use crate::gateways::world::Wording;

/// Fields by the later document. There is no `version` among them, and which reading of the text the gateway hashes is
/// not written anywhere: the configuration decides.
pub(super) fn compose(config: &config::Jubao, order: &Order<Terms>, wording: &Wording) -> Option<Notice> {
    let url = order.notify_url.clone()?;
    let amount = wording.deviation.amount.unwrap_or(order.told().0).to_string();
    let paid_at = order.paid.as_ref().map_or_else(clock::now, |paid| paid.at);
    let mut fields: Vec<(String, String)> = [
        ("mch_id", config.mch_id.clone()),
        ("out_trade_no", order.order_no.clone()),
        ("order_sn", order.gateway_order_no.clone()),
        ("pay_channel_id", order.terms.pay_channel_id.to_string()),
        ("body", order.terms.body.clone()),
        ("total_fee", amount.clone()),
        ("status", status_number(State::Paid).to_string()),
        ("attach", order.terms.attach.clone()),
        ("cash_fee", amount),
        ("finish_time", clock::spaced(paid_at)),
        ("nonce_str", number::nonce(10)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let signed = Fields::from(&fields[..]);
    let key = config.key.expose();
    let key = if wording.forged { format!("{key}-forged") } else { key.to_owned() };
    fields.push(("sign".into(), sign::sign_as(&signed, &key, config.notification_charset)?));
    Some(Notice { url, fields })
}
