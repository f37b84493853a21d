//! Opening the database, and its migrations.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::store::StoreError;

/// In order; a database remembers how many it has in `user_version`.
const MIGRATIONS: [&str; 4] = [
    include_str!("../../../migrations/sqlite/0001_ledger.sql"),
    include_str!("../../../migrations/sqlite/0002_payers_and_refunds.sql"),
    include_str!("../../../migrations/sqlite/0003_many_hands.sql"),
    include_str!("../../../migrations/sqlite/0004_webhook_endpoint.sql"),
];

/// How long a connection waits for another one of this process.
const BUSY: Duration = Duration::from_secs(5);

/// Opens the connection that writes: WAL, and every commit is on the disk before it returns.
pub(super) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let open = || -> Result<Connection, StoreError> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
        // Else a statement that takes much back would need a folder for temporary files.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(64);
        empty_the_log(&connection)?;
        migrate(&connection)?;
        Ok(connection)
    };
    open().map_err(|error| named(path, error))
}

/// Moves what is in the write-ahead log into the database. Where the process before this one ended because a sync failed,
/// the log can be read but may never get to the disk, and what is written behind it would be lost with it.
fn empty_the_log(connection: &Connection) -> Result<(), StoreError> {
    let blocked: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if blocked {
        tracing::warn!("another program is reading the ledger: its log is emptied later");
    }
    Ok(())
}

/// Opens a connection that only reads.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

/// Opens a connection that only reads a ledger which is there and whose schema this program knows, whoever else has it.
pub(super) fn open_known(path: &Path) -> Result<Connection, StoreError> {
    let unusable = |reason: &str| StoreError::Unusable(format!("{}: {reason}", path.display()));
    if !path.exists() {
        return Err(unusable("there is no ledger"));
    }
    let open = || -> Result<(Connection, i64), StoreError> {
        let connection = open_reader(path)?;
        let found = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        Ok((connection, found))
    };
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    match open().map_err(|error| named(path, error))? {
        (connection, found) if found == known => Ok(connection),
        (_, 0) => Err(unusable("this is no ledger")),
        (_, found) => Err(named(path, StoreError::other_schema(found, known))),
    }
}

fn named(path: &Path, error: StoreError) -> StoreError {
    match error {
        StoreError::Unwritable(why) => StoreError::Unwritable(format!("{}: {why}", path.display())),
        StoreError::Failed(why) => StoreError::Failed(format!("{}: {why}", path.display())),
        StoreError::Unusable(why) => StoreError::Unusable(format!("{}: {why}", path.display())),
        other => StoreError::Failed(format!("{}: {other}", path.display())),
    }
}

fn migrate(connection: &Connection) -> Result<(), StoreError> {
    let done: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let done = usize::try_from(done).unwrap_or(usize::MAX);
    if done > MIGRATIONS.len() {
        let reason = format!("the database has schema {done}, this program knows {}", MIGRATIONS.len());
        return Err(StoreError::Failed(reason));
    }
    for (i, migration) in MIGRATIONS.iter().enumerate().skip(done) {
        let version = i + 1;
        connection.execute_batch(&format!("BEGIN; {migration} PRAGMA user_version = {version}; COMMIT;"))?;
    }
    Ok(())
}
