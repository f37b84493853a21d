//! Beginning refunds: at most one live for each payment, never more than was paid.

use countersign_core::{PaymentId, PaymentStatus, RefundId};

use super::facts::{self, Change};
use super::payments::{by_id, by_id_for_change};
use super::rows::unreadable;
use crate::clock::UnixMs;
use crate::id;
use crate::ledger::{RefundTerms, spoken_for};
use crate::store::db::{Db, Row};
use crate::store::{BegunRefund, NewRefund, Record, StoreError};

/// Writes a refund down before it is sent, or says why not. `None` when there is no such payment.
pub(in crate::store) fn begin(
    db: &mut dyn Db,
    payment_id: &PaymentId,
    new: &NewRefund,
    deliver: bool,
) -> Result<Option<BegunRefund>, StoreError> {
    let Some(record) = by_id_for_change(db, payment_id)? else { return Ok(None) };
    if let Some((number, same)) = known(db, &record, new)? {
        return Ok(Some(if same {
            BegunRefund::Existing(record, number)
        } else {
            BegunRefund::RefundIdReused
        }));
    }
    let paid = matches!(record.status(), PaymentStatus::Succeeded | PaymentStatus::Review)
        && record.state.paid_at_ms.is_some();
    let received = record.received();
    let went_back = record.state.amount_refunded;
    let left = received.value() - spoken_for(went_back, &record.refunds, &record.state.refunds);
    if !paid || went_back >= received.value() {
        return Ok(Some(BegunRefund::NotPaid(record)));
    }
    if left < 1 {
        return Ok(Some(BegunRefund::InDoubt));
    }
    // The gateway's refund call takes no other currency than the account's.
    if received.currency() != record.amount.currency() {
        return Ok(Some(BegunRefund::OtherCurrency(received.currency().clone())));
    }
    if record.live_refund().is_some() {
        return Ok(Some(BegunRefund::UnderWay));
    }
    let amount = new.amount.unwrap_or(left);
    if amount > left {
        return Ok(Some(BegunRefund::TooMuch { left }));
    }
    let whole = received.value();
    if new.whole_only && amount < whole {
        return Ok(Some(BegunRefund::WholeOnly { whole }));
    }
    let number = record.refunds.last().map_or(1, |last| last.number + 1);
    insert(db, &record, new, number, amount)?;
    let record = by_id(db, payment_id)?.ok_or_else(|| unreadable("the payment being refunded"))?;
    let (now_ms, next_check_at_ms) = (new.now_ms, Some(new.check_at_ms));
    let change = Change { now_ms, clock_ms: now_ms, next_check_at_ms, deliver };
    db.run("UPDATE payments SET checks = 0 WHERE id = ?1", &[payment_id.as_str().into()])?;
    let record = facts::settle_again(db, record, &change)?;
    Ok(Some(BegunRefund::Started(record, number)))
}

fn insert(
    db: &mut dyn Db,
    record: &Record,
    new: &NewRefund,
    number: i64,
    amount: i64,
) -> Result<(), StoreError> {
    let refund_no = free_refund_no(db, record, number, new.now_ms)?;
    db.run(
        "INSERT INTO refunds (id, payment_id, number, account, refund_no, refund_id, request_key, amount, \
         reason, refunded_before, fingerprint, live, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, TRUE, ?12)",
        &[
            id::refund_id(new.now_ms).as_str().into(),
            record.id.as_str().into(),
            number.into(),
            (&record.account).into(),
            refund_no.into(),
            (&new.refund_id).into(),
            (&new.request_key).into(),
            amount.into(),
            (&new.reason).into(),
            record.state.amount_refunded.into(),
            new.fingerprint.as_slice().into(),
            new.now_ms.into(),
        ],
    )
    .map(drop)
}

/// The refund that has the merchant's number or the request's key, and whether the same request asked for it.
fn known(db: &mut dyn Db, record: &Record, new: &NewRefund) -> Result<Option<(i64, bool)>, StoreError> {
    let row = db.row(
        "SELECT number, fingerprint FROM refunds WHERE payment_id = ?1 AND (refund_id = ?2 OR request_key = ?3)",
        &[record.id.as_str().into(), (&new.refund_id).into(), (&new.request_key).into()],
    )?;
    let Some(mut row) = row else { return Ok(None) };
    Ok(Some((row.int("number")?, row.blob("fingerprint")? == new.fingerprint)))
}

/// Letters and digits only, at most 32: what every gateway takes. Derived from the order's number where that fits.
fn free_refund_no(
    db: &mut dyn Db,
    record: &Record,
    number: i64,
    now_ms: UnixMs,
) -> Result<String, StoreError> {
    const LENGTH_MAX: usize = 32;
    let wanted = format!("{}f{number}", record.order_id);
    let fits = wanted.len() <= LENGTH_MAX && wanted.bytes().all(|b| b.is_ascii_alphanumeric());
    let taken = db.row(
        "SELECT 1 AS taken WHERE EXISTS (SELECT 1 FROM refunds WHERE account = ?1 AND refund_no = ?2) \
         OR EXISTS (SELECT 1 FROM attempts WHERE account = ?1 AND order_no = ?2)",
        &[(&record.account).into(), (&wanted).into()],
    )?;
    Ok(if fits && taken.is_none() { wanted } else { id::suffix(now_ms) })
}

/// The refunds of a payment, by number.
pub(super) fn of_payment(db: &mut dyn Db, id: &str) -> Result<Vec<RefundTerms>, StoreError> {
    let rows = db.rows(
        "SELECT id, number, refund_no, refund_id, amount, reason, refunded_before, created_at FROM refunds \
         WHERE payment_id = ?1 ORDER BY number",
        &[id.into()],
    )?;
    rows.into_iter().map(read).collect()
}

/// A refund as it was asked for.
pub(super) fn read(mut row: Row) -> Result<RefundTerms, StoreError> {
    Ok(RefundTerms {
        id: RefundId::parse(&row.text("id")?).ok_or_else(|| unreadable("a refund's id"))?,
        number: row.int("number")?,
        refund_no: row.text("refund_no")?,
        refund_id: row.maybe_text("refund_id")?,
        amount: row.int("amount")?,
        reason: row.maybe_text("reason")?,
        refunded_before: row.int("refunded_before")?,
        created_at_ms: row.int("created_at")?,
    })
}

/// Marks which refund the gateway may still carry out.
pub(super) fn mark_live(db: &mut dyn Db, record: &Record, live: Option<i64>) -> Result<(), StoreError> {
    if record.refunds.is_empty() {
        return Ok(());
    }
    db.run(
        "UPDATE refunds SET live = (number IS NOT DISTINCT FROM ?2) WHERE payment_id = ?1",
        &[record.id.as_str().into(), live.into()],
    )
    .map(drop)
}
