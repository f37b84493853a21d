//! Beginning attempts: at most one live for each payment, durable before it leaves.

use countersign_core::{AttemptId, PaymentId};

use super::facts::{self, Change};
use super::payments::{by_id, by_id_for_change};
use super::rows::unreadable;
use crate::clock::UnixMs;
use crate::id;
use crate::ledger::{Attempt, Circumstances};
use crate::store::db::{Db, Row};
use crate::store::{Begun, Record, StoreError};

/// Writes an attempt down, if the payment may be submitted now: it was not yet, or its last attempt was definitely
/// refused in a way that another one can mend.
pub(in crate::store) fn begin(
    db: &mut dyn Db,
    payment_id: &PaymentId,
    circumstances: &Circumstances,
    decided_at: i64,
    change: &Change,
) -> Result<Option<Begun>, StoreError> {
    let now_ms = change.now_ms;
    let Some(record) = by_id_for_change(db, payment_id)? else { return Ok(None) };
    if record.revision != decided_at || !record.may_be_submitted(now_ms) {
        return Ok(Some(Begun::NotNow(record)));
    }
    let number = record.last_attempt().map_or(1, |last| last.number + 1);
    let order_no = free_order_no(db, &record, number, now_ms)?;
    let created_at_ms = facts::next_ms(db, &record, now_ms)?;
    db.run(
        "INSERT INTO attempts (id, payment_id, number, account, order_no, live, created_at, circumstances) \
         VALUES (?1, ?2, ?3, ?4, ?5, TRUE, ?6, ?7)",
        &[
            id::attempt_id(now_ms).as_str().into(),
            payment_id.as_str().into(),
            number.into(),
            (&record.account).into(),
            order_no.into(),
            created_at_ms.into(),
            serde_json::to_string(circumstances)?.into(),
        ],
    )?;
    let record = by_id(db, payment_id)?.ok_or_else(|| unreadable("the payment being submitted"))?;
    facts::settle_again(db, record, change).map(|record| Some(Begun::Started(record)))
}

/// The merchant's number for the first attempt, one derived from it for a further one. Where that is taken or would
/// be longer than every gateway takes, a number of our own.
fn free_order_no(
    db: &mut dyn Db,
    record: &Record,
    number: i64,
    now_ms: UnixMs,
) -> Result<String, StoreError> {
    const LENGTH_MAX: usize = 32;
    let wanted = if number == 1 { record.order_id.clone() } else { format!("{}r{number}", record.order_id) };
    let taken = db.row(
        "SELECT 1 AS taken WHERE EXISTS (SELECT 1 FROM attempts WHERE account = ?1 AND order_no = ?2) \
         OR EXISTS (SELECT 1 FROM payments WHERE account = ?1 AND order_id = ?2 AND id <> ?3)",
        &[(&record.account).into(), (&wanted).into(), record.id.as_str().into()],
    )?;
    let fits = number == 1 || wanted.len() <= LENGTH_MAX;
    Ok(if fits && taken.is_none() { wanted } else { id::suffix(now_ms) })
}

/// The attempts of a payment, by number.
pub(super) fn of_payment(db: &mut dyn Db, id: &str) -> Result<Vec<Attempt>, StoreError> {
    let rows = db.rows(
        "SELECT id, number, order_no, created_at, live, circumstances FROM attempts WHERE payment_id = ?1 \
         ORDER BY number",
        &[id.into()],
    )?;
    rows.into_iter().map(read).collect()
}

/// An attempt.
pub(super) fn read(mut row: Row) -> Result<Attempt, StoreError> {
    let circumstances = row.maybe_text("circumstances")?;
    let circumstances = circumstances.map(|json| serde_json::from_str(&json)).transpose()?;
    Ok(Attempt {
        id: AttemptId::parse(&row.text("id")?).ok_or_else(|| unreadable("an attempt's id"))?,
        number: row.int("number")?,
        order_no: row.text("order_no")?,
        created_at_ms: row.int("created_at")?,
        live: row.bool("live")?,
        circumstances: circumstances.unwrap_or_default(),
    })
}

/// Marks whether the gateway may still take money for the last attempt.
pub(super) fn mark_live(db: &mut dyn Db, record: &Record, live: bool) -> Result<(), StoreError> {
    let Some(last) = record.last_attempt() else { return Ok(()) };
    if last.live != live {
        db.run("UPDATE attempts SET live = ?2 WHERE id = ?1", &[last.id.as_str().into(), live.into()])?;
    }
    Ok(())
}
