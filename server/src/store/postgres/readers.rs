//! Connections that only read, beside the ones that write.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::connection::{Open, Opener};
use crate::store::StoreError;
use crate::store::db::Db;

/// As long as somebody may wait for a connection: whoever asked is told rather than left to wait.
const PATIENCE: Duration = Duration::from_secs(5);

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
        let place = tokio::time::timeout(PATIENCE, Arc::clone(&readers.places).acquire_owned()).await;
        let place = place.map_err(|_| StoreError::Busy)?.map_err(|e| gone(&e))?;
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
        connection.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        let result = work(&mut connection);
        // What was read was read; and an error that is on its way says more than one of ending.
        if connection.batch("COMMIT").is_err() {
            return result;
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }
}
