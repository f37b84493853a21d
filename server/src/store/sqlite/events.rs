//! Events and their deliveries.

use countersign_core::{EventId, PaymentId};
use rusqlite::{Connection, OptionalExtension, params};

use super::rows::{EVENT_COLUMNS, read_event, unreadable};
use crate::clock::UnixMs;
use crate::store::{Delivery, EventRow, StoreError};

/// The events of a payment, oldest first.
pub(super) fn of_payment(connection: &Connection, id: &PaymentId) -> Result<Vec<EventRow>, StoreError> {
    let sql = format!("SELECT {EVENT_COLUMNS} FROM events WHERE payment_id = ?1 ORDER BY seq");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![id.as_str()], |row| Ok(read_event(row)))?;
    rows.map(|row| row?).collect()
}

/// Events after one, oldest first. `None` when there is no such event.
pub(super) fn list(
    connection: &Connection,
    after: Option<&EventId>,
    limit: i64,
) -> Result<Option<Vec<EventRow>>, StoreError> {
    let from = match after {
        None => 0_i64,
        Some(id) => {
            let seq = connection
                .prepare_cached("SELECT seq FROM events WHERE id = ?1")?
                .query_row(params![id.as_str()], |row| row.get(0))
                .optional()?;
            let Some(seq) = seq else { return Ok(None) };
            seq
        }
    };
    let sql = format!("SELECT {EVENT_COLUMNS} FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![from, limit], |row| Ok(read_event(row)))?;
    rows.map(|row| row?).collect::<Result<_, _>>().map(Some)
}

/// Sends an event again, however it was delivered before.
pub(super) fn redeliver(
    connection: &Connection,
    id: &EventId,
    now_ms: UnixMs,
) -> Result<Option<EventRow>, StoreError> {
    connection
        .prepare_cached("UPDATE events SET next_attempt_at = ?2, deliveries = 0 WHERE id = ?1")?
        .execute(params![id.as_str(), now_ms])?;
    let sql = format!("SELECT {EVENT_COLUMNS} FROM events WHERE id = ?1");
    let row = connection
        .prepare_cached(&sql)?
        .query_row(params![id.as_str()], |row| Ok(read_event(row)))
        .optional()?;
    row.transpose()
}

/// Takes events that are to be delivered now and puts them off by `hold_ms`. Of one payment only the oldest that is
/// still to be delivered, so that they arrive in order.
pub(super) fn take_due(
    connection: &Connection,
    now_ms: UnixMs,
    hold_ms: i64,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    let mut statement = connection.prepare_cached(
        "UPDATE events SET next_attempt_at = ?1 + ?2, deliveries = deliveries + 1 WHERE seq IN \
         (SELECT seq FROM events e WHERE next_attempt_at <= ?1 AND NOT EXISTS \
            (SELECT 1 FROM events older WHERE older.payment_id = e.payment_id AND older.seq < e.seq \
             AND older.next_attempt_at IS NOT NULL) \
          ORDER BY next_attempt_at LIMIT ?3) \
         RETURNING id, body, deliveries",
    )?;
    let rows = statement.query_map(params![now_ms, hold_ms, limit], |row| {
        Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))
    })?;
    rows.map(|row| {
        let (id, body, number) = row?;
        let id = EventId::parse(&id).ok_or_else(|| unreadable("an event's id"))?;
        Ok(Delivery { id, body, number })
    })
    .collect()
}

/// Notes that an event arrived.
pub(super) fn delivered(connection: &Connection, id: &EventId, now_ms: UnixMs) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE events SET next_attempt_at = NULL, delivered_at = ?2, last_error = NULL WHERE id = ?1",
        )?
        .execute(params![id.as_str(), now_ms])?;
    Ok(())
}

/// Notes that a delivery failed, and when the next is due; `None` gives up.
pub(super) fn failed(
    connection: &Connection,
    id: &EventId,
    error: &str,
    next_at_ms: Option<UnixMs>,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE events SET next_attempt_at = ?2, last_error = ?3 WHERE id = ?1")?
        .execute(params![id.as_str(), next_at_ms, error])?;
    Ok(())
}
