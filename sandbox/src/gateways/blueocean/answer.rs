//! What the gateway says of an order, signed over the members as they are sent.

use serde_json::{Map, Value, json};

use super::{BlueOcean, Terms, sign};
use crate::gateways::clock;
use crate::gateways::endpoint::Refusal;
use crate::gateways::number;
use crate::gateways::orders::{Order, State};

/// Wraps an answer: `{code, message, data}`, where `code` 200 is success.
pub(super) fn envelope(answer: Result<Value, Refusal>) -> Value {
    match answer {
        Ok(data) => json!({"code": 200, "message": "success", "data": data}),
        Err(Refusal { code, message, data: None }) => json!({"code": code, "message": message}),
        Err(Refusal { code, message, data }) => json!({"code": code, "message": message, "data": data}),
    }
}

/// Which of the samples' two habits of printing figures an answer follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Figures {
    /// As in the sample of `alipay.qrcode`: amounts and times are numbers, `appid` is a text.
    Numbers,
    /// As in the later samples: amounts and times are texts, `appid` is a number.
    Texts,
}

impl BlueOcean {
    /// The members that every answer about an order has, and its signature.
    pub(super) fn describe(&self, order: &Order<Terms>, figures: Figures) -> Value {
        let (amount, currency) = order.told();
        let (terms, paid) = (&order.terms, order.paid.as_ref());
        let figure = |number: i64| match figures {
            Figures::Numbers => json!(number),
            Figures::Texts => json!(number.to_string()),
        };
        let appid = match (figures, self.config.appid.parse::<u64>()) {
            (Figures::Texts, Ok(number)) => json!(number),
            _ => json!(self.config.appid),
        };
        let mut data: Map<String, Value> = [
            ("appid", appid),
            ("attach", json!(terms.attach)),
            ("bank_type", json!(if paid.is_some() { "CFT" } else { "" })),
            ("body", json!(terms.body)),
            ("cash_fee", json!(paid.map_or(0, |paid| paid.amount).to_string())),
            ("cash_fee_type", json!(paid.map_or("", |paid| &paid.currency))),
            ("create_time", figure(order.created_at.as_second())),
            ("detail", json!("")),
            ("discount", figure(terms.discount)),
            ("fee_type", json!(currency)),
            ("id", json!(terms.id)),
            ("is_subscribe", json!("N")),
            ("mch_name", json!("Sandbox")),
            ("nonce_str", json!(number::nonce(10))),
            ("out_trade_no", json!(order.order_no)),
            ("pay_amount", figure(amount - terms.discount)),
            ("provider", json!(terms.channel.provider)),
            ("qrcode", json!("")),
            ("refundable", json!(0)),
            ("sn", json!(order.gateway_order_no)),
            ("time_end", paid.map_or(json!(0), |paid| json!(clock::packed(paid.at)))),
            ("total_fee", figure(amount)),
            ("total_refund_fee", json!(if order.state == State::Refunded { amount } else { 0 })),
            ("trade_state", json!(trade_state(order))),
            ("trade_type", json!(terms.channel.trade_type)),
            ("transaction_id", json!(paid.map_or("", |paid| &paid.transaction_id))),
            ("wallet", json!(terms.wallet)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect();
        let address = format!("{}{}", self.qr_page_url, order.gateway_order_no);
        data.insert(terms.channel.address_in.into(), address.into());
        let fields = data.clone().into_iter().collect();
        data.insert("sign".into(), sign::sign(&fields, self.config.key.expose()).into());
        Value::Object(data)
    }
}

fn trade_state(order: &Order<Terms>) -> &'static str {
    match order.state {
        State::Unpaid => order.terms.channel.first_state,
        State::Paid => "SUCCESS",
        State::Closed => "CLOSED",
        State::Refunded => "REFUND",
    }
}
