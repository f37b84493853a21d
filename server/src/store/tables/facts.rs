//! Adding facts, and everything that follows from one in the same transaction.

use countersign_core::{EventType, PaymentId, PaymentStatus, RefundStatus, WebhookBody};

use super::payments::{by_id, by_id_for_change};
use super::rows::unreadable;
use super::{attempts, events, refunds};
use crate::clock::{UnixMs, rfc3339};
use crate::ledger::{Claim, Fact, Source, State, Terms, settle};
use crate::store::db::{Db, Row};
use crate::store::{Added, NewFact, Record, StoreError};

/// When the gateway is asked where nobody said when.
const ASK_AGAIN_MS: i64 = 60_000;

/// The circumstances of a change.
#[derive(Clone, Copy)]
pub(in crate::store) struct Change {
    /// Now, but after everything that happened to the payment before.
    pub(in crate::store) now_ms: UnixMs,
    /// Now, by the clock, which may have been set back since: what is due now is due by this.
    pub(in crate::store) clock_ms: UnixMs,
    /// When to ask the gateway next, as long as there is something to ask.
    pub(in crate::store) next_check_at_ms: Option<UnixMs>,
    /// Whether events are sent to the merchant.
    pub(in crate::store) deliver: bool,
}

/// Adds a fact, unless it is known, and settles the payment again. A decision that was based on an earlier revision is
/// not added: the payment has moved on.
pub(in crate::store) fn add(
    db: &mut dyn Db,
    payment_id: &PaymentId,
    new: &NewFact,
    deliver: bool,
) -> Result<Option<Added>, StoreError> {
    let Some(record) = by_id_for_change(db, payment_id)? else { return Ok(None) };
    if new.decided_at.is_some_and(|revision| revision != record.revision) {
        return Ok(Some(Added { record, added: false }));
    }
    let at_ms = next_ms(db, &record, new.at_ms)?;
    db.run(
        "INSERT INTO facts (payment_id, attempt, source, claim, amount, digest, at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        &[
            payment_id.as_str().into(),
            new.attempt.unwrap_or(0).into(),
            new.source.as_str().into(),
            serde_json::to_string(&new.claim)?.into(),
            amount(&new.claim).into(),
            new.digest.as_slice().into(),
            at_ms.into(),
        ],
    )?;
    let next_check_at_ms = new.next_check_at_ms;
    let change = Change { now_ms: at_ms, clock_ms: new.at_ms, next_check_at_ms, deliver };
    let record = settle_again(db, record, &change)?;
    Ok(Some(Added { record, added: true }))
}

/// The money that a claim speaks of.
fn amount(claim: &Claim) -> Option<i64> {
    match claim {
        Claim::Paid(paid) | Claim::PaidUnconfirmed(paid) => Some(paid.amount),
        Claim::Refunded { total, .. } => *total,
        _ => None,
    }
}

/// The time of what happens next to a payment: now, but after everything before it. A clock that jumps back must not put
/// what was learnt last before what was learnt first.
pub(super) fn next_ms(db: &mut dyn Db, record: &Record, now_ms: UnixMs) -> Result<UnixMs, StoreError> {
    let row =
        db.row("SELECT MAX(at) AS at FROM facts WHERE payment_id = ?1", &[record.id.as_str().into()])?;
    let told = row.map(|mut row| row.maybe_int("at")).transpose()?.flatten();
    let begun = record.last_attempt().map(|attempt| attempt.created_at_ms);
    Ok(told.max(begun).map_or(now_ms, |last| now_ms.max(last + 1)))
}

