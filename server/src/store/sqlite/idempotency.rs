//! Answers that an idempotency key replays.

use rusqlite::{Connection, OptionalExtension, params};

use super::rows::unreadable;
use crate::clock::UnixMs;
use crate::store::{StoreError, StoredAnswer};

/// Keys are kept this long.
const KEPT_MS: i64 = 7 * 86_400_000;

/// The answer of a key.
pub(super) fn find(
    connection: &Connection,
    api_key: &str,
    key: &str,
) -> Result<Option<StoredAnswer>, StoreError> {
    let row = connection
        .prepare_cached(
            "SELECT fingerprint, http_status, body FROM idempotency WHERE api_key = ?1 AND key = ?2",
        )?
        .query_row(params![api_key, key], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, u16>(1)?, row.get::<_, String>(2)?))
        })
        .optional()?;
    row.map(|(fingerprint, http_status, body)| {
        let fingerprint = fingerprint.try_into().map_err(|_| unreadable("a fingerprint"))?;
        Ok(StoredAnswer { fingerprint, http_status, body })
    })
    .transpose()
}

/// Keeps an answer under a key, unless the key has one; gives the one that counts. Old ones go.
pub(super) fn keep(
    connection: &Connection,
    api_key: &str,
    key: &str,
    answer: &StoredAnswer,
    now_ms: UnixMs,
) -> Result<StoredAnswer, StoreError> {
    connection
        .prepare_cached("DELETE FROM idempotency WHERE rowid IN (SELECT rowid FROM idempotency WHERE created_at < ?1 LIMIT 8)")?
        .execute(params![now_ms - KEPT_MS])?;
    connection
        .prepare_cached(
            "INSERT INTO idempotency (api_key, key, fingerprint, http_status, body, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            api_key,
            key,
            answer.fingerprint.as_slice(),
            answer.http_status,
            answer.body,
            now_ms
        ])?;
    find(connection, api_key, key)?.ok_or_else(|| unreadable("the answer just kept"))
}
