//! The columns of the extract.

use serde_json::Value;

use super::amount::decimal;
use super::csv::{Field, Fields};
use super::entries::Entry;
use super::movements::{CountsAs, Moved, Movement};
use crate::clock::rfc3339;
use crate::store::Record;

/// Their names, in order.
pub(super) const NAMES: [&str; 36] = [
    "kind",
    "entry",
    "at",
    "payment",
    "account",
    "gateway",
    "livemode",
    "order_id",
    "order_no",
    "gateway_order_no",
    "transaction_id",
    "method",
    "subject",
    "status",
    "review",
    "resolution",
    "currency",
    "amount",
    "amount_decimal",
    "movement",
    "movement_decimal",
    "movement_currency",
    "counts_as",
    "refund",
    "refund_id",
    "refund_no",
    "gateway_refund_no",
    "amount_refunded",
    "paid_at",
    "late",
    "recorded_at",
    "created_at",
    "updated_at",
    "expires_at",
    "attempts",
    "metadata",
];

/// The record of an entry.
pub(super) fn fields(entry: &Entry<'_>) -> Fields {
    let record = &entry.history.record;
    let told = Told::of(entry);
    let merchants = serde_json::to_value(record.payment()).unwrap_or_default();
    let refund = told.refund.and_then(|number| record.refund(number));
    let refund_no = told.refund.and_then(|number| record.refunds.iter().find(|terms| terms.number == number));
    let movement = entry.movement;
    let moved = movement.map(|movement| i128::from(movement.amount));
    let amount = i128::from(record.amount.value());
    let currency = record.amount.currency();
    let values = [
        Field::text(told.kind),
        Field::text(told.entry),
        Field::text(rfc3339(entry.at_ms)),
        Field::text(record.id.as_str()),
        Field::text(&record.account),
        Field::text(record.gateway.as_str()),
        Field::Flag(Some(record.livemode)),
        Field::text(&record.order_id),
        Field::Text(told.order_no),
        Field::Text(told.gateway_order_no),
        Field::Text(told.transaction_id),
        Field::text(record.method.kind.as_str()),
        Field::text(&record.subject),
        Field::text(record.status().as_str()),
        Field::Text(word(&merchants["review"]["reason"])),
        Field::Text(word(&merchants["resolution"]["outcome"])),
        Field::text(currency.as_str()),
        Field::Number(Some(amount)),
        Field::Decimal(Some(decimal(amount, currency))),
        Field::Number(moved),
        Field::Decimal(movement.map(|m| decimal(i128::from(m.amount), &m.currency))),
        Field::Text(movement.map(|movement| movement.currency.as_str().to_owned())),
        Field::Text(movement.and_then(Movement::counts_as).map(CountsAs::as_str).map(str::to_owned)),
        Field::Text(refund.as_ref().map(|refund| refund.id.as_str().to_owned())),
        Field::Text(refund.as_ref().and_then(|refund| refund.refund_id.clone())),
        Field::Text(refund_no.map(|terms| terms.refund_no.clone())),
        Field::Text(refund.and_then(|refund| refund.gateway_refund_no)),
        Field::number(record.state.amount_refunded),
        Field::Text(told.paid_at),
        Field::Flag(Some(record.state.late)),
        Field::text(told.recorded_at),
        Field::text(rfc3339(record.created_at_ms)),
        Field::text(rfc3339(record.updated_at_ms)),
        Field::text(rfc3339(record.expires_at_ms)),
        Field::number(record.attempts.len() as i64),
        Field::Json(serde_json::to_value(&record.metadata).unwrap_or_default()),
    ];
    NAMES.into_iter().zip(values).collect()
}

fn word(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// What is different from kind to kind.
struct Told {
    kind: &'static str,
    entry: String,
    order_no: Option<String>,
    gateway_order_no: Option<String>,
    transaction_id: Option<String>,
    refund: Option<i64>,
    paid_at: Option<String>,
    recorded_at: String,
}

impl Told {
    fn of(entry: &Entry<'_>) -> Self {
        let record = &entry.history.record;
        let state = &record.state;
        let whole = Self {
            kind: "payment",
            entry: record.id.as_str().to_owned(),
            order_no: record.last_attempt().map(|attempt| attempt.order_no.clone()),
            gateway_order_no: state.gateway_order_no.clone(),
            transaction_id: state.transaction_id.clone(),
            refund: None,
            paid_at: state.paid_at_ms.map(rfc3339),
            recorded_at: rfc3339(record.created_at_ms),
        };
        let Some(movement) = entry.movement else {
            let order_no = order_no(record, state.paid_attempt).or(whole.order_no);
            return Self { order_no, ..whole };
        };
        let moved = Self {
            entry: format!("{}/{}", record.id, movement.number),
            recorded_at: rfc3339(movement.recorded_ms),
            ..whole
        };
        match &movement.kind {
            Moved::In { paid, attempt, .. } => Self {
                kind: "paid",
                order_no: order_no(record, *attempt),
                gateway_order_no: paid.gateway_order_no.clone().or(moved.gateway_order_no),
                transaction_id: paid.transaction_id.clone(),
                paid_at: Some(rfc3339(movement.paid_ms())),
                ..moved
            },
            Moved::Back { refund } => {
                let order_no = order_no(record, state.paid_attempt).or(moved.order_no);
                Self { kind: "refund", order_no, refund: *refund, ..moved }
            }
        }
    }
}

/// The number that was sent to the gateway.
fn order_no(record: &Record, attempt: Option<i64>) -> Option<String> {
    let sent = record.attempts.iter().find(|sent| Some(sent.number) == attempt)?;
    Some(sent.order_no.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_explained() {
        let page = include_str!("../../../docs/bookkeeping.md");
        for name in NAMES {
            assert!(page.contains(&format!("| `{name}` |")), "{name}");
        }
    }
}
