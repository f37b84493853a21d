//! Deliveries: taking events that are due, noting what came of them, sending one again.
//!
//! Of one payment an event is taken only when every older one has arrived or was given up. An event that the merchant
//! wants once more (`alone`) is outside this order: it waits for none, and none waits for it.

use countersign_core::{EventId, PaymentId};

use super::endpoints::{self, UrlDigest};
use super::rows::{EVENT_COLUMNS, read_event, unreadable};
use crate::clock::UnixMs;
use crate::ledger::{Gate, Turn};
use crate::store::db::{Db, Row};
use crate::store::{Delivery, EventRow, NextTry, RefusedDelivery, StoreError};

/// No hold is longer. One that seems to be was written by another clock.
const HOLD_MS_MAX: i64 = 600_000;

/// Nothing older of the payment is still to be delivered.
const IN_ORDER: &str = "(e.alone = TRUE OR NOT EXISTS (SELECT 1 FROM events older \
     WHERE older.payment_id = e.payment_id AND older.seq < e.seq \
     AND older.next_attempt_at IS NOT NULL AND older.alone = FALSE))";

/// Nobody is sending it right now.
const FREE: &str = "(taken = FALSE OR next_attempt_at <= ?1)";

/// As many events that are due are looked at together.
const WINDOW: i64 = 256;
/// When nearly all of them wait for an older one, they are put off for this long, or until that one has arrived: a long
/// backlog is not looked through again and again.
const PARK_MS: i64 = 60_000;

/// Takes events that are to be delivered now, as far as the endpoint lets them through, and puts them off by `hold_ms`:
/// nobody else takes them meanwhile, and a crash brings them back.
pub(in crate::store) fn take_due(
    db: &mut dyn Db,
    url: &UrlDigest,
    now_ms: UnixMs,
    hold_ms: i64,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    match endpoints::state(db, url)?.gate(now_ms) {
        Gate::Open => {
            let due = open_window(db, now_ms, limit)?;
            take(db, &due, now_ms, hold_ms)
        }
        Gate::Asked => {
            let asked = asked(db, now_ms, limit)?;
            take(db, &asked, now_ms, hold_ms)
        }
        Gate::Probe => {
            let mut due = asked(db, now_ms, limit)?;
            if due.is_empty() {
                due = probe(db, now_ms)?;
                if due.is_empty() || !endpoints::take_probe(db, url, now_ms, hold_ms)? {
                    return Ok(Vec::new());
                }
            }
            take(db, &due, now_ms, hold_ms)
        }
        Gate::Shut => Ok(Vec::new()),
    }
}

/// What is due and in order, the longest due first.
fn open_window(db: &mut dyn Db, now_ms: UnixMs, limit: i64) -> Result<Vec<i64>, StoreError> {
    let window = find(db, "e.next_attempt_at <= ?1", "next_attempt_at, seq", now_ms, WINDOW.max(limit))?;
    let (is_full, limit) = (window.len() >= usize::try_from(WINDOW).unwrap_or(usize::MAX), cap(limit));
    let (mut due, waiting): (Vec<_>, Vec<_>) = window.into_iter().partition(|(_, in_order)| *in_order);
    if is_full && due.len() < limit {
        let sql = format!("UPDATE events SET next_attempt_at = ?1 WHERE seq IN ({})", list(&seqs(&waiting)));
        db.run(&sql, &[(now_ms + PARK_MS).into()])?;
    }
    due.truncate(limit);
    Ok(seqs(&due))
}

/// What the merchant asked for by hand.
fn asked(db: &mut dyn Db, now_ms: UnixMs, limit: i64) -> Result<Vec<i64>, StoreError> {
    let condition = format!("e.next_attempt_at <= ?1 AND e.asked = TRUE AND {IN_ORDER}");
    Ok(seqs(&find(db, &condition, "next_attempt_at, seq", now_ms, limit)?))
}

/// One event, due or not, and each in its turn: one that the merchant cannot digest must not be the only probe.
fn probe(db: &mut dyn Db, now_ms: UnixMs) -> Result<Vec<i64>, StoreError> {
    let condition = format!(
        "e.next_attempt_at IS NOT NULL AND e.not_before <= ?1 AND (e.taken = FALSE OR e.next_attempt_at <= ?1) \
         AND {IN_ORDER}"
    );
    Ok(seqs(&find(db, &condition, "last_attempt_at, seq", now_ms, 1)?))
}

