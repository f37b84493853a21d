//! Rows to types.

use countersign_core::{Currency, EventId, EventType, GatewayId, Money, PaymentId};

use super::{attempts, refunds};
use crate::ledger::State;
use crate::store::db::{Db, Row, Value};
use crate::store::{EventRow, Record, StoreError};

const COLUMNS: &str = "id, account, gateway, order_id, amount, currency, subject, description, method, \
     sealed_token, return_url, metadata, livemode, fingerprint, secret_generation, state, revision, \
     created_at, updated_at, expires_at, checks, payer, sealed_tokens";

/// One payment by a condition.
pub(super) fn payment_where(
    db: &mut dyn Db,
    condition: &str,
    values: &[Value<'_>],
) -> Result<Option<Record>, StoreError> {
    Ok(payments_where(db, condition, values)?.into_iter().next())
}

/// Payments by a condition, with order and limit.
pub(super) fn payments_where(
    db: &mut dyn Db,
    condition: &str,
    values: &[Value<'_>],
) -> Result<Vec<Record>, StoreError> {
    let bare = bare_payments_where(db, condition, values)?;
    bare.into_iter().map(|record| with_attempts(db, record)).collect()
}

/// The same without their attempts and refunds.
pub(super) fn bare_payments_where(
    db: &mut dyn Db,
    condition: &str,
    values: &[Value<'_>],
) -> Result<Vec<Record>, StoreError> {
    let rows = db.rows(&format!("SELECT {COLUMNS} FROM payments WHERE {condition}"), values)?;
    rows.into_iter().map(read_payment).collect()
}

fn read_payment(mut row: Row) -> Result<Record, StoreError> {
    let currency = Currency::parse(&row.text("currency")?).map_err(|e| unreadable(&e.to_string()))?;
    let payer = row.maybe_text("payer")?;
    Ok(Record {
        id: PaymentId::parse(&row.text("id")?).ok_or_else(|| unreadable("a payment's id"))?,
        account: row.text("account")?,
        gateway: GatewayId::parse(&row.text("gateway")?).ok_or_else(|| unreadable("a payment's gateway"))?,
        order_id: row.text("order_id")?,
        amount: Money::new(row.int("amount")?, currency).map_err(|e| unreadable(&e.to_string()))?,
        subject: row.text("subject")?,
        description: row.maybe_text("description")?,
        method: serde_json::from_str(&row.text("method")?)?,
        sealed_token: row.maybe_blob("sealed_token")?,
        return_url: row.maybe_text("return_url")?,
        metadata: serde_json::from_str(&row.text("metadata")?)?,
        livemode: row.bool("livemode")?,
        fingerprint: row.blob("fingerprint")?.try_into().map_err(|_| unreadable("a fingerprint"))?,
        secret_generation: row.int("secret_generation")?,
        state: serde_json::from_str::<State>(&row.text("state")?)?,
        revision: row.int("revision")?,
        created_at_ms: row.int("created_at")?,
        updated_at_ms: row.int("updated_at")?,
        expires_at_ms: row.int("expires_at")?,
        checks: row.int("checks")?,
        attempts: Vec::new(),
        payer: payer.map(|json| serde_json::from_str(&json)).transpose()?,
        sealed_tokens: row.maybe_blob("sealed_tokens")?,
        refunds: Vec::new(),
    })
}

fn with_attempts(db: &mut dyn Db, mut record: Record) -> Result<Record, StoreError> {
    record.attempts = attempts::of_payment(db, record.id.as_str())?;
    record.refunds = refunds::of_payment(db, record.id.as_str())?;
    Ok(record)
}

/// Columns of an event for [`read_event`].
pub(super) const EVENT_COLUMNS: &str = "id, type, revision, created_at, body, deliveries, taken, next_attempt_at, \
     delivered_at, exhausted_at, last_error";

/// An event.
pub(super) fn read_event(mut row: Row) -> Result<EventRow, StoreError> {
    Ok(EventRow {
        id: EventId::parse(&row.text("id")?).ok_or_else(|| unreadable("an event's id"))?,
        kind: EventType::parse(&row.text("type")?).ok_or_else(|| unreadable("an event's type"))?,
        revision: row.int("revision")?,
        created_at_ms: row.int("created_at")?,
        body: row.blob("body")?,
        deliveries: row.int("deliveries")?,
        taken: row.bool("taken")?,
        next_attempt_at_ms: row.maybe_int("next_attempt_at")?,
        delivered_at_ms: row.maybe_int("delivered_at")?,
        exhausted_at_ms: row.maybe_int("exhausted_at")?,
        last_error: row.maybe_text("last_error")?,
    })
}

/// A stored value that this program did not write.
pub(super) fn unreadable(what: &str) -> StoreError {
    StoreError::Failed(format!("a stored value is unreadable: {what}"))
}
