//! Adding facts, and everything that follows from one in the same transaction.

use countersign_core::{EventType, PaymentId, RefundStatus, WebhookBody};
use rusqlite::{Connection, params};

use super::payments::by_id;
use super::refunds;
use super::rows::unreadable;
use crate::clock::{UnixMs, rfc3339};
use crate::id;
use crate::ledger::{Claim, Fact, Source, Terms, settle};
use crate::store::{NewFact, Record, StoreError};

/// The circumstances of a change.
pub(super) struct Change {
    /// Now.
    pub(super) now_ms: UnixMs,
    /// When to ask the gateway next, as long as there is something to ask.
    pub(super) next_check_at_ms: Option<UnixMs>,
    /// Whether events are sent to the merchant.
    pub(super) deliver: bool,
}

/// Adds a fact, unless it is known, and settles the payment again.
pub(super) fn add(
    connection: &Connection,
    payment_id: &PaymentId,
    new: &NewFact,
    deliver: bool,
) -> Result<Option<Record>, StoreError> {
    let Some(record) = by_id(connection, payment_id)? else { return Ok(None) };
    let amount = match &new.claim {
        Claim::Paid(paid) | Claim::PaidUnconfirmed(paid) => Some(paid.amount),
        Claim::Refunded { total, .. } => *total,
        _ => None,
    };
    connection
        .prepare_cached(
            "INSERT INTO facts (payment_id, attempt, source, claim, amount, digest, at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            payment_id.as_str(),
            new.attempt.unwrap_or(0),
            new.source.as_str(),
            serde_json::to_string(&new.claim)?,
            amount,
            new.digest.as_slice(),
            new.at_ms,
        ])?;
    let change = Change { now_ms: new.at_ms, next_check_at_ms: new.next_check_at_ms, deliver };
    settle_again(connection, record, &change).map(Some)
}

/// Computes the state from all facts; where it differs, writes it with the next revision and, where the status
/// differs, the event.
pub(super) fn settle_again(
    connection: &Connection,
    record: Record,
    change: &Change,
) -> Result<Record, StoreError> {
    let facts = facts_of(connection, &record.id)?;
    let state = settle(&Terms { amount: record.amount.clone() }, &record.attempts, &record.refunds, &facts);
    let status_moved = state.status != record.state.status;
    if status_moved && !record.state.status.may_become(state.status) {
        tracing::error!(payment = %record.id, from = %record.state.status, to = %state.status, "an illegal move was refused");
        return Err(StoreError::Failed("an illegal move of status".to_owned()));
    }
    let live_refund = state.refunds.iter().find(|r| r.status == RefundStatus::Processing).map(|r| r.number);
    let asking = !state.status.is_settled()
        || may_still_be_paid(&state.status)
        || live_refund.is_some()
        || state.doubted.is_some();
    let next_check_at = change.next_check_at_ms.filter(|_| asking);
    let was_paid_twice = record.state.paid_twice;
    let more_refunded = state.amount_refunded > record.state.amount_refunded;
    let moved = state != record.state;
    connection
        .prepare_cached(
            "UPDATE payments SET status = ?2, state = ?3, revision = revision + ?4, \
             updated_at = CASE WHEN ?4 = 1 THEN ?5 ELSE updated_at END, \
             next_check_at = ?6, checks = CASE WHEN ?7 THEN 0 ELSE checks END WHERE id = ?1",
        )?
        .execute(params![
            record.id.as_str(),
            state.status.as_str(),
            serde_json::to_string(&state)?,
            i64::from(moved),
            change.now_ms,
            next_check_at,
            status_moved,
        ])?;
    mark_live_attempt(connection, &record, state.live)?;
    refunds::mark_live(connection, &record.id, live_refund)?;
    let record = by_id(connection, &record.id)?.ok_or_else(|| unreadable("the payment being settled"))?;
    if status_moved {
        tell(connection, &record, EventType::of(record.status()), change)?;
    } else if more_refunded {
        // A part went back: the payment is still paid, and the merchant must know.
        tell(connection, &record, Some(EventType::Refunded), change)?;
    } else if record.state.paid_twice && !was_paid_twice {
        // It is paid, and once too often: a person must give one of the two back.
        tracing::error!(payment = %record.id, account = record.account, "paid twice, under two order numbers");
        tell(connection, &record, Some(EventType::Review), change)?;
    }
    Ok(record)
}

/// Payments that ended without money are looked at a few more times: money may still arrive.
fn may_still_be_paid(status: &countersign_core::PaymentStatus) -> bool {
    use countersign_core::PaymentStatus::{Canceled, Expired};
    matches!(status, Expired | Canceled)
}

fn mark_live_attempt(connection: &Connection, record: &Record, live: bool) -> Result<(), StoreError> {
    let Some(last) = record.last_attempt() else { return Ok(()) };
    if last.live != live {
        connection
            .prepare_cached("UPDATE attempts SET live = ?2 WHERE id = ?1")?
            .execute(params![last.id.as_str(), live])?;
    }
    Ok(())
}

fn tell(
    connection: &Connection,
    record: &Record,
    kind: Option<EventType>,
    change: &Change,
) -> Result<(), StoreError> {
    let Some(kind) = kind else { return Ok(()) };
    let body = WebhookBody { kind, timestamp: rfc3339(change.now_ms), data: record.payment() };
    connection
        .prepare_cached(
            "INSERT INTO events (id, payment_id, revision, type, body, created_at, next_attempt_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            id::event_id(change.now_ms).as_str(),
            record.id.as_str(),
            record.revision,
            kind.as_str(),
            serde_json::to_vec(&body)?,
            change.now_ms,
            change.deliver.then_some(change.now_ms),
        ])?;
    Ok(())
}

fn facts_of(connection: &Connection, id: &PaymentId) -> Result<Vec<Fact>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT attempt, source, claim, at FROM facts WHERE payment_id = ?1 ORDER BY seq")?;
    let rows = statement.query_map(params![id.as_str()], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, i64>(3)?))
    })?;
    rows.map(|row| {
        let (attempt, source, claim, at_ms) = row?;
        let source: Source = serde_json::from_value(serde_json::Value::String(source))?;
        let claim: Claim = serde_json::from_str(&claim)?;
        Ok(Fact { attempt: (attempt > 0).then_some(attempt), source, claim, at_ms })
    })
    .collect()
}