/// Events by a condition, which nobody else has in hand, and whether each is in order.
fn find(
    db: &mut dyn Db,
    condition: &str,
    order: &str,
    now_ms: UnixMs,
    limit: i64,
) -> Result<Vec<(i64, bool)>, StoreError> {
    let sql = format!(
        "SELECT seq, {IN_ORDER} AS in_order FROM events e WHERE {condition} ORDER BY {order} LIMIT ?2{}",
        db.engine().skip_locked()
    );
    let rows = db.rows(&sql, &[now_ms.into(), limit.into()])?;
    rows.into_iter().map(|mut row| Ok((row.int("seq")?, row.bool("in_order")?))).collect()
}

fn take(db: &mut dyn Db, due: &[i64], now_ms: UnixMs, hold_ms: i64) -> Result<Vec<Delivery>, StoreError> {
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "UPDATE events SET next_attempt_at = ?1 + ?2, taken = TRUE, asked = FALSE, deliveries = deliveries + 1, \
         last_attempt_at = ?1 WHERE seq IN ({}) RETURNING id, body, deliveries, failures, planned_at",
        list(due)
    );
    let rows = db.rows(&sql, &[now_ms.into(), hold_ms.into()])?;
    rows.into_iter().map(read_delivery).collect()
}

fn seqs(found: &[(i64, bool)]) -> Vec<i64> {
    found.iter().map(|(seq, _)| *seq).collect()
}

fn cap(limit: i64) -> usize {
    usize::try_from(limit).unwrap_or(0)
}

/// Numbers, as a statement writes them.
fn list(seqs: &[i64]) -> String {
    seqs.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

fn read_delivery(mut row: Row) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        id: EventId::parse(&row.text("id")?).ok_or_else(|| unreadable("an event's id"))?,
        body: row.blob("body")?,
        number: row.int("deliveries")?,
        failures: row.int("failures")?,
        planned_at_ms: row.maybe_int("planned_at")?,
    })
}

/// Notes that an event arrived.
pub(in crate::store) fn delivered(
    db: &mut dyn Db,
    url: &UrlDigest,
    id: &EventId,
    now_ms: UnixMs,
) -> Result<Option<Turn>, StoreError> {
    db.run(
        "UPDATE events SET next_attempt_at = NULL, planned_at = NULL, taken = FALSE, asked = FALSE, alone = FALSE, \
         delivered_at = ?2, exhausted_at = NULL, last_error = NULL WHERE id = ?1",
        &[id.as_str().into(), now_ms.into()],
    )?;
    let_the_next_follow(db, id, now_ms)?;
    endpoints::took(db, url, now_ms)
}

/// What was put off because of this event is due.
fn let_the_next_follow(db: &mut dyn Db, id: &EventId, now_ms: UnixMs) -> Result<(), StoreError> {
    db.run(
        "UPDATE events SET next_attempt_at = ?2 WHERE payment_id = (SELECT payment_id FROM events WHERE id = ?1) \
         AND next_attempt_at > ?2 AND deliveries = 0 AND taken = FALSE",
        &[id.as_str().into(), now_ms.into()],
    )
    .map(drop)
}

/// Notes that a delivery failed, unless somebody else has the event by now.
pub(in crate::store) fn refused(
    db: &mut dyn Db,
    url: &UrlDigest,
    refused: &RefusedDelivery,
) -> Result<Option<Turn>, StoreError> {
    let at_ms = refused.refusal.failure.at_ms;
    let (next_at_ms, planned_at_ms, not_before_ms, failures) = match refused.next {
        NextTry::At { at_ms, planned_at_ms, not_before_ms, failures } => {
            (Some(at_ms), Some(planned_at_ms), not_before_ms, failures)
        }
        NextTry::Never { failures } => (None, None, 0, failures),
    };
    db.run(
        "UPDATE events SET next_attempt_at = ?3, planned_at = ?4, not_before = ?5, failures = ?6, taken = FALSE, \
         alone = CASE WHEN ?7 THEN FALSE ELSE alone END, \
         exhausted_at = CASE WHEN ?7 AND delivered_at IS NULL THEN ?8 ELSE NULL END, last_error = ?9 \
         WHERE id = ?1 AND deliveries = ?2 AND taken = TRUE",
        &[
            refused.id.as_str().into(),
            refused.number.into(),
            next_at_ms.into(),
            planned_at_ms.into(),
            not_before_ms.into(),
            failures.into(),
            next_at_ms.is_none().into(),
            at_ms.into(),
            (&refused.refusal.failure.error).into(),
        ],
    )?;
    if next_at_ms.is_none() {
        let_the_next_follow(db, &refused.id, at_ms)?;
    }
    endpoints::refused(db, url, &refused.refusal)
}

