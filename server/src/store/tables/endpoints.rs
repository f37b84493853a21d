//! The state of the merchant's webhook endpoint: one row for the address in use.

use super::deliveries;
use super::rows::unreadable;
use crate::clock::UnixMs;
use crate::ledger::{Endpoint, LastFailure, Refusal, Turn};
use crate::store::StoreError;
use crate::store::db::{Db, Row};

/// Names an address without telling it.
pub(in crate::store) type UrlDigest = [u8; 32];

/// A success is noted again after this long, so that a busy endpoint's row is no bottleneck.
const SUCCESS_EVERY_MS: i64 = 1_000;

/// Opens the row of the address in use. A changed address starts with a clean slate, and what waits is due.
pub(in crate::store) fn open(db: &mut dyn Db, url: &UrlDigest, now_ms: UnixMs) -> Result<(), StoreError> {
    if insert(db, url)? == 0 {
        return Ok(());
    }
    let others = db.run("DELETE FROM webhook_endpoints WHERE url_digest <> ?1", &[written(url).into()])?;
    match others {
        0 => Ok(()),
        _ => deliveries::begin_anew(db, now_ms),
    }
}

/// As the tables keep it.
fn written(url: &UrlDigest) -> String {
    url.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn insert(db: &mut dyn Db, url: &UrlDigest) -> Result<u64, StoreError> {
    db.run(
        "INSERT INTO webhook_endpoints (url_digest) VALUES (?1) ON CONFLICT DO NOTHING",
        &[written(url).into()],
    )
}

/// How it stands.
pub(in crate::store) fn state(db: &mut dyn Db, url: &UrlDigest) -> Result<Endpoint, StoreError> {
    find(db, url, "").map(Option::unwrap_or_default)
}

/// Turns it on again; what waits is due, and its schedule begins anew.
pub(in crate::store) fn enable(db: &mut dyn Db, url: &UrlDigest, now_ms: UnixMs) -> Result<(), StoreError> {
    let before = state_for_change(db, url)?;
    let (last_success_at_ms, last_failure) = (before.last_success_at_ms, before.last_failure);
    write(db, url, &Endpoint { last_success_at_ms, last_failure, ..Endpoint::default() })?;
    deliveries::begin_anew(db, now_ms)
}

/// Takes the place of the next probe; `false` when another instance did.
pub(super) fn take_probe(
    db: &mut dyn Db,
    url: &UrlDigest,
    now_ms: UnixMs,
    hold_ms: i64,
) -> Result<bool, StoreError> {
    let taken = db.run(
        "UPDATE webhook_endpoints SET probe_at = ?2 + ?3 WHERE url_digest = ?1 AND failing = TRUE AND probe_at <= ?2",
        &[written(url).into(), now_ms.into(), hold_ms.into()],
    )?;
    Ok(taken == 1)
}

/// It took an event. When it had failed, everything that waits follows soon.
pub(super) fn took(db: &mut dyn Db, url: &UrlDigest, now_ms: UnixMs) -> Result<Option<Turn>, StoreError> {
    let known = state(db, url)?;
    let is_fresh = known.last_success_at_ms.is_some_and(|at_ms| now_ms - at_ms < SUCCESS_EVERY_MS);
    if known.failures == 0 && is_fresh {
        return Ok(None);
    }
    let mut endpoint = state_for_change(db, url)?;
    let turn = endpoint.took(now_ms);
    write(db, url, &endpoint)?;
    if matches!(turn, Some(Turn::Recovered { .. })) {
        deliveries::catch_up(db, now_ms)?;
    }
    Ok(turn)
}

/// It did not take one.
pub(super) fn refused(
    db: &mut dyn Db,
    url: &UrlDigest,
    refusal: &Refusal,
) -> Result<Option<Turn>, StoreError> {
    let mut endpoint = state_for_change(db, url)?;
    let turn = endpoint.refused(refusal.clone());
    write(db, url, &endpoint)?;
    Ok(turn)
}

/// Forgets waits that a clock wrote which has jumped.
pub(in crate::store) fn all_due(db: &mut dyn Db, now_ms: UnixMs) -> Result<(), StoreError> {
    db.run(
        "UPDATE webhook_endpoints SET probe_at = 0, paused_until = 0 WHERE probe_at > ?1 OR paused_until > ?1",
        &[now_ms.into()],
    )
    .map(drop)
}

fn state_for_change(db: &mut dyn Db, url: &UrlDigest) -> Result<Endpoint, StoreError> {
    let lock = db.engine().for_update();
    if let Some(endpoint) = find(db, url, lock)? {
        return Ok(endpoint);
    }
    insert(db, url)?;
    find(db, url, lock)?.ok_or_else(|| unreadable("the endpoint just noted"))
}

fn find(db: &mut dyn Db, url: &UrlDigest, lock: &str) -> Result<Option<Endpoint>, StoreError> {
    let sql = format!(
        "SELECT failures, first_failure_at, failing, last_success_at, last_failure_at, last_http_status, \
         last_error, disabled_at, paused_until, probe_at FROM webhook_endpoints WHERE url_digest = ?1{lock}"
    );
    db.row(&sql, &[written(url).into()])?.map(read).transpose()
}

fn read(mut row: Row) -> Result<Endpoint, StoreError> {
    let (http_status, error) = (row.maybe_int("last_http_status")?, row.maybe_text("last_error")?);
    let last_failure = row.maybe_int("last_failure_at")?.map(|at_ms| LastFailure {
        at_ms,
        http_status,
        error: error.unwrap_or_default(),
    });
    Ok(Endpoint {
        failures: row.int("failures")?,
        first_failure_at_ms: row.maybe_int("first_failure_at")?,
        failing: row.bool("failing")?,
        last_success_at_ms: row.maybe_int("last_success_at")?,
        last_failure,
        disabled_at_ms: row.maybe_int("disabled_at")?,
        paused_until_ms: row.int("paused_until")?,
        probe_at_ms: row.int("probe_at")?,
    })
}

fn write(db: &mut dyn Db, url: &UrlDigest, endpoint: &Endpoint) -> Result<(), StoreError> {
    let failure = endpoint.last_failure.as_ref();
    db.run(
        "UPDATE webhook_endpoints SET failures = ?2, first_failure_at = ?3, failing = ?4, last_success_at = ?5, \
         last_failure_at = ?6, last_http_status = ?7, last_error = ?8, disabled_at = ?9, paused_until = ?10, \
         probe_at = ?11 WHERE url_digest = ?1",
        &[
            written(url).into(),
            endpoint.failures.into(),
            endpoint.first_failure_at_ms.into(),
            endpoint.failing.into(),
            endpoint.last_success_at_ms.into(),
            failure.map(|failure| failure.at_ms).into(),
            failure.and_then(|failure| failure.http_status).into(),
            failure.map(|failure| failure.error.as_str()).into(),
            endpoint.disabled_at_ms.into(),
            endpoint.paused_until_ms.into(),
            endpoint.probe_at_ms.into(),
        ],
    )
    .map(drop)
}
