//! Payments with everything that was learnt of them, read page by page: for commands that go through the whole ledger.

use std::collections::BTreeMap;

use countersign_core::PaymentId;

use super::rows::{bare_payments_where, unreadable};
use super::{attempts, facts, refunds};
use crate::clock::UnixMs;
use crate::store::db::{Db, Row, Value};
use crate::store::{History, StoreError, Told};

/// As many payments or facts as one page has.
pub(in crate::store) const PAGE: usize = 128;

/// The accounts that have payments.
pub(in crate::store) fn accounts(db: &mut dyn Db) -> Result<Vec<String>, StoreError> {
    let rows = db.rows("SELECT DISTINCT account FROM payments", &[])?;
    let mut accounts = rows.into_iter().map(|mut row| row.text("account")).collect::<Result<Vec<_>, _>>()?;
    accounts.sort();
    Ok(accounts)
}

/// A page of an account's payments that were created in an interval, the later end left out, in the order of their
/// creation after the last one of the page before.
pub(in crate::store) fn created(
    db: &mut dyn Db,
    account: &str,
    (from_ms, to_ms): (UnixMs, UnixMs),
    after: Option<&History>,
) -> Result<Vec<History>, StoreError> {
    let last_ms = after.map_or(from_ms, |last| last.record.created_at_ms);
    let last_id = after.map_or("", |last| last.record.id.as_str());
    let rows = db.rows(
        "SELECT id FROM payments WHERE account = ?1 AND created_at >= ?2 AND created_at < ?3 \
         AND (created_at > ?2 OR id > ?4) ORDER BY created_at, id LIMIT ?5",
        &[account.into(), last_ms.into(), to_ms.into(), last_id.into(), page().into()],
    )?;
    let ids = rows.into_iter().map(|mut row| row.text("id")).collect::<Result<Vec<_>, _>>()?;
    let mut found = of_payments(db, &ids)?;
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// A page of the facts that may tell of money, in the order in which they were written, after the last one of the page
/// before; with an interval those written in it.
pub(in crate::store) fn told_of_money(
    db: &mut dyn Db,
    interval: Option<(UnixMs, UnixMs)>,
    after: i64,
) -> Result<Vec<Told>, StoreError> {
    let (from_ms, to_ms) = interval.unwrap_or((i64::MIN, i64::MAX));
    let rows = db.rows(
        "SELECT seq, payment_id, attempt, source, claim, at FROM facts WHERE seq > ?1 AND at >= ?2 AND at < ?3 \
         AND (claim LIKE '%paid%' OR claim LIKE '%refund%') ORDER BY seq LIMIT ?4",
        &[after.into(), from_ms.into(), to_ms.into(), page().into()],
    )?;
    rows.into_iter().map(read_told).collect()
}

fn page() -> i64 {
    i64::try_from(PAGE).unwrap_or(i64::MAX)
}

fn read_told(mut row: Row) -> Result<Told, StoreError> {
    let payment = row.text("payment_id")?;
    Ok(Told {
        number: row.int("seq")?,
        payment: PaymentId::parse(&payment).ok_or_else(|| unreadable("a fact's payment"))?,
        fact: facts::read(row)?,
    })
}

/// So many payments as a page has, by id.
pub(in crate::store) fn of_payments(
    db: &mut dyn Db,
    ids: &[String],
) -> Result<BTreeMap<String, History>, StoreError> {
    let Some(last) = ids.last() else { return Ok(BTreeMap::new()) };
    // One statement for every page, whatever it has: the last id fills it up.
    let values: Vec<Value<'_>> = (0..PAGE).map(|i| ids.get(i).unwrap_or(last).into()).collect();
    let places: Vec<String> = (1..=PAGE).map(|number| format!("?{number}")).collect();
    let among = format!("IN ({})", places.join(", "));

    let mut found = BTreeMap::new();
    for record in bare_payments_where(db, &format!("id {among}"), &values)? {
        let id = record.id.as_str().to_owned();
        found.insert(id, History { record, status: String::new(), facts: Vec::new() });
    }
    let mut each = |sql: String, add: fn(&mut History, Row) -> Result<(), StoreError>| {
        for mut row in db.rows(&sql, &values)? {
            if let Some(history) = found.get_mut(&row.text("payment_id")?) {
                add(history, row)?;
            }
        }
        Ok::<_, StoreError>(())
    };
    each(format!("SELECT id AS payment_id, status FROM payments WHERE id {among}"), |history, mut row| {
        history.status = row.text("status")?;
        Ok(())
    })?;
    each(
        format!(
            "SELECT payment_id, id, number, order_no, created_at, live, circumstances FROM attempts \
             WHERE payment_id {among} ORDER BY number"
        ),
        |history, row| {
            history.record.attempts.push(attempts::read(row)?);
            Ok(())
        },
    )?;
    each(
        format!(
            "SELECT payment_id, id, number, refund_no, refund_id, amount, reason, refunded_before, created_at \
             FROM refunds WHERE payment_id {among} ORDER BY number"
        ),
        |history, row| {
            history.record.refunds.push(refunds::read(row)?);
            Ok(())
        },
    )?;
    each(
        format!(
            "SELECT payment_id, seq, attempt, source, claim, at FROM facts WHERE payment_id {among} ORDER BY seq"
        ),
        |history, mut row| {
            let number = row.int("seq")?;
            history.facts.push((number, facts::read(row)?));
            Ok(())
        },
    )?;
    Ok(found)
}
