//! Rows to types.

use countersign_core::{AttemptId, Currency, EventId, EventType, GatewayId, Money, PaymentId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::refunds;
use crate::ledger::{Attempt, State};
use crate::store::{EventRow, Record, StoreError};

const COLUMNS: &str = "id, account, gateway, order_id, amount, currency, subject, description, method, \
     sealed_token, return_url, metadata, livemode, fingerprint, secret_generation, state, revision, \
     created_at, updated_at, expires_at, checks, payer, sealed_tokens";

/// One payment by a condition.
pub(super) fn payment_where(
    connection: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> Result<Option<Record>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM payments WHERE {condition}");
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_row(values, |row| Ok(read_payment(row))).optional()?;
    found.transpose()?.map(|record| with_attempts(connection, record)).transpose()
}

/// Payments by a condition, with order and limit.
pub(super) fn payments_where(
    connection: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Record>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM payments WHERE {condition}");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(values, |row| Ok(read_payment(row)))?;
    rows.map(|row| with_attempts(connection, row??)).collect()
}

fn read_payment(row: &Row<'_>) -> Result<Record, StoreError> {
    let text = |name: &str| row.get::<_, String>(name);
    let id = text("id")?;
    let gateway = text("gateway")?;
    let currency = Currency::parse(&text("currency")?).map_err(|e| unreadable(&e.to_string()))?;
    let fingerprint: Vec<u8> = row.get("fingerprint")?;
    let payer: Option<String> = row.get("payer")?;
    Ok(Record {
        id: PaymentId::parse(&id).ok_or_else(|| unreadable("a payment's id"))?,
        account: text("account")?,
        gateway: GatewayId::parse(&gateway).ok_or_else(|| unreadable("a payment's gateway"))?,
        order_id: text("order_id")?,
        amount: Money::new(row.get("amount")?, currency).map_err(|e| unreadable(&e.to_string()))?,
        subject: text("subject")?,
        description: row.get("description")?,
        method: serde_json::from_str(&text("method")?)?,
        sealed_token: row.get("sealed_token")?,
        return_url: row.get("return_url")?,
        metadata: serde_json::from_str(&text("metadata")?)?,
        livemode: row.get("livemode")?,
        fingerprint: fingerprint.try_into().map_err(|_| unreadable("a fingerprint"))?,
        secret_generation: row.get("secret_generation")?,
        state: serde_json::from_str::<State>(&text("state")?)?,
        revision: row.get("revision")?,
        created_at_ms: row.get("created_at")?,
        updated_at_ms: row.get("updated_at")?,
        expires_at_ms: row.get("expires_at")?,
        checks: row.get("checks")?,
        attempts: Vec::new(),
        payer: payer.map(|json| serde_json::from_str(&json)).transpose()?,
        sealed_tokens: row.get("sealed_tokens")?,
        refunds: Vec::new(),
    })
}

fn with_attempts(connection: &Connection, mut record: Record) -> Result<Record, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, number, order_no, created_at, live, circumstances FROM attempts WHERE payment_id = ?1 \
         ORDER BY number",
    )?;
    let rows = statement.query_map(params![record.id.as_str()], |row| {
        let circumstances: Option<String> = row.get(5)?;
        Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, circumstances))
    })?;
    for row in rows {
        let (id, number, order_no, created_at_ms, live, circumstances) = row?;
        let id = AttemptId::parse(&id).ok_or_else(|| unreadable("an attempt's id"))?;
        let circumstances = circumstances.map(|json| serde_json::from_str(&json)).transpose()?;
        let circumstances = circumstances.unwrap_or_default();
        record.attempts.push(Attempt { id, number, order_no, created_at_ms, live, circumstances });
    }
    record.refunds = refunds::of_payment(connection, record.id.as_str())?;
    Ok(record)
}

/// Columns of an event for [`read_event`].
pub(super) const EVENT_COLUMNS: &str = "id, type, revision, created_at, body";

/// An event.
pub(super) fn read_event(row: &Row<'_>) -> Result<EventRow, StoreError> {
    let id: String = row.get("id")?;
    let kind: String = row.get("type")?;
    Ok(EventRow {
        id: EventId::parse(&id).ok_or_else(|| unreadable("an event's id"))?,
        kind: EventType::parse(&kind).ok_or_else(|| unreadable("an event's type"))?,
        revision: row.get("revision")?,
        created_at_ms: row.get("created_at")?,
        body: row.get("body")?,
    })
}

/// A stored value that this program did not write.
pub(super) fn unreadable(what: &str) -> StoreError {
    StoreError::Failed(format!("a stored value is unreadable: {what}"))
}