/// Sends an event again. One that has arrived, or was given up, goes out on its own. One that still waits keeps its
/// place: it is due now, and so is every older one of its payment.
pub(in crate::store) fn redeliver(
    db: &mut dyn Db,
    id: &EventId,
    now_ms: UnixMs,
) -> Result<Option<EventRow>, StoreError> {
    let sql = format!(
        "SELECT payment_id, seq, next_attempt_at, alone FROM events WHERE id = ?1{}",
        db.engine().for_update()
    );
    let Some(mut row) = db.row(&sql, &[id.as_str().into()])? else { return Ok(None) };
    let payment =
        PaymentId::parse(&row.text("payment_id")?).ok_or_else(|| unreadable("an event's payment"))?;
    let seq = row.int("seq")?;
    if row.maybe_int("next_attempt_at")?.is_none() || row.bool("alone")? {
        db.run(
            &format!(
                "UPDATE events SET next_attempt_at = ?1, planned_at = NULL, not_before = 0, failures = 0, \
                 asked = TRUE, alone = TRUE, taken = FALSE, exhausted_at = NULL \
                 WHERE seq = ?2 AND (next_attempt_at IS NULL OR {FREE})"
            ),
            &[now_ms.into(), seq.into()],
        )?;
    } else {
        db.run(
            &format!(
                "UPDATE events SET next_attempt_at = ?1, planned_at = NULL, not_before = 0, failures = 0, \
                 asked = TRUE, taken = FALSE WHERE payment_id = ?2 AND seq <= ?3 AND next_attempt_at IS NOT NULL \
                 AND alone = FALSE AND {FREE}"
            ),
            &[now_ms.into(), payment.as_str().into(), seq.into()],
        )?;
    }
    let sql = format!("SELECT {EVENT_COLUMNS} FROM events WHERE seq = ?1");
    db.row(&sql, &[seq.into()])?.map(read_event).transpose()
}

/// Makes what waits due: at once, but for what was tried a moment ago. The more often an event was tried, the longer that
/// moment, so that one which the merchant cannot digest is not tried with every other one that succeeds.
pub(super) fn catch_up(db: &mut dyn Db, now_ms: UnixMs) -> Result<(), StoreError> {
    let skip_locked = db.engine().skip_locked();
    db.run(
        &format!(
            "WITH waiting AS MATERIALIZED (SELECT seq AS number, not_before, \
               last_attempt_at + 2000 * deliveries * deliveries AS rested \
               FROM events WHERE next_attempt_at > ?1 AND taken = FALSE{skip_locked}), \
             soon AS (SELECT number, CASE WHEN rested > not_before AND rested > ?1 THEN rested \
               WHEN not_before > ?1 THEN not_before ELSE ?1 END AS at FROM waiting) \
             UPDATE events SET next_attempt_at = soon.at FROM soon \
             WHERE events.seq = soon.number AND events.next_attempt_at > soon.at"
        ),
        &[now_ms.into()],
    )
    .map(drop)
}

/// Makes everything that waits due, with all of its schedule before it.
pub(super) fn begin_anew(db: &mut dyn Db, now_ms: UnixMs) -> Result<(), StoreError> {
    db.run(
        &format!(
            "UPDATE events SET next_attempt_at = ?1, planned_at = NULL, not_before = 0, failures = 0, taken = FALSE \
             WHERE next_attempt_at IS NOT NULL AND {FREE}"
        ),
        &[now_ms.into()],
    )
    .map(drop)
}

/// Makes everything due that is still to be delivered: the schedule was written by a clock that has jumped. What is
/// being sent right now is left alone.
pub(in crate::store) fn all_due(db: &mut dyn Db, now_ms: UnixMs) -> Result<u64, StoreError> {
    db.run(
        "UPDATE events SET next_attempt_at = ?1, planned_at = NULL, not_before = 0, taken = FALSE \
         WHERE next_attempt_at > ?1 AND (taken = FALSE OR next_attempt_at > ?1 + ?2)",
        &[now_ms.into(), HOLD_MS_MAX.into()],
    )
}

/// Gives back what a process had taken that is gone. What it sent last may arrive twice.
pub(in crate::store) fn give_back(db: &mut dyn Db, now_ms: UnixMs) -> Result<u64, StoreError> {
    db.run("UPDATE events SET next_attempt_at = ?1, taken = FALSE WHERE taken = TRUE", &[now_ms.into()])
}
