//! The database behind a ledger, chosen by the address.

use super::StoreError;
use super::db::Db;
use super::job::Task;
use super::postgres::Postgres;
use super::sqlite::Sqlite;

/// One of the two databases.
#[derive(Clone)]
pub(super) enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Database {
    /// Opens the one that `url` names and brings its schema up to date.
    pub(super) async fn open(url: &str, connections: usize) -> Result<Self, StoreError> {
        match url.strip_prefix("sqlite:") {
            Some(path) => Sqlite::open(path.as_ref()).map(Self::Sqlite),
            None => Postgres::open(url, connections).await.map(Self::Postgres),
        }
    }

    /// Runs `work` in a transaction. The answer comes after the commit; an error leaves nothing behind. `work` may run
    /// more than once; `key` names what it changes.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        key: String,
        work: impl Fn(&mut dyn Db) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        #[cfg(test)]
        crate::trials::death::point("before a write").await;
        let (job, answered) = Task::job(key, work);
        match self {
            Self::Sqlite(sqlite) => sqlite.write(job)?,
            Self::Postgres(postgres) => postgres.write(job)?,
        }
        let answer = answered.await.map_err(|_| StoreError::Failed("the writer is gone".to_owned()))?;
        #[cfg(test)]
        crate::trials::death::point("after a commit").await;
        answer
    }

    /// Runs `work`, which only reads.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut dyn Db) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        #[cfg(test)]
        crate::trials::death::point("before a read").await;
        match self {
            Self::Sqlite(sqlite) => sqlite.read(work).await,
            Self::Postgres(postgres) => postgres.read(work).await,
        }
    }
}
