//! How far a copy has come, written down in the ledgers themselves.
//!
//! Both ledgers get a table `copy_progress` of names and values. In the one that is copied it holds a token that is
//! forgotten as soon as a signer uses the ledger again, so that a copy is only gone on with when nothing has changed since.

use crate::store::StoreError;
use crate::store::db::{Db, Engine};

const LEDGER: &str = "ledger";
const TOKEN: &str = "token";
const STAGE: &str = "stage";

/// How far a copy has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Rows are missing, or may be.
    Copying,
    /// Everything was there and something was different.
    Differs,
    /// Everything is there and the same; a copied ledger is no longer used.
    Complete,
}

impl Stage {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Copying => "copying",
            Self::Differs => "differs",
            Self::Complete => "complete",
        }
    }
}

/// What is written down of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// Which ledger is copied.
    pub(super) ledger: String,
    /// Of which beginning this is the continuation.
    pub(super) token: Option<String>,
    pub(super) stage: Stage,
}

/// What is written down in a ledger; `None` when it has no part in a copy.
pub(super) fn read(db: &mut dyn Db) -> Result<Option<Marks>, StoreError> {
    if !is_there(db)? {
        return Ok(None);
    }
    let Some(ledger) = value(db, LEDGER)? else { return Ok(None) };
    let (token, stage) = (value(db, TOKEN)?, value(db, STAGE)?);
    let known = [Stage::Copying, Stage::Differs, Stage::Complete];
    let stage = known.into_iter().find(|known| Some(known.as_str()) == stage.as_deref());
    let unreadable = || StoreError::Failed("what is written down of a copy is unreadable".to_owned());
    Ok(Some(Marks { ledger, token, stage: stage.ok_or_else(unreadable)? }))
}

/// Writes down that a copy begins, and forgets an earlier one.
pub(super) fn begin(db: &mut dyn Db, ledger: &str, token: &str) -> Result<(), StoreError> {
    db.run("CREATE TABLE IF NOT EXISTS copy_progress (name TEXT PRIMARY KEY, value TEXT NOT NULL)", &[])?;
    db.run("DELETE FROM copy_progress", &[])?;
    set(db, LEDGER, ledger)?;
    set(db, TOKEN, token)?;
    set_stage(db, Stage::Copying)
}

/// Writes down how far it has come.
pub(super) fn set_stage(db: &mut dyn Db, stage: Stage) -> Result<(), StoreError> {
    set(db, STAGE, stage.as_str())
}

/// Forgets the token: the ledger is used again, and a copy of it must begin anew.
pub(super) fn forget_token(db: &mut dyn Db) -> Result<(), StoreError> {
    db.run("DELETE FROM copy_progress WHERE name = ?1", &[TOKEN.into()]).map(drop)
}

/// Writes a value down.
pub(super) fn set(db: &mut dyn Db, name: &str, value: &str) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO copy_progress (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
        &[name.into(), value.into()],
    )
    .map(drop)
}

/// A value that was written down.
pub(super) fn value(db: &mut dyn Db, name: &str) -> Result<Option<String>, StoreError> {
    let row = db.row("SELECT value FROM copy_progress WHERE name = ?1", &[name.into()])?;
    row.map(|mut row| row.text("value")).transpose()
}

fn is_there(db: &mut dyn Db) -> Result<bool, StoreError> {
    let sql = match db.engine() {
        Engine::Sqlite => {
            "SELECT COUNT(*) > 0 AS there FROM sqlite_master WHERE type = 'table' AND name = 'copy_progress'"
        }
        Engine::Postgres => "SELECT to_regclass('copy_progress') IS NOT NULL AS there",
    };
    let row = db.row(sql, &[])?;
    row.map(|mut row| row.bool("there")).transpose().map(Option::unwrap_or_default)
}
