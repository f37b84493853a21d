//! Connections that only read, beside the one that writes.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::connection::Borrowed;
use super::schema;
use crate::store::StoreError;
use crate::store::db::Db;

/// Connections that are kept.
const IDLE_MAX: usize = 4;

/// Opened when needed, kept for the next.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::default() }
    }

    pub(super) fn with<T>(
        &self,
        work: impl Fn(&mut dyn Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let connection = match taken {
            Some(connection) => connection,
            None => schema::open_reader(&self.path)?,
        };
        let result = in_one_view(&connection, work);
        let mut idle = idle();
        if idle.len() < IDLE_MAX {
            idle.push(connection);
        }
        result
    }
}

/// Several statements see the ledger at one moment.
fn in_one_view<T>(
    connection: &Connection,
    work: impl Fn(&mut dyn Db) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let view = connection.unchecked_transaction()?;
    let result = work(&mut Borrowed(connection));
    view.finish()?;
    result
}
