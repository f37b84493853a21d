//! Creating payments, finding them, taking those that are due.

use countersign_core::{PaymentId, PaymentStatus};

use super::rows::{payment_where, payments_where, unreadable};
use crate::clock::UnixMs;
use crate::ledger::{Terms, settle};
use crate::store::db::Db;
use crate::store::{Created, ListFilter, NewPayment, Record, StoreError};

const DAY_MS: i64 = 86_400_000;

/// The payment of this id.
pub(in crate::store) fn by_id(db: &mut dyn Db, id: &PaymentId) -> Result<Option<Record>, StoreError> {
    payment_where(db, "id = ?1", &[id.as_str().into()])
}

/// The payment of this id; nobody else changes it until the transaction ends.
pub(super) fn by_id_for_change(db: &mut dyn Db, id: &PaymentId) -> Result<Option<Record>, StoreError> {
    let condition = format!("id = ?1{}", db.engine().for_update());
    payment_where(db, &condition, &[id.as_str().into()])
}

/// The payment that has an attempt with this order number.
pub(in crate::store) fn by_order_no(
    db: &mut dyn Db,
    account: &str,
    order_no: &str,
) -> Result<Option<Record>, StoreError> {
    let condition = "id = (SELECT payment_id FROM attempts WHERE account = ?1 AND order_no = ?2)";
    payment_where(db, condition, &[account.into(), order_no.into()])
}

/// Creates a payment, or finds that its order number is taken.
pub(in crate::store) fn create(db: &mut dyn Db, new: &NewPayment) -> Result<Created, StoreError> {
    if let Some(known) = known(db, new)? {
        return Ok(known);
    }
    if let Some(limit) = new.daily_limit {
        // Two payments that each fit alone must not fit together.
        db.hold_name(&format!("daily limit of {}", new.account))?;
        if sum_of_day(db, new)?.saturating_add(new.amount.value()) > limit {
            return Ok(Created::OverDailyLimit);
        }
    }
    if insert(db, new)? == 0 {
        // Another instance was quicker by a hair.
        let interrupted = || StoreError::Interrupted("the order number was taken meanwhile".to_owned());
        return known(db, new)?.ok_or_else(interrupted);
    }
    by_id(db, &new.id)?.map(Created::New).ok_or_else(|| unreadable("the payment just created"))
}

fn known(db: &mut dyn Db, new: &NewPayment) -> Result<Option<Created>, StoreError> {
    let values = [(&new.account).into(), (&new.order_id).into()];
    let record = payment_where(db, "account = ?1 AND order_id = ?2", &values)?;
    Ok(record.map(|record| match record.fingerprint == new.fingerprint {
        true => Created::Existing(record),
        false => Created::OrderIdReused,
    }))
}

fn insert(db: &mut dyn Db, new: &NewPayment) -> Result<u64, StoreError> {
    let state = settle(&Terms { amount: new.amount.clone() }, &[], &[], &[]);
    db.run(
        "INSERT INTO payments (id, account, gateway, order_id, amount, currency, subject, description, method, \
         sealed_token, return_url, metadata, livemode, fingerprint, status, state, revision, created_at, updated_at, \
         expires_at, next_check_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 1, ?17, ?17, ?18, ?18) \
         ON CONFLICT (account, order_id) DO NOTHING",
        &[
            new.id.as_str().into(),
            (&new.account).into(),
            new.gateway.as_str().into(),
            (&new.order_id).into(),
            new.amount.value().into(),
            new.amount.currency().as_str().into(),
            (&new.subject).into(),
            (&new.description).into(),
            serde_json::to_string(&new.method)?.into(),
            (&new.sealed_token).into(),
            (&new.return_url).into(),
            serde_json::to_string(&new.metadata)?.into(),
            new.livemode.into(),
            new.fingerprint.as_slice().into(),
            state.status.as_str().into(),
            serde_json::to_string(&state)?.into(),
            new.created_at_ms.into(),
            new.expires_at_ms.into(),
        ],
    )
}

/// What the account's payments of the UTC day come to, those without money left out.
fn sum_of_day(db: &mut dyn Db, new: &NewPayment) -> Result<i64, StoreError> {
    let day = new.created_at_ms - new.created_at_ms.rem_euclid(DAY_MS);
    let row = db.row(
        "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS total FROM payments WHERE account = ?1 \
         AND created_at >= ?2 AND status NOT IN ('failed', 'expired', 'canceled')",
        &[(&new.account).into(), day.into()],
    )?;
    row.ok_or_else(|| unreadable("a sum"))?.int("total")
}

