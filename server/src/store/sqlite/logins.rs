//! Logins that the signer began, and the payers they ended with.

use countersign_core::PaymentId;
use rusqlite::{Connection, OptionalExtension, params};

use super::payments::by_id;
use super::rows::unreadable;
use crate::clock::UnixMs;
use crate::ledger::Payer;
use crate::store::{Login, LoginPurpose, Record, StoreError};

/// Writes a login down before the payer is sent there.
pub(super) fn begin(connection: &Connection, login: &Login, now_ms: UnixMs) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO logins (nonce, payment_id, account, purpose, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            login.nonce,
            login.payment_id.as_str(),
            login.account,
            login.purpose.as_str(),
            now_ms
        ])?;
    Ok(())
}

/// The login of a nonce.
pub(super) fn find(connection: &Connection, nonce: &str) -> Result<Option<Login>, StoreError> {
    one(connection, "nonce = ?1", params![nonce])
}

/// The last login of a payment with this purpose that may still be used.
pub(super) fn usable(
    connection: &Connection,
    id: &PaymentId,
    purpose: LoginPurpose,
) -> Result<Option<Login>, StoreError> {
    let condition = "payment_id = ?1 AND purpose = ?2 AND used_at IS NULL ORDER BY created_at DESC LIMIT 1";
    one(connection, condition, params![id.as_str(), purpose.as_str()])
}

/// Uses a login up; `false` when somebody did so before.
pub(super) fn use_up(connection: &Connection, nonce: &str, now_ms: UnixMs) -> Result<bool, StoreError> {
    let used = connection
        .prepare_cached("UPDATE logins SET used_at = ?2 WHERE nonce = ?1 AND used_at IS NULL")?
        .execute(params![nonce, now_ms])?;
    Ok(used == 1)
}

/// Binds a payment to the payer that its login ended with.
pub(super) fn bind_payer(
    connection: &Connection,
    id: &PaymentId,
    payer: &Payer,
    sealed_tokens: &[u8],
) -> Result<Option<Record>, StoreError> {
    connection
        .prepare_cached("UPDATE payments SET payer = ?2, sealed_tokens = ?3 WHERE id = ?1")?
        .execute(params![id.as_str(), serde_json::to_string(payer)?, sealed_tokens])?;
    by_id(connection, id)
}

fn one(
    connection: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> Result<Option<Login>, StoreError> {
    let sql = format!("SELECT nonce, payment_id, account, purpose, used_at FROM logins WHERE {condition}");
    let found = connection
        .prepare_cached(&sql)?
        .query_row(values, |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, String>(3)?,
                row.get::<_, Option<i64>>(4)?,
            ))
        })
        .optional()?;
    let Some((nonce, id, account, purpose, used_at)) = found else { return Ok(None) };
    Ok(Some(Login {
        nonce,
        payment_id: PaymentId::parse(&id).ok_or_else(|| unreadable("a login's payment"))?,
        account,
        purpose: LoginPurpose::parse(&purpose).ok_or_else(|| unreadable("a login's purpose"))?,
        used: used_at.is_some(),
    }))
}
