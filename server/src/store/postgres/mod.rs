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
use super::StoreError;
use super::db::Db;
use super::job::Job;

/// A ledger on a database server.
#[derive(Clone)]
pub(super) struct Postgres {
    writers: Writers,
    readers: Arc<Readers>,
}

impl Postgres {
    /// Connects, and brings the schema up to date.
    pub(super) async fn open(url: &str, connections: usize) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| StoreError::Failed("store.url is not an address of PostgreSQL".to_owned()))?;
        let opener = Opener::new(options, Handle::current());
        let migrating = opener.clone();
        let migrated = tokio::task::spawn_blocking(move || schema::migrate(&mut migrating.open()?));
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