/// A new client secret: the generation before no longer counts.
pub(in crate::store) fn next_secret_generation(
    db: &mut dyn Db,
    id: &PaymentId,
) -> Result<Option<Record>, StoreError> {
    db.run(
        "UPDATE payments SET secret_generation = secret_generation + 1 WHERE id = ?1",
        &[id.as_str().into()],
    )?;
    by_id(db, id)
}

/// Newest first.
pub(in crate::store) fn list(db: &mut dyn Db, filter: &ListFilter) -> Result<Vec<Record>, StoreError> {
    let condition = "(?1 IS NULL OR order_id = ?1) AND (?2 IS NULL OR account = ?2) AND (?3 IS NULL OR status = ?3) \
         AND (?4 IS NULL OR id < ?4) ORDER BY id DESC LIMIT ?5";
    let values = [
        (&filter.order_id).into(),
        (&filter.account).into(),
        filter.status.map(PaymentStatus::as_str).into(),
        filter.after.as_ref().map(PaymentId::as_str).into(),
        i64::try_from(filter.limit).unwrap_or(i64::MAX).into(),
    ];
    payments_where(db, condition, &values)
}

/// Takes payments whose gateway is to be asked now, and puts them off by `hold_ms`, so that nobody else takes them
/// meanwhile and a crash brings them back.
pub(in crate::store) fn take_due(
    db: &mut dyn Db,
    now_ms: UnixMs,
    hold_ms: i64,
    limit: i64,
) -> Result<Vec<Record>, StoreError> {
    let sql = format!(
        "UPDATE payments SET next_check_at = ?1 + ?2, taken = TRUE, checks = checks + 1 WHERE id IN \
         (SELECT id FROM payments WHERE next_check_at <= ?1 ORDER BY next_check_at LIMIT ?3{}) RETURNING id",
        db.engine().skip_locked()
    );
    let rows = db.rows(&sql, &[now_ms.into(), hold_ms.into(), limit.into()])?;
    let mut taken = Vec::with_capacity(rows.len());
    for mut row in rows {
        let id = row.text("id")?;
        taken.extend(payment_where(db, "id = ?1", &[id.into()])?);
    }
    Ok(taken)
}

/// Sets when a payment's gateway is asked next, `None` for never again; one that has moved on has its time already.
pub(in crate::store) fn check_at(
    db: &mut dyn Db,
    id: &PaymentId,
    decided_at: i64,
    at_ms: Option<UnixMs>,
) -> Result<(), StoreError> {
    db.run(
        "UPDATE payments SET next_check_at = ?2, taken = FALSE WHERE id = ?1 AND revision = ?3",
        &[id.as_str().into(), at_ms.into(), decided_at.into()],
    )
    .map(drop)
}

/// Makes everything due that is still to be asked: the schedule was written by a clock that has jumped.
pub(in crate::store) fn all_due(db: &mut dyn Db, now_ms: UnixMs) -> Result<u64, StoreError> {
    db.run("UPDATE payments SET next_check_at = ?1, taken = FALSE WHERE next_check_at > ?1", &[now_ms.into()])
}

/// Gives back what a process had taken that is gone.
pub(in crate::store) fn give_back(db: &mut dyn Db, now_ms: UnixMs) -> Result<u64, StoreError> {
    db.run("UPDATE payments SET next_check_at = ?1, taken = FALSE WHERE taken = TRUE", &[now_ms.into()])
}

/// Whether there are payments at all.
pub(in crate::store) fn any(db: &mut dyn Db) -> Result<bool, StoreError> {
    Ok(db.row("SELECT 1 AS one FROM payments LIMIT 1", &[])?.is_some())
}

/// When the ledger was last changed.
pub(in crate::store) fn last_change_ms(db: &mut dyn Db) -> Result<Option<UnixMs>, StoreError> {
    let row = db.row("SELECT MAX(updated_at) AS at FROM payments", &[])?;
    Ok(row.map(|mut row| row.maybe_int("at")).transpose()?.flatten())
}
