//! Events: what the merchant is told, kept for ever and listed in one order.

use countersign_core::{EventId, EventType, PaymentId};

use super::facts::Change;
use super::rows::{EVENT_COLUMNS, read_event, unreadable};
use crate::id;
use crate::store::db::Db;
use crate::store::{Backlog, EventRow, Record, StoreError};

/// Adds an event of a payment that has just changed.
pub(super) fn add(
    db: &mut dyn Db,
    record: &Record,
    kind: EventType,
    body: &[u8],
    change: &Change,
) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO events (id, payment_id, revision, type, body, created_at, next_attempt_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            id::event_id(change.now_ms).as_str().into(),
            record.id.as_str().into(),
            record.revision.into(),
            kind.as_str().into(),
            body.into(),
            change.now_ms.into(),
            change.deliver.then_some(change.clock_ms).into(),
        ],
    )
    .map(drop)
}

/// The events of a payment, oldest first.
pub(in crate::store) fn of_payment(db: &mut dyn Db, id: &PaymentId) -> Result<Vec<EventRow>, StoreError> {
    let sql = format!("SELECT {EVENT_COLUMNS} FROM events WHERE payment_id = ?1 ORDER BY seq");
    db.rows(&sql, &[id.as_str().into()])?.into_iter().map(read_event).collect()
}

/// Gives every event that has none its position in the list. Two transactions may commit in another order than they
/// drew their numbers in, so the list has an order of its own, drawn when the events can be seen: whoever reads on from
/// one of them misses none.
pub(in crate::store) fn line_up(db: &mut dyn Db) -> Result<(), StoreError> {
    if db.row("SELECT 1 AS waiting FROM events WHERE position IS NULL LIMIT 1", &[])?.is_none() {
        return Ok(());
    }
    db.hold_name("positions of events")?;
    db.run(
        "UPDATE events SET position = last.position + waiting.nth \
         FROM (SELECT seq AS number, ROW_NUMBER() OVER (ORDER BY seq) AS nth FROM events WHERE position IS NULL) \
           AS waiting, \
         (SELECT COALESCE(MAX(position), 0) AS position FROM events) AS last \
         WHERE events.seq = waiting.number",
        &[],
    )
    .map(drop)
}

/// Events after one, oldest first. `None` when there is no such event.
pub(in crate::store) fn list(
    db: &mut dyn Db,
    after: Option<&EventId>,
    limit: i64,
) -> Result<Option<Vec<EventRow>>, StoreError> {
    let from = match after {
        None => 0,
        Some(id) => match db.row("SELECT position FROM events WHERE id = ?1", &[id.as_str().into()])? {
            None => return Ok(None),
            Some(mut row) => row.maybe_int("position")?.unwrap_or(i64::MAX),
        },
    };
    let sql = format!("SELECT {EVENT_COLUMNS} FROM events WHERE position > ?1 ORDER BY position LIMIT ?2");
    let rows = db.rows(&sql, &[from.into(), limit.into()])?;
    rows.into_iter().map(read_event).collect::<Result<_, _>>().map(Some)
}

/// What the merchant has not got: how many events wait, how many were given up, and since when the oldest waits.
pub(in crate::store) fn backlog(db: &mut dyn Db) -> Result<Backlog, StoreError> {
    let waiting = db.row(
        "SELECT CAST(COUNT(*) AS BIGINT) AS number, MIN(created_at) AS oldest FROM events \
         WHERE next_attempt_at IS NOT NULL",
        &[],
    )?;
    let exhausted =
        db.row("SELECT CAST(COUNT(*) AS BIGINT) AS number FROM events WHERE exhausted_at IS NOT NULL", &[])?;
    let (Some(mut waiting), Some(mut exhausted)) = (waiting, exhausted) else {
        return Err(unreadable("a count"));
    };
    Ok(Backlog {
        pending: waiting.int("number")?,
        oldest_pending_at_ms: waiting.maybe_int("oldest")?,
        exhausted: exhausted.int("number")?,
    })
}
