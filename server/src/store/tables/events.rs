//! Events and their deliveries.

use countersign_core::{EventId, EventType, PaymentId};

use super::facts::Change;
use super::rows::{EVENT_COLUMNS, read_event, unreadable};
use crate::clock::UnixMs;
use crate::id;
use crate::store::db::{Db, Row};
use crate::store::{Delivery, EventRow, Record, StoreError};

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
            change.deliver.then_some(change.now_ms).into(),
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

/// Sends an event again, however it was delivered before.
pub(in crate::store) fn redeliver(
    db: &mut dyn Db,
    id: &EventId,
    now_ms: UnixMs,
) -> Result<Option<EventRow>, StoreError> {
    let sql = format!(
        "UPDATE events SET next_attempt_at = ?2, taken = FALSE, deliveries = 0 WHERE id = ?1 \
         RETURNING {EVENT_COLUMNS}"
    );
    db.row(&sql, &[id.as_str().into(), now_ms.into()])?.map(read_event).transpose()
}

/// Takes events that are to be delivered now and puts them off by `hold_ms`. Of one payment only the oldest that is
/// still to be delivered, so that they arrive in order.
pub(in crate::store) fn take_due(
    db: &mut dyn Db,
    now_ms: UnixMs,
    hold_ms: i64,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    let sql = format!(
        "UPDATE events SET next_attempt_at = ?1 + ?2, taken = TRUE, deliveries = deliveries + 1 WHERE seq IN \
         (SELECT seq FROM events e WHERE next_attempt_at <= ?1 AND NOT EXISTS \
            (SELECT 1 FROM events older WHERE older.payment_id = e.payment_id AND older.seq < e.seq \
             AND older.next_attempt_at IS NOT NULL) \
          ORDER BY next_attempt_at LIMIT ?3{}) \
         RETURNING id, body, deliveries",
        db.engine().skip_locked()
    );
    let rows = db.rows(&sql, &[now_ms.into(), hold_ms.into(), limit.into()])?;
    rows.into_iter().map(read_delivery).collect()
}

fn read_delivery(mut row: Row) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        id: EventId::parse(&row.text("id")?).ok_or_else(|| unreadable("an event's id"))?,
        body: row.blob("body")?,
        number: row.int("deliveries")?,
    })
}

/// Notes that an event arrived.
pub(in crate::store) fn delivered(db: &mut dyn Db, id: &EventId, now_ms: UnixMs) -> Result<(), StoreError> {
    db.run(
        "UPDATE events SET next_attempt_at = NULL, taken = FALSE, delivered_at = ?2, last_error = NULL \
         WHERE id = ?1",
        &[id.as_str().into(), now_ms.into()],
    )
    .map(drop)
}

/// Notes that a delivery failed, and when the next is due; `None` gives up.
pub(in crate::store) fn failed(
    db: &mut dyn Db,
    id: &EventId,
    error: &str,
    next_at_ms: Option<UnixMs>,
) -> Result<(), StoreError> {
    db.run(
        "UPDATE events SET next_attempt_at = ?2, taken = FALSE, last_error = ?3 WHERE id = ?1",
        &[id.as_str().into(), next_at_ms.into(), error.into()],
    )
    .map(drop)
}

/// Makes everything due that is still to be delivered: the schedule was written by a clock that has jumped.
pub(in crate::store) fn all_due(db: &mut dyn Db, now_ms: UnixMs) -> Result<u64, StoreError> {
    db.run(
        "UPDATE events SET next_attempt_at = ?1, taken = FALSE WHERE next_attempt_at > ?1",
        &[now_ms.into()],
    )
}

/// Gives back what a process had taken that is gone. What it sent last may arrive twice.
pub(in crate::store) fn give_back(db: &mut dyn Db, now_ms: UnixMs) -> Result<u64, StoreError> {
    db.run("UPDATE events SET next_attempt_at = ?1, taken = FALSE WHERE taken = TRUE", &[now_ms.into()])
}
