//! The writer thread: takes what is waiting, runs each job in a savepoint of one transaction, commits once, and only
//! then lets anybody know.

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::connection::Borrowed;
use crate::store::StoreError;
use crate::store::job::Job;

/// As many jobs as one commit carries at the most.
const GROUP_MAX: usize = 256;
/// As many jobs as may wait.
const QUEUE_MAX: usize = 4096;

/// A way to the writer thread.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

impl Writer {
    /// Starts the thread. It ends when the last `Writer` is gone.
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (jobs, waiting) = mpsc::channel(QUEUE_MAX);
        std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || run(&connection, waiting))
            .map_err(|e| StoreError::Failed(e.to_string()))?;
        Ok(Self { jobs })
    }

    /// Lets the thread run a job.
    pub(super) fn write(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        self.jobs.try_send(job).map_err(|_| StoreError::Busy)
    }
}

fn run(connection: &Connection, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
    let mut group = Vec::with_capacity(GROUP_MAX);
    while waiting.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
        let committed = run_group(connection, &mut group);
        for job in group.drain(..) {
            job.finish(committed.clone());
        }
        match committed {
            Ok(()) => {}
            Err(error @ (StoreError::Unwritable(_) | StoreError::Interrupted(_))) => {
                tracing::error!(%error, "nothing of this was kept");
            }
            Err(error) => {
                // What is on the disk is uncertain now. Every caller was told of a failure; going on could acknowledge
                // something that a later failure takes back.
                tracing::error!(%error, "the ledger could not commit; stopping");
                std::process::exit(70);
            }
        }
    }
}

/// Runs a group in one transaction. An error means that nothing of it was kept.
fn run_group(connection: &Connection, group: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let outcome = begin_and_commit(connection, group);
    if !connection.is_autocommit() {
        // A commit that was refused leaves its transaction open.
        connection.execute_batch("ROLLBACK")?;
    }
    outcome
}

fn begin_and_commit(connection: &Connection, group: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for job in group {
        in_savepoint(connection, &mut **job)?;
    }
    connection.execute_batch("COMMIT").map_err(StoreError::from)
}

/// A job that fails leaves nothing behind, and the others as they are. An error is one of the whole transaction.
fn in_savepoint(connection: &Connection, job: &mut dyn Job) -> Result<(), StoreError> {
    connection.execute_batch("SAVEPOINT job")?;
    let result = job.run(&mut Borrowed(connection));
    if connection.is_autocommit() {
        // Some failures take the whole transaction back, not only their statement.
        return Err(result
            .err()
            .unwrap_or_else(|| StoreError::Failed("the transaction ended by itself".to_owned())));
    }
    let end = if result.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    connection.execute_batch(end).map_err(StoreError::from)
}
