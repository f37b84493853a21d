//! A ledger file for a command that goes through all of it.

use std::path::Path;

use rusqlite::Connection;

use super::connection::Borrowed;
use super::lock::Lock;
use super::schema;
use crate::store::StoreError;
use crate::store::db::{Db, Engine, Row, Value};

/// A connection of one command.
struct Whole {
    connection: Connection,
    /// Keeps signers out, where nobody else may change it.
    _lock: Option<Lock>,
}

/// Opens a ledger that is to be copied somewhere else: no signer may run on it, and its schema is brought up to date.
pub(in crate::store) fn open_to_empty(path: &Path) -> Result<Box<dyn Db>, StoreError> {
    // Taking the lock would make the file.
    if !path.exists() {
        return Err(StoreError::Unusable(format!("{}: there is no ledger", path.display())));
    }
    let lock = Lock::take(path)?;
    Ok(Box::new(Whole { connection: schema::open_writer(path)?, _lock: Some(lock) }))
}

/// Opens a ledger that is only read, as it is at this moment, whoever else has it.
pub(in crate::store) fn open_to_read(path: &Path) -> Result<Box<dyn Db>, StoreError> {
    let connection = schema::open_known(path)?;
    connection.execute_batch("BEGIN")?;
    Ok(Box::new(Whole { connection, _lock: None }))
}

impl Db for Whole {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    fn run(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        Borrowed(&self.connection).run(sql, values)
    }

    fn rows(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        Borrowed(&self.connection).rows(sql, values)
    }

    fn each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        take: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        Borrowed(&self.connection).each(sql, values, take)
    }
}
