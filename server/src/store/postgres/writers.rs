//! The writer threads: each takes what is waiting, runs it in one transaction, commits, and only then lets anybody know.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;

use super::connection::{Open, Opener};
use crate::store::StoreError;
use crate::store::job::Job;

/// As many jobs as one commit carries at the most. Their rows are locked until it is done.
const GROUP_MAX: usize = 32;
/// As many jobs as may wait.
const QUEUE_MAX: usize = 4096;
/// Before a job that was interrupted is run again.
const PAUSES_MS: [u64; 5] = [0, 10, 50, 250, 1000];

/// A way to the writer threads.
#[derive(Clone)]
pub(super) struct Writers {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

impl Writers {
    /// Starts the threads. They end when the last `Writers` is gone.
    pub(super) fn start(opener: &Opener, threads: usize) -> Result<Self, StoreError> {
        let (jobs, waiting) = mpsc::channel(QUEUE_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..threads {
            let (mut writer, waiting) =
                (Writer { opener: opener.clone(), connection: None }, Arc::clone(&waiting));
            std::thread::Builder::new()
                .name("ledger".to_owned())
                .spawn(move || writer.run(&waiting))
                .map_err(|e| StoreError::Failed(e.to_string()))?;
        }
        Ok(Self { jobs })
    }

    /// Lets a thread run a job.
    pub(super) fn write(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        self.jobs.try_send(job).map_err(|_| StoreError::Busy)
    }
}

struct Writer {
    opener: Opener,
    connection: Option<Open>,
}

impl Writer {
    fn run(&mut self, waiting: &Mutex<mpsc::Receiver<Box<dyn Job>>>) {
        let mut group = Vec::with_capacity(GROUP_MAX);
        loop {
            // Whoever waits holds the queue; the others wait for it, which comes to the same.
            let taken = waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .blocking_recv_many(&mut group, GROUP_MAX);
            if taken == 0 {
                return;
            }
            // Two groups that lock the same rows lock them in the same order.
            group.sort_by(|one, other| one.key().cmp(other.key()));
            self.run_group(std::mem::take(&mut group));
        }
    }

    /// All in one transaction; where one of them fails, each in a transaction of its own.
    fn run_group(&mut self, mut group: Vec<Box<dyn Job>>) {
        if group.len() > 1 {
            match self.attempt(&mut group) {
                Ok(committed) => {
                    group.into_iter().for_each(|job| job.finish(committed.clone()));
                    return;
                }
                Err(error) => tracing::debug!(%error, "a group is taken apart"),
            }
        }
        for job in group {
            self.run_alone(job);
        }
    }

    fn run_alone(&mut self, job: Box<dyn Job>) {
        let mut one = [job];
        let mut outcome = Err(StoreError::Interrupted("it was not begun".to_owned()));
        for pause_ms in PAUSES_MS {
            std::thread::sleep(Duration::from_millis(pause_ms));
            outcome = self.attempt(&mut one);
            if !matches!(outcome, Err(StoreError::Interrupted(_))) {
                break;
            }
        }
        let [job] = one;
        job.finish(outcome.and_then(|committed| committed));
    }

    /// Runs jobs in one transaction. The outer error: nothing was kept. The inner one: that is not known.
    fn attempt(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<Result<(), StoreError>, StoreError> {
        // A connection on which anything went wrong is not used again.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.opener.open()?,
        };
        connection.batch("BEGIN ISOLATION LEVEL READ COMMITTED")?;
        for job in jobs {
            if let Err(error) = job.run(&mut connection) {
                if connection.batch("ROLLBACK").is_ok() {
                    self.connection = Some(connection);
                }
                return Err(error);
            }
        }
        let committed = connection.batch("COMMIT");
        match committed {
            Ok(()) => {
                self.connection = Some(connection);
                Ok(Ok(()))
            }
            // Whether it is on the disk nobody can say now; whoever asked must ask again.
            Err(error) => Ok(Err(StoreError::Failed(format!("the commit was not answered: {error}")))),
        }
    }
}
