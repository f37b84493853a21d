//! The notification that an order was paid. It has no state: that it comes at all means "paid".

use super::{Terms, sign};
use crate::gateways::clock;
use crate::gateways::config;
use crate::gateways::message::Fields;
use crate::gateways::notification::Notice;
use crate::gateways::number;
use crate::gateways::orders::Order;
use crate::gateways::world::Wording;

/// Fields by the 2021 text.
pub(super) fn compose(config: &config::BlueOcean, order: &Order<Terms>, wording: &Wording) -> Option<Notice> {
    let url = order.notify_url.clone()?;
    let (amount, currency) = order.told();
    let amount = wording.deviation.amount.unwrap_or(amount).to_string();
    let currency = wording.deviation.currency.as_deref().unwrap_or(currency);
    let paid = order.paid.as_ref();
    let mut fields: Vec<(String, String)> = [
        ("bank_type", "CFT"),
        ("cash_fee", &amount),
        ("cash_fee_type", currency),
        ("fee_type", currency),
        ("out_trade_no", &order.order_no),
        ("transaction_id", paid.map_or("", |paid| &paid.transaction_id)),
        ("time_end", &clock::packed(paid.map_or_else(clock::now, |paid| paid.at))),
        ("total_fee", &amount),
        ("trade_type", order.terms.channel.trade_type),
        ("appid", &config.appid),
        ("nonce_str", &number::nonce(10)),
        ("sn", &order.gateway_order_no),
        ("version", "1.0"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let key = config.key.expose();
    let key = if wording.forged { format!("{key}-forged") } else { key.to_owned() };
    let sign = sign::sign(&Fields::from(&fields[..]), &key)?;
    fields.push(("sign".into(), sign));
    Some(Notice { url, fields })
}
