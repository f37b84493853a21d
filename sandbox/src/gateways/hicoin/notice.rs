//! The notification that an order was paid, sent to the portal's callback address.

use super::{Terms, sign};
use crate::gateways::config;
use crate::gateways::message::Fields;
use crate::gateways::notification::Notice;
use crate::gateways::number;
use crate::gateways::orders::Order;
use crate::gateways::world::Wording;

/// Fields by the document; the amount is a text here.
pub(super) fn compose(
    config: &config::Hicoin,
    url: String,
    order: &Order<Terms>,
    wording: &Wording,
) -> Option<Notice> {
    let (amount, currency) = order.told();
    let amount = wording.deviation.amount.unwrap_or(amount).to_string();
    let terms = &order.terms;
    let mut fields: Vec<(String, String)> = [
        ("app_id", config.app_id.as_str()),
        ("trade_status", "SUCCESS"),
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
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let key = config.mch_key.expose();
    let key = if wording.forged { format!("{key}-forged") } else { key.to_owned() };
    let sign = sign::sign(&Fields::from(&fields[..]), &key)?;
    fields.push(("sign".into(), sign));
    Some(Notice { url, fields })
}
