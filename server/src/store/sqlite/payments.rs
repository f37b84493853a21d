//! Creating payments, beginning attempts, asking who is due.

use countersign_core::{PaymentId, PaymentStatus};
use rusqlite::{Connection, params};

use super::facts::{self, Change};
use super::rows::{payment_where, payments_where, unreadable};
use crate::clock::UnixMs;
use crate::id;
use crate::ledger::{Circumstances, Terms, settle};
use crate::store::{Begun, Created, ListFilter, NewPayment, Record, StoreError};

const DAY_MS: i64 = 86_400_000;

/// The payment of this id.
pub(super) fn by_id(connection: &Connection, id: &PaymentId) -> Result<Option<Record>, StoreError> {
    payment_where(connection, "id = ?1", params![id.as_str()])
}

/// The payment that has an attempt with this order number.
pub(super) fn by_order_no(
    connection: &Connection,
    account: &str,
    order_no: &str,
) -> Result<Option<Record>, StoreError> {
    let condition = "id = (SELECT payment_id FROM attempts WHERE account = ?1 AND order_no = ?2)";
    payment_where(connection, condition, params![account, order_no])
}

/// Creates a payment, or finds that its order number is taken.
pub(super) fn create(connection: &Connection, new: &NewPayment) -> Result<Created, StoreError> {
    let known =
        payment_where(connection, "account = ?1 AND order_id = ?2", params![new.account, new.order_id])?;
    if let Some(record) = known {
        let same = record.fingerprint == new.fingerprint;
        return Ok(if same { Created::Existing(record) } else { Created::OrderIdReused });
    }
    if let Some(limit) = new.daily_limit
        && sum_of_day(connection, new)?.saturating_add(new.amount.value()) > limit
    {
        return Ok(Created::OverDailyLimit);
    }
    let state = settle(&Terms { amount: new.amount.clone() }, &[], &[], &[]);
    connection.prepare_cached(
        "INSERT INTO payments (id, account, gateway, order_id, amount, currency, subject, description, method, \
         sealed_token, return_url, metadata, livemode, fingerprint, status, state, revision, created_at, updated_at, \
         expires_at, next_check_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 1, ?17, ?17, ?18, ?18)",
    )?
    .execute(params![
        new.id.as_str(),
        new.account,
        new.gateway.as_str(),
        new.order_id,
        new.amount.value(),
        new.amount.currency().as_str(),
        new.subject,
        new.description,
        serde_json::to_string(&new.method)?,
        new.sealed_token,
        new.return_url,
        serde_json::to_string(&new.metadata)?,
        new.livemode,
        new.fingerprint.as_slice(),
        state.status.as_str(),
        serde_json::to_string(&state)?,
        new.created_at_ms,
        new.expires_at_ms,
    ])?;
    by_id(connection, &new.id)?.map(Created::New).ok_or_else(|| unreadable("the payment just created"))
}

/// What the account's payments of the UTC day come to, those without money left out.
fn sum_of_day(connection: &Connection, new: &NewPayment) -> Result<i64, StoreError> {
    let day = new.created_at_ms - new.created_at_ms.rem_euclid(DAY_MS);
    let sum = connection
        .prepare_cached(
            "SELECT COALESCE(SUM(amount), 0) FROM payments WHERE account = ?1 AND created_at >= ?2 \
             AND status NOT IN ('failed', 'expired', 'canceled')",
        )?
        .query_row(params![new.account, day], |row| row.get(0))?;
    Ok(sum)
}

