//! The writer thread: takes what is waiting, runs each job in a savepoint of one transaction, commits once, and only
//! then lets anybody know.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::Connection;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::connection::Borrowed;
use crate::store::StoreError;
use crate::store::job::Job;
use crate::telemetry::{Seldom, stop_at_once};

/// As many jobs as one commit carries at the most.
const GROUP_MAX: usize = 256;
/// As many jobs as may wait.
const QUEUE_MAX: usize = 4096;
/// The exit code when it is not certain any more what is on the disk.
const UNCERTAIN: i32 = 70;

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
            .spawn(move || {
                let mut thread = Thread { connection, writable: true, told: Seldom::new() };
                if catch_unwind(AssertUnwindSafe(|| thread.run(waiting))).is_err() {
                    stop_at_once(
                        "a fault of the signer: the thread that writes the ledger broke off",
                        UNCERTAIN,
                    );
                }
            })
            .map_err(|e| StoreError::Failed(e.to_string()))?;
        Ok(Self { jobs })
    }

    /// Lets the thread run a job.
    pub(super) fn write(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Closed(_) => StoreError::Failed("the writer is gone".to_owned()),
        })
    }
}

struct Thread {
    connection: Connection,
    /// Whether the last commit went through.
    writable: bool,
    told: Seldom,
}

impl Thread {
    fn run(&mut self, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
        let mut group = Vec::with_capacity(GROUP_MAX);
        while waiting.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
            let before = self.connection.total_changes();
            let committed = run_group(&self.connection, &mut group);
            self.judge(&committed, self.connection.total_changes() > before);
            for job in group.drain(..) {
                job.finish(committed.clone());
            }
        }
    }

    /// Ends the process when it is uncertain now what is on the disk: to go on could acknowledge something that is lost
    /// later. Whoever waits for an answer gets none.
    fn judge(&mut self, committed: &Result<(), StoreError>, has_changes: bool) {
        match committed {
            // Where nothing was changed, nothing had to be written.
            Ok(()) if self.writable || !has_changes => {}
            Ok(()) => {
                tracing::warn!("the ledger can be written again");
                self.writable = true;
            }
            Err(error @ (StoreError::Unwritable(_) | StoreError::Interrupted(_))) => {
                self.writable = false;
                if self.told.is_due() {
                    let ledger = self.connection.path();
                    tracing::error!(ledger, %error, "nothing can be changed until the ledger can be written again");
                }
            }
            Err(error) => {
                let advice = "stopped, so that nothing is acknowledged that may be lost; see to the disk, then start again";
                stop_at_once(&format!("a commit failed: {error}: {advice}"), UNCERTAIN);
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
