//! Idempotency keys: reserved together with what they create, answered once, replayed to the byte.

use super::rows::unreadable;
use crate::clock::UnixMs;
use crate::store::db::Db;
use crate::store::{KeyUse, Reserved, StoreError, StoredAnswer};

/// Keys are kept this long.
const KEPT_MS: i64 = 7 * 86_400_000;

/// Takes a key, unless somebody has it. One whose holder never answered can be taken over once its hold is over.
pub(in crate::store) fn reserve(db: &mut dyn Db, key: &KeyUse) -> Result<Reserved, StoreError> {
    forget_old(db, key.now_ms)?;
    let inserted = db.run(
        "INSERT INTO idempotency (api_key, key, fingerprint, held_until, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        &[
            (&key.api_key).into(),
            (&key.key).into(),
            key.fingerprint.as_slice().into(),
            key.held_until_ms.into(),
            key.now_ms.into(),
        ],
    )?;
    if inserted == 1 {
        return Ok(Reserved::Mine { taken_over: false });
    }
    let interrupted = || StoreError::Interrupted("a key went meanwhile".to_owned());
    match find(db, key)?.ok_or_else(interrupted)? {
        Use::ByAnother => Ok(Reserved::ByAnother),
        Use::Answered(answer) => Ok(Reserved::Answered(answer)),
        Use::HeldUntil(until_ms) if until_ms > key.now_ms => Ok(Reserved::InProgress),
        Use::HeldUntil(_) => {
            db.run(
                "UPDATE idempotency SET held_until = ?3 WHERE api_key = ?1 AND key = ?2",
                &[(&key.api_key).into(), (&key.key).into(), key.held_until_ms.into()],
            )?;
            Ok(Reserved::Mine { taken_over: true })
        }
    }
}

/// What a key that is there is used for.
enum Use {
    /// Something else.
    ByAnother,
    /// This, and it was answered.
    Answered(StoredAnswer),
    /// This, and its holder has until then to answer.
    HeldUntil(UnixMs),
}

fn find(db: &mut dyn Db, key: &KeyUse) -> Result<Option<Use>, StoreError> {
    let sql = format!(
        "SELECT fingerprint, http_status, body, held_until FROM idempotency WHERE api_key = ?1 AND key = ?2{}",
        db.engine().for_update()
    );
    let Some(mut row) = db.row(&sql, &[(&key.api_key).into(), (&key.key).into()])? else { return Ok(None) };
    if row.blob("fingerprint")? != key.fingerprint {
        return Ok(Some(Use::ByAnother));
    }
    if let (Some(http_status), Some(body)) = (row.maybe_int("http_status")?, row.maybe_text("body")?) {
        let http_status = u16::try_from(http_status).map_err(|_| unreadable("an answer's status"))?;
        let answer = StoredAnswer { fingerprint: key.fingerprint, http_status, body };
        return Ok(Some(Use::Answered(answer)));
    }
    Ok(Some(Use::HeldUntil(row.int("held_until")?)))
}

/// Keeps the answer of a key, unless it has one; gives the one that counts.
pub(in crate::store) fn keep(
    db: &mut dyn Db,
    key: &KeyUse,
    answer: &StoredAnswer,
) -> Result<StoredAnswer, StoreError> {
    write_answer(db, key, answer)?;
    if find(db, key)?.is_none() {
        // Somebody who had it before us let it go.
        reserve(db, key)?;
        write_answer(db, key, answer)?;
    }
    match find(db, key)? {
        Some(Use::Answered(answer)) => Ok(answer),
        _ => Err(unreadable("the answer just kept")),
    }
}

fn write_answer(db: &mut dyn Db, key: &KeyUse, answer: &StoredAnswer) -> Result<u64, StoreError> {
    db.run(
        "UPDATE idempotency SET http_status = ?3, body = ?4 \
         WHERE api_key = ?1 AND key = ?2 AND fingerprint = ?5 AND http_status IS NULL",
        &[
            (&key.api_key).into(),
            (&key.key).into(),
            i64::from(answer.http_status).into(),
            (&answer.body).into(),
            key.fingerprint.as_slice().into(),
        ],
    )
}

/// Lets a key go that has no answer: what was asked for was refused, and may be asked for again.
pub(in crate::store) fn release(db: &mut dyn Db, key: &KeyUse) -> Result<(), StoreError> {
    db.run(
        "DELETE FROM idempotency WHERE api_key = ?1 AND key = ?2 AND fingerprint = ?3 AND http_status IS NULL",
        &[(&key.api_key).into(), (&key.key).into(), key.fingerprint.as_slice().into()],
    )
    .map(drop)
}

/// Ends the holds of a process that is gone.
pub(in crate::store) fn end_holds(db: &mut dyn Db) -> Result<u64, StoreError> {
    db.run("UPDATE idempotency SET held_until = 0 WHERE http_status IS NULL", &[])
}

/// Cuts holds that end later than they could: the clock they were taken by has jumped.
pub(in crate::store) fn cut_holds(db: &mut dyn Db, longest_until_ms: UnixMs) -> Result<u64, StoreError> {
    let sql = "UPDATE idempotency SET held_until = ?1 WHERE http_status IS NULL AND held_until > ?1";
    db.run(sql, &[longest_until_ms.into()])
}

fn forget_old(db: &mut dyn Db, now_ms: UnixMs) -> Result<(), StoreError> {
    db.run(
        "DELETE FROM idempotency WHERE (api_key, key) IN \
         (SELECT api_key, key FROM idempotency WHERE created_at < ?1 LIMIT 8)",
        &[(now_ms - KEPT_MS).into()],
    )
    .map(drop)
}
