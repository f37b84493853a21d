//! Logins that the signer began, and the payers they ended with.

use countersign_core::PaymentId;

use super::payments::{by_id, by_id_for_change};
use super::rows::unreadable;
use crate::clock::UnixMs;
use crate::ledger::Payer;
use crate::store::db::{Db, Value};
use crate::store::{Login, LoginPurpose, Record, StoreError};

/// Writes a login down before the payer is sent there.
pub(in crate::store) fn begin(db: &mut dyn Db, login: &Login, now_ms: UnixMs) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO logins (nonce, payment_id, account, purpose, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[
            (&login.nonce).into(),
            login.payment_id.as_str().into(),
            (&login.account).into(),
            login.purpose.as_str().into(),
            now_ms.into(),
        ],
    )
    .map(drop)
}

/// The login of a nonce.
pub(in crate::store) fn find(db: &mut dyn Db, nonce: &str) -> Result<Option<Login>, StoreError> {
    one(db, "nonce = ?1", &[nonce.into()])
}

/// The last login of a payment with this purpose that may still be used.
pub(in crate::store) fn usable(
    db: &mut dyn Db,
    id: &PaymentId,
    purpose: LoginPurpose,
) -> Result<Option<Login>, StoreError> {
    let condition = "payment_id = ?1 AND purpose = ?2 AND used_at IS NULL ORDER BY created_at DESC LIMIT 1";
    one(db, condition, &[id.as_str().into(), purpose.as_str().into()])
}

/// Uses a login up; `false` when somebody did so before.
pub(in crate::store) fn use_up(db: &mut dyn Db, nonce: &str, now_ms: UnixMs) -> Result<bool, StoreError> {
    let used = db.run(
        "UPDATE logins SET used_at = ?2 WHERE nonce = ?1 AND used_at IS NULL",
        &[nonce.into(), now_ms.into()],
    )?;
    Ok(used == 1)
}

/// Binds a payment to the payer that its login ended with: one that has moved on since `decided_at` only to the same
/// payer.
pub(in crate::store) fn bind_payer(
    db: &mut dyn Db,
    id: &PaymentId,
    payer: &Payer,
    sealed_tokens: &[u8],
    decided_at: i64,
) -> Result<Option<Record>, StoreError> {
    let Some(record) = by_id_for_change(db, id)? else { return Ok(None) };
    let same = record.payer.as_ref().is_some_and(|known| known.id == payer.id);
    if record.revision != decided_at && !same {
        return Ok(Some(record));
    }
    db.run(
        "UPDATE payments SET payer = ?2, sealed_tokens = ?3 WHERE id = ?1",
        &[id.as_str().into(), serde_json::to_string(payer)?.into(), sealed_tokens.into()],
    )?;
    by_id(db, id)
}

fn one(db: &mut dyn Db, condition: &str, values: &[Value<'_>]) -> Result<Option<Login>, StoreError> {
    let sql = format!("SELECT nonce, payment_id, account, purpose, used_at FROM logins WHERE {condition}");
    let Some(mut row) = db.row(&sql, values)? else { return Ok(None) };
    let unreadable = |what| move || unreadable(what);
    Ok(Some(Login {
        nonce: row.text("nonce")?,
        payment_id: PaymentId::parse(&row.text("payment_id")?).ok_or_else(unreadable("a login's payment"))?,
        account: row.text("account")?,
        purpose: LoginPurpose::parse(&row.text("purpose")?).ok_or_else(unreadable("a login's purpose"))?,
        used: row.maybe_int("used_at")?.is_some(),
    }))
}
