//! Connections that only read, beside the ones that write.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::connection::{Open, Opener};
use crate::store::StoreError;
use crate::store::db::Db;

/// Opened when needed, kept for the next.
pub(super) struct Readers {
    opener: Opener,
    idle: Mutex<Vec<Open>>,
    places: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(opener: Opener, connections: usize) -> Self {
        Self { opener, idle: Mutex::default(), places: Arc::new(Semaphore::new(connections)) }
    }

    /// Reads on a thread that may wait; once more on a fresh connection when the one it had was lost.
    pub(super) async fn read<T: Send + 'static>(
        readers: &Arc<Self>,
        work: impl Fn(&mut dyn Db) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let gone = |error: &dyn std::error::Error| StoreError::Failed(error.to_string());
        let place = Arc::clone(&readers.places).acquire_owned().await.map_err(|e| gone(&e))?;
        let readers = Arc::clone(readers);
        let task = tokio::task::spawn_blocking(move || {
            let _place = place;
            let idle = readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            if let Some(connection) = idle {
                match readers.with(connection, &work) {
                    Err(StoreError::Interrupted(_)) => {}
                    outcome => return outcome,
                }
            }
            readers.with(readers.opener.open()?, &work)
        });
        task.await.map_err(|e| gone(&e))?
    }

    fn with<T>(
        &self,
        mut connection: Open,
        work: &impl Fn(&mut dyn Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // Several statements see the ledger at one moment.
        connection.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        let result = work(&mut connection);
        connection.batch("COMMIT")?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }
}
