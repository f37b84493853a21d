//! Migrations, under a lock: of many instances that start at once, one makes the tables and the others wait.

use super::connection::Open;
use crate::store::StoreError;
use crate::store::db::Db;

/// In order; a database remembers how many it has in `schema_version`.
const MIGRATIONS: [&str; 4] = [
    include_str!("../../../migrations/postgres/0001_ledger.sql"),
    include_str!("../../../migrations/postgres/0002_payers_and_refunds.sql"),
    include_str!("../../../migrations/postgres/0003_many_hands.sql"),
    include_str!("../../../migrations/postgres/0004_webhook_endpoint.sql"),
];

/// Brings the schema up to date, all or nothing.
pub(super) fn migrate(connection: &mut Open) -> Result<(), StoreError> {
    connection.batch("BEGIN")?;
    let outcome = migrate_under_lock(connection);
    // An error that is on its way says more than one of taking back.
    let ended = connection.batch(if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" });
    outcome.and(ended)
}

/// Checks that this program knows the schema, and changes nothing.
pub(super) fn check(db: &mut dyn Db) -> Result<(), StoreError> {
    let there = db.row("SELECT to_regclass('schema_version') IS NOT NULL AS there", &[])?;
    if !there.map(|mut row| row.bool("there")).transpose()?.unwrap_or(false) {
        let reason = "there is no ledger at this address: no signer has started on it yet";
        return Err(StoreError::Unusable(reason.to_owned()));
    }
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found = db.row("SELECT COALESCE(MAX(version), 0) AS version FROM schema_version", &[])?;
    match found.map(|mut row| row.int("version")).transpose()?.unwrap_or(0) {
        found if found == known => Ok(()),
        found => Err(StoreError::other_schema(found, known)),
    }
}

fn migrate_under_lock(connection: &mut Open) -> Result<(), StoreError> {
    let db: &mut dyn Db = connection;
    only_utf8(db)?;
    db.hold_name("countersign migrations")?;
    db.run("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)", &[])?;
    let done = db.row("SELECT COALESCE(MAX(version), 0) AS version FROM schema_version", &[])?;
    let done = done.map(|mut row| row.int("version")).transpose()?.unwrap_or(0);
    let done = usize::try_from(done).unwrap_or(usize::MAX);
    if done > MIGRATIONS.len() {
        let reason = format!("the database has schema {done}, this program knows {}", MIGRATIONS.len());
        return Err(StoreError::Failed(reason));
    }
    for (migration, version) in MIGRATIONS.iter().zip(1..).skip(done) {
        connection.batch(migration)?;
        let db: &mut dyn Db = connection;
        let version: i64 = version;
        db.run("INSERT INTO schema_version (version) VALUES (?1)", &[version.into()])?;
    }
    Ok(())
}

/// A database of another encoding cannot hold what payers and merchants write, and would refuse it when it comes.
fn only_utf8(db: &mut dyn Db) -> Result<(), StoreError> {
    let row = db.row("SELECT current_setting('server_encoding') AS encoding", &[])?;
    match row.map(|mut row| row.text("encoding")).transpose()? {
        Some(encoding) if encoding != "UTF8" => {
            Err(StoreError::Failed(format!("the database's encoding is {encoding}; it must be UTF8")))
        }
        _ => Ok(()),
    }
}
