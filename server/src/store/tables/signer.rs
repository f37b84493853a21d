//! What the signer keeps for itself.

use super::rows::unreadable;
use crate::clock::UnixMs;
use crate::id;
use crate::store::StoreError;
use crate::store::db::Db;

const CLIENT_SECRET_KEY: &str = "client_secret_key";
const TIME: &str = "time";

/// The signer's own key, made at the first start: client secrets are derived from it.
pub(in crate::store) fn own_key(db: &mut dyn Db) -> Result<[u8; 32], StoreError> {
    let made = id::random_key();
    db.run(
        "INSERT INTO signer (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        &[CLIENT_SECRET_KEY.into(), made.as_slice().into()],
    )?;
    let unreadable = || StoreError::Failed("the signer's own key is unreadable".to_owned());
    let row = db.row("SELECT value FROM signer WHERE name = ?1", &[CLIENT_SECRET_KEY.into()])?;
    let key = row.ok_or_else(unreadable)?.blob("value")?;
    key.try_into().map_err(|_| unreadable())
}

/// Notes what time it is.
pub(in crate::store) fn note_time(db: &mut dyn Db, now_ms: UnixMs) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO signer (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
        &[TIME.into(), now_ms.to_be_bytes().as_slice().into()],
    )
    .map(drop)
}

/// The time that was noted last.
pub(in crate::store) fn noted_time(db: &mut dyn Db) -> Result<Option<UnixMs>, StoreError> {
    let Some(mut row) = db.row("SELECT value FROM signer WHERE name = ?1", &[TIME.into()])? else {
        return Ok(None);
    };
    let noted = row.blob("value")?.try_into().map_err(|_| unreadable("a time"))?;
    Ok(Some(UnixMs::from_be_bytes(noted)))
}

/// Writes something, to see whether that can be done.
pub(in crate::store) fn note_writable(db: &mut dyn Db) -> Result<(), StoreError> {
    let made = id::random_key();
    db.run(
        "INSERT INTO signer (name, value) VALUES ('writable', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1",
        &[made.as_slice().into()],
    )
    .map(drop)
}
