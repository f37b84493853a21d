//! PostgreSQL: several instances share one ledger. A few threads write in groups, a few connections read.

mod connection;
mod readers;
mod schema;
mod writers;

use std::str::FromStr as _;
use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use tokio::runtime::Handle;

use self::connection::Opener;
use self::readers::Readers;
use self::writers::Writers;
use super::db::Db;
use super::job::Job;
use super::{StoreError, copy};

/// A ledger on a database server.
#[derive(Clone)]
pub(super) struct Postgres {
    writers: Writers,
    readers: Arc<Readers>,
}

impl Postgres {
    /// Connects, and brings the schema up to date.
    pub(super) async fn open(url: &str, connections: usize) -> Result<Self, StoreError> {
        let opener = Opener::new(options(url)?, Handle::current());
        let migrating = opener.clone();
        let migrated = tokio::task::spawn_blocking(move || {
            let mut connection = migrating.open_long()?;
            schema::migrate(&mut connection)?;
            copy::refuse_unfinished(&mut connection)
        });
        migrated.await.map_err(|e| StoreError::Failed(e.to_string()))??;
        let writing = (connections / 2).max(1);
        let writers = Writers::start(&opener, writing)?;
        let readers = Arc::new(Readers::new(opener, (connections - writing).max(1)));
        Ok(Self { writers, readers })
    }

    pub(super) fn write(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        self.writers.write(job)
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut dyn Db) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        Readers::read(&self.readers, work).await
    }
}

/// Opens the ledger at `url` for a command that copies another one there, and brings its schema up to date.
pub(super) fn open_to_fill(url: &str, runtime: &Handle) -> Result<Box<dyn Db>, StoreError> {
    let mut connection = Opener::new(options(url)?, runtime.clone()).open_long()?;
    schema::migrate(&mut connection)?;
    Ok(Box::new(connection))
}

/// Opens the ledger at `url` for a command that only reads it, as it is at this moment.
pub(super) fn open_to_read(url: &str, runtime: &Handle) -> Result<Box<dyn Db>, StoreError> {
    let mut connection = Opener::new(options(url)?, runtime.clone()).open_long()?;
    connection.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    schema::check(&mut connection)?;
    copy::refuse_unfinished(&mut connection)?;
    Ok(Box::new(connection))
}

/// The address may hold a password, so the error does not show it.
fn options(url: &str) -> Result<PgConnectOptions, StoreError> {
    let bad = |_| StoreError::Unusable("this is not an address of PostgreSQL (postgres://…)".to_owned());
    PgConnectOptions::from_str(url).map_err(bad)
}