/// Writes an attempt down, if the payment may be submitted now: it was not yet, or its last attempt was definitely
/// refused in a way that another one can mend.
pub(super) fn begin_attempt(
    connection: &Connection,
    payment_id: &PaymentId,
    circumstances: &Circumstances,
    change: &Change,
) -> Result<Option<Begun>, StoreError> {
    let now_ms = change.now_ms;
    let Some(record) = by_id(connection, payment_id)? else { return Ok(None) };
    if !record.may_be_submitted(now_ms) {
        return Ok(Some(Begun::NotNow(record)));
    }
    let number = record.last_attempt().map_or(1, |last| last.number + 1);
    let order_no = free_order_no(connection, &record, number, now_ms)?;
    connection
        .prepare_cached(
            "INSERT INTO attempts (id, payment_id, number, account, order_no, live, created_at, circumstances) \
             VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7)",
        )?
        .execute(params![
            id::attempt_id(now_ms).as_str(),
            payment_id.as_str(),
            number,
            record.account,
            order_no,
            now_ms,
            serde_json::to_string(circumstances)?,
        ])?;
    let record = by_id(connection, payment_id)?.ok_or_else(|| unreadable("the payment being submitted"))?;
    facts::settle_again(connection, record, change).map(|record| Some(Begun::Started(record)))
}

/// The merchant's number for the first attempt, one derived from it for a further one. Where that is taken or would
/// be longer than every gateway takes, a number of our own.
fn free_order_no(
    connection: &Connection,
    record: &Record,
    number: i64,
    now_ms: UnixMs,
) -> Result<String, StoreError> {
    const LENGTH_MAX: usize = 32;
    let wanted = if number == 1 { record.order_id.clone() } else { format!("{}r{number}", record.order_id) };
    let taken: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM attempts WHERE account = ?1 AND order_no = ?2) \
             OR EXISTS (SELECT 1 FROM payments WHERE account = ?1 AND order_id = ?2 AND id <> ?3)",
        )?
        .query_row(params![record.account, wanted, record.id.as_str()], |row| row.get(0))?;
    let fits = number == 1 || wanted.len() <= LENGTH_MAX;
    Ok(if fits && !taken { wanted } else { id::suffix(now_ms) })
}

/// A new client secret: the generation before no longer counts.
pub(super) fn next_secret_generation(
    connection: &Connection,
    id: &PaymentId,
) -> Result<Option<Record>, StoreError> {
    connection
        .prepare_cached("UPDATE payments SET secret_generation = secret_generation + 1 WHERE id = ?1")?
        .execute(params![id.as_str()])?;
    by_id(connection, id)
}

/// Newest first.
pub(super) fn list(connection: &Connection, filter: &ListFilter) -> Result<Vec<Record>, StoreError> {
    let condition = "(?1 IS NULL OR order_id = ?1) AND (?2 IS NULL OR account = ?2) AND (?3 IS NULL OR status = ?3) \
         AND (?4 IS NULL OR id < ?4) ORDER BY id DESC LIMIT ?5";
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let status = filter.status.map(PaymentStatus::as_str);
    let after = filter.after.as_ref().map(PaymentId::as_str);
    payments_where(connection, condition, params![filter.order_id, filter.account, status, after, limit])
}

/// Takes payments whose gateway is to be asked now, and puts them off by `hold_ms`, so that nobody else takes them
/// meanwhile and a crash brings them back.
pub(super) fn take_due(
    connection: &Connection,
    now_ms: UnixMs,
    hold_ms: i64,
    limit: i64,
) -> Result<Vec<Record>, StoreError> {
    let mut statement = connection.prepare_cached(
        "UPDATE payments SET next_check_at = ?1 + ?2, checks = checks + 1 WHERE id IN \
         (SELECT id FROM payments WHERE next_check_at <= ?1 ORDER BY next_check_at LIMIT ?3) RETURNING id",
    )?;
    let ids: Vec<String> =
        statement.query_map(params![now_ms, hold_ms, limit], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let read = |id: String| payment_where(connection, "id = ?1", params![id]);
    ids.into_iter().filter_map(|id| read(id).transpose()).collect()
}

/// Sets when a payment's gateway is asked next; `None` for never again.
pub(super) fn check_at(
    connection: &Connection,
    id: &PaymentId,
    at_ms: Option<UnixMs>,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE payments SET next_check_at = ?2 WHERE id = ?1")?
        .execute(params![id.as_str(), at_ms])?;
    Ok(())
}
