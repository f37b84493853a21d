//! The writer thread: takes what is waiting, runs each job in a savepoint of one transaction, commits once, and only
//! then lets anybody know.

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::store::StoreError;

/// As many jobs as one commit carries at the most.
const GROUP_MAX: usize = 256;
/// As many jobs as may wait.
const QUEUE_MAX: usize = 4096;

type Finish = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type Job = Box<dyn FnOnce(&Connection) -> Finish + Send>;

/// A way to the writer thread.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
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

    /// Runs `job` in a transaction. The answer comes after the commit; an error leaves nothing behind.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let result = in_savepoint(connection, job);
            Box::new(move |committed| {
                // Nobody waits any more when the caller went away; what was written stays.
                let _ = answer.send(committed.and(result));
            })
        });
        self.jobs.try_send(job).map_err(|_| StoreError::Busy)?;
        answered.await.map_err(|_| StoreError::Failed("the writer is gone".to_owned()))?
    }
}

fn in_savepoint<T>(
    connection: &Connection,
    job: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.execute_batch("SAVEPOINT job")?;
    let result = job(connection);
    let end = if result.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    connection.execute_batch(end)?;
    result
}

fn run(connection: &Connection, mut waiting: mpsc::Receiver<Job>) {
    let mut group: Vec<Job> = Vec::with_capacity(GROUP_MAX);
    while waiting.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
        if let Err(error) = commit(connection, group.drain(..)) {
            // What is on the disk is uncertain now. Every caller was told of a failure; going on could acknowledge
            // something that a later failure takes back.
            tracing::error!(%error, "the ledger could not commit; stopping");
            std::process::exit(70);
        }
    }
}

fn commit(connection: &Connection, group: impl Iterator<Item = Job>) -> Result<(), StoreError> {
    if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
        let error = StoreError::from(error);
        for job in group {
            drop(job);
        }
        return Err(error);
    }
    let finishes: Vec<Finish> = group.map(|job| job(connection)).collect();
    let committed = connection.execute_batch("COMMIT").map_err(StoreError::from);
    for finish in finishes {
        finish(committed.clone());
    }
    committed
}
