//! Beginning refunds: at most one live for each payment, never more than was paid.

use countersign_core::{PaymentId, PaymentStatus, RefundId};
use rusqlite::{Connection, params};

use super::facts::{self, Change};
use super::payments::by_id;
use super::rows::unreadable;
use crate::clock::UnixMs;
use crate::id;
use crate::ledger::RefundTerms;
use crate::store::{BegunRefund, NewRefund, Record, StoreError};

/// Writes a refund down before it is sent, or says why not. `None` when there is no such payment.
pub(super) fn begin(
    connection: &Connection,
    payment_id: &PaymentId,
    new: &NewRefund,
    deliver: bool,
) -> Result<Option<BegunRefund>, StoreError> {
    let Some(record) = by_id(connection, payment_id)? else { return Ok(None) };
    if let Some((number, same)) = known(connection, &record, new)? {
        return Ok(Some(if same {
            BegunRefund::Existing(record, number)
        } else {
            BegunRefund::RefundIdReused
        }));
    }
    let paid = matches!(record.status(), PaymentStatus::Succeeded | PaymentStatus::Review)
        && record.state.paid_at_ms.is_some();
    let left = record.amount.value() - record.state.amount_refunded;
    if !paid || left < 1 {
        return Ok(Some(BegunRefund::NotPaid(record)));
    }
    if record.live_refund().is_some() {
        return Ok(Some(BegunRefund::UnderWay));
    }
    let amount = new.amount.unwrap_or(left);
    if amount > left {
        return Ok(Some(BegunRefund::TooMuch { left }));
    }
    if new.whole_only && amount < record.amount.value() {
        return Ok(Some(BegunRefund::WholeOnly { whole: record.amount.value() }));
    }
    let number = record.refunds.last().map_or(1, |last| last.number + 1);
    insert(connection, &record, new, number, amount)?;
    let record = by_id(connection, payment_id)?.ok_or_else(|| unreadable("the payment being refunded"))?;
    let change = Change { now_ms: new.now_ms, next_check_at_ms: Some(new.check_at_ms), deliver };
    connection
        .prepare_cached("UPDATE payments SET checks = 0 WHERE id = ?1")?
        .execute(params![payment_id.as_str()])?;
    let record = facts::settle_again(connection, record, &change)?;
    Ok(Some(BegunRefund::Started(record, number)))
}

fn insert(
    connection: &Connection,
    record: &Record,
    new: &NewRefund,
    number: i64,
    amount: i64,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO refunds (id, payment_id, number, account, refund_no, refund_id, request_key, amount, \
             reason, refunded_before, fingerprint, live, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, ?12)",
        )?
        .execute(params![
            id::refund_id(new.now_ms).as_str(),
            record.id.as_str(),
            number,
            record.account,
            free_refund_no(connection, record, number, new.now_ms)?,
            new.refund_id,
            new.request_key,
            amount,
            new.reason,
            record.state.amount_refunded,
            new.fingerprint.as_slice(),
            new.now_ms,
        ])?;
    Ok(())
}

/// The refund that has the merchant's number or the request's key, and whether the same request asked for it.
fn known(
    connection: &Connection,
    record: &Record,
    new: &NewRefund,
) -> Result<Option<(i64, bool)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, fingerprint FROM refunds WHERE payment_id = ?1 AND (refund_id = ?2 OR request_key = ?3)",
    )?;
    let mut rows = statement.query(params![record.id.as_str(), new.refund_id, new.request_key])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let fingerprint: Vec<u8> = row.get(1)?;
    Ok(Some((row.get(0)?, fingerprint == new.fingerprint)))
}

/// Letters and digits only, at most 32: what every gateway takes. Derived from the order's number where that fits.
fn free_refund_no(
    connection: &Connection,
    record: &Record,
    number: i64,
    now_ms: UnixMs,
) -> Result<String, StoreError> {
    const LENGTH_MAX: usize = 32;
    let wanted = format!("{}f{number}", record.order_id);
    let fits = wanted.len() <= LENGTH_MAX && wanted.bytes().all(|b| b.is_ascii_alphanumeric());
    let taken: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM refunds WHERE account = ?1 AND refund_no = ?2) \
             OR EXISTS (SELECT 1 FROM attempts WHERE account = ?1 AND order_no = ?2)",
        )?
        .query_row(params![record.account, wanted], |row| row.get(0))?;
    Ok(if fits && !taken { wanted } else { id::suffix(now_ms) })
}

/// The refunds of a payment, by number.
pub(super) fn of_payment(connection: &Connection, id: &str) -> Result<Vec<RefundTerms>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, number, refund_no, refund_id, amount, reason, refunded_before, created_at FROM refunds \
         WHERE payment_id = ?1 ORDER BY number",
    )?;
    let rows = statement.query_map(params![id], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get(3)?,
            row.get(4)?,
            row.get(5)?,
            row.get(6)?,
            row.get(7)?,
        ))
    })?;
    rows.map(|row| {
        let (id, number, refund_no, refund_id, amount, reason, refunded_before, created_at_ms) = row?;
        let id = RefundId::parse(&id).ok_or_else(|| unreadable("a refund's id"))?;
        Ok(RefundTerms { id, number, refund_no, refund_id, amount, reason, refunded_before, created_at_ms })
    })
    .collect()
}

/// Marks which refund the gateway may still carry out.
pub(super) fn mark_live(
    connection: &Connection,
    id: &PaymentId,
    live: Option<i64>,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE refunds SET live = (number IS ?2) WHERE payment_id = ?1")?
        .execute(params![id.as_str(), live])?;
    Ok(())
}