/// Computes the state from all facts; where it differs, writes it with the next revision and, where the status
/// differs, the event.
pub(super) fn settle_again(db: &mut dyn Db, record: Record, change: &Change) -> Result<Record, StoreError> {
    let facts = of_payment(db, &record.id)?;
    let state = settle(&Terms { amount: record.amount.clone() }, &record.attempts, &record.refunds, &facts);
    if state.status != record.state.status && !record.state.status.may_become(state.status) {
        tracing::error!(payment = %record.id, from = %record.state.status, to = %state.status, "an illegal move was refused");
        return Err(StoreError::Failed("an illegal move of status".to_owned()));
    }
    let live_refund = state.refunds.iter().find(|r| r.status == RefundStatus::Processing).map(|r| r.number);
    write_state(db, &record, &state, live_refund.is_some(), change)?;
    attempts::mark_live(db, &record, state.live)?;
    refunds::mark_live(db, &record, live_refund)?;
    let before = record.state;
    let record = by_id(db, &record.id)?.ok_or_else(|| unreadable("the payment being settled"))?;
    if let Some(kind) = news(&before, &record) {
        let body = WebhookBody { kind, timestamp: rfc3339(change.now_ms), data: record.payment() };
        events::add(db, &record, kind, &serde_json::to_vec(&body)?, change)?;
    }
    Ok(record)
}

/// By compare-and-set: a state that was computed from an earlier revision is never written over a later one.
fn write_state(
    db: &mut dyn Db,
    record: &Record,
    state: &State,
    refunding: bool,
    change: &Change,
) -> Result<(), StoreError> {
    let asking =
        !state.status.is_settled() || may_still_be_paid(state.status) || refunding || state.doubted.is_some();
    // As long as an outcome is owed, some time to ask is always kept.
    let owed = state.status.is_open()
        || state.status == PaymentStatus::Created
        || refunding
        || (state.doubted.is_some() && state.status != PaymentStatus::Review);
    let status_moved = state.status != record.state.status;
    let written = db.run(
        "UPDATE payments SET status = ?2, state = ?3, revision = revision + ?4, \
         updated_at = CASE WHEN ?4 = 1 THEN ?5 ELSE updated_at END, \
         next_check_at = CASE WHEN ?9 THEN COALESCE(?6, next_check_at, ?10) ELSE ?6 END, taken = FALSE, \
         checks = CASE WHEN ?7 THEN 0 ELSE checks END WHERE id = ?1 AND revision = ?8",
        &[
            record.id.as_str().into(),
            state.status.as_str().into(),
            serde_json::to_string(state)?.into(),
            i64::from(*state != record.state).into(),
            change.now_ms.into(),
            change.next_check_at_ms.filter(|_| asking).into(),
            status_moved.into(),
            record.revision.into(),
            owed.into(),
            (change.now_ms + ASK_AGAIN_MS).into(),
        ],
    )?;
    match written {
        1 => Ok(()),
        _ => Err(StoreError::Interrupted("the payment was changed meanwhile".to_owned())),
    }
}

/// Payments that ended without money are looked at a few more times: money may still arrive.
fn may_still_be_paid(status: PaymentStatus) -> bool {
    matches!(status, PaymentStatus::Expired | PaymentStatus::Canceled)
}

/// What the merchant is to be told of a change.
fn news(before: &State, record: &Record) -> Option<EventType> {
    let state = &record.state;
    if state.status != before.status {
        EventType::of(state.status)
    } else if state.amount_refunded > before.amount_refunded {
        // A part went back: the payment is still paid, and the merchant must know.
        Some(EventType::Refunded)
    } else if state.unsettled > before.unsettled {
        // The status stays, and there is more for a person to look at.
        let reason = state.review.as_ref().map(|review| review.reason.as_str());
        tracing::error!(payment = %record.id, account = record.account, reason, "a person must look");
        Some(EventType::Review)
    } else {
        None
    }
}

/// Everything that was learnt of a payment.
pub(in crate::store) fn of_payment(db: &mut dyn Db, id: &PaymentId) -> Result<Vec<Fact>, StoreError> {
    let rows = db.rows(
        "SELECT attempt, source, claim, at FROM facts WHERE payment_id = ?1 ORDER BY seq",
        &[id.as_str().into()],
    )?;
    rows.into_iter().map(read).collect()
}

/// A fact.
pub(super) fn read(mut row: Row) -> Result<Fact, StoreError> {
    let attempt = row.int("attempt")?;
    let source: Source = serde_json::from_value(serde_json::Value::String(row.text("source")?))?;
    let claim: Claim = serde_json::from_str(&row.text("claim")?)?;
    Ok(Fact { attempt: (attempt > 0).then_some(attempt), source, claim, at_ms: row.int("at")? })
}
