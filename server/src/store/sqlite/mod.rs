//! SQLite: one thread writes in groups, a few connections read, a lock file keeps a second process out.

mod connection;
mod lock;
mod readers;
mod schema;
mod whole;
mod writer;

pub(super) use self::whole::{open_to_empty, open_to_read};

use std::path::Path;
use std::sync::Arc;

use self::connection::Borrowed;
use self::lock::Lock;
use self::readers::Readers;
use self::writer::Writer;
use super::db::Db;
use super::job::Job;
use super::{StoreError, copy};

/// A ledger in a file of this machine.
#[derive(Clone)]
pub(super) struct Sqlite {
    writer: Writer,
    readers: Arc<Readers>,
    lock: Arc<Lock>,
}

impl Sqlite {
    /// Opens the file, made when missing, and brings its schema up to date.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let lock = Lock::take(path)?;
        let connection = schema::open_writer(path)?;
        copy::use_again(&mut Borrowed(&connection))?;
        let writer = Writer::start(connection)?;
        Ok(Self { writer, readers: Arc::new(Readers::new(path)), lock: Arc::new(lock) })
    }

    /// Tells processes that come later where the signer is.
    pub(super) fn announce(&self, address: &str) {
        self.lock.announce(address);
    }

    pub(super) fn write(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        self.writer.write(job)
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut dyn Db) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = Arc::clone(&self.readers);
        let task = tokio::task::spawn_blocking(move || readers.with(work));
        task.await.map_err(|e| StoreError::Failed(e.to_string()))?
    }
}
