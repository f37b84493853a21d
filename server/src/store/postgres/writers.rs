//! The writer threads: each takes what is waiting, runs it in one transaction, commits, and only then lets anybody know.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::connection::{Open, Opener};
use crate::store::StoreError;
use crate::store::job::Job;
use crate::telemetry::Seldom;

/// As many jobs as one commit carries at the most. Their rows are locked until it is done.
const GROUP_MAX: usize = 32;
/// As many jobs as may wait.
const QUEUE_MAX: usize = 4096;
/// As long as a job may wait before it is begun, or begun again: whoever asked is told rather than left to wait.
const PATIENCE: Duration = Duration::from_secs(5);
/// Before a job that was interrupted is run again.
const PAUSES_MS: [u64; 5] = [0, 10, 50, 250, 1000];

/// A job, and when it came.
struct Waiting {
    job: Box<dyn Job>,
    since: Instant,
}

impl Waiting {
    fn is_late(&self) -> bool {
        self.since.elapsed() > PATIENCE
    }
}

/// What came of running jobs. The outer error: nothing was kept. The inner one: whether it was is not known.
type Outcome = Result<Result<(), StoreError>, StoreError>;

/// A way to the writer threads.
#[derive(Clone)]
pub(super) struct Writers {
    jobs: mpsc::Sender<Waiting>,
}

impl Writers {
    /// Starts the threads. They end when the last `Writers` is gone.
    pub(super) fn start(opener: &Opener, threads: usize) -> Result<Self, StoreError> {
        let (jobs, waiting) = mpsc::channel(QUEUE_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        let told = Arc::new(Seldom::new());
        for _ in 0..threads {
            let (opener, told) = (opener.clone(), Arc::clone(&told));
            let mut writer = Writer { opener, connection: None, is_down: false, told };
            let waiting = Arc::clone(&waiting);
            std::thread::Builder::new()
                .name("ledger".to_owned())
                .spawn(move || writer.run(&waiting))
                .map_err(|e| StoreError::Failed(e.to_string()))?;
        }
        Ok(Self { jobs })
    }

    /// Lets a thread run a job.
    pub(super) fn write(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        self.jobs.try_send(Waiting { job, since: Instant::now() }).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Closed(_) => StoreError::Failed("the writers are gone".to_owned()),
        })
    }
}

struct Writer {
    opener: Opener,
    connection: Option<Open>,
    /// Whether the last connection could not be had.
    is_down: bool,
    told: Arc<Seldom>,
}

impl Writer {
    fn run(&mut self, waiting: &Mutex<mpsc::Receiver<Waiting>>) {
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
            group.sort_by(|one, other| one.job.key().cmp(other.job.key()));
            let group = std::mem::take(&mut group);
            // A fault in one group must not take the thread with it. Its callers see that nobody answers any more.
            if catch_unwind(AssertUnwindSafe(|| self.run_group(group))).is_err() {
                tracing::error!("a fault of the signer: a group of jobs broke off");
                self.connection = None;
            }
        }
    }

    /// All in one transaction; where one of them fails, each in a transaction of its own.
    fn run_group(&mut self, group: Vec<Waiting>) {
        let (late, mut group): (Vec<_>, Vec<_>) = group.into_iter().partition(Waiting::is_late);
        let too_long = || StoreError::Interrupted("it had to wait too long".to_owned());
        late.into_iter().for_each(|waiting| waiting.job.finish(Err(too_long())));
        match self.run_patiently(&mut group) {
            Err(error) if group.len() > 1 && !matches!(error, StoreError::Unreachable(_)) => {
                tracing::debug!(%error, "a group is taken apart");
                group.into_iter().for_each(|waiting| self.run_group(vec![waiting]));
            }
            outcome => {
                let committed = outcome.and_then(|committed| committed);
                self.tell(&committed);
                group.into_iter().for_each(|waiting| waiting.job.finish(committed.clone()));
            }
        }
    }

    /// Runs jobs again as long as that may help: one that was interrupted, or all of them when there was no connection.
    fn run_patiently(&mut self, group: &mut [Waiting]) -> Outcome {
        let mut outcome = Ok(Ok(()));
        if group.is_empty() {
            return outcome;
        }
        for pause_ms in PAUSES_MS {
            std::thread::sleep(Duration::from_millis(pause_ms));
            let was_down = self.is_down;
            outcome = self.attempt(group);
            let again = match &outcome {
                // Where it was not there before, one look is enough: others are waiting, too.
                Err(StoreError::Unreachable(_)) => !was_down,
                Err(StoreError::Interrupted(_)) => group.len() == 1,
                _ => false,
            };
            if !again || group.iter().any(Waiting::is_late) {
                break;
            }
        }
        self.is_down = matches!(outcome, Err(StoreError::Unreachable(_)));
        outcome
    }

    /// Runs jobs in one transaction.
    fn attempt(&mut self, group: &mut [Waiting]) -> Outcome {
        // A connection on which anything went wrong is not used again.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.opener.open()?,
        };
        connection.begin("BEGIN ISOLATION LEVEL READ COMMITTED")?;
        let run = group.iter_mut().try_for_each(|waiting| waiting.job.run(&mut connection));
        // A job that went on after a failure: the server would take everything back, and call that a commit.
        let swallowed = || StoreError::Failed("a job went on after a statement that failed".to_owned());
        let run = if connection.has_failed() { run.and_then(|()| Err(swallowed())) } else { run };
        if let Err(error) = run {
            if connection.batch("ROLLBACK").is_ok() {
                self.connection = Some(connection);
            }
            return Err(error);
        }
        match connection.batch("COMMIT") {
            Ok(()) => {
                self.connection = Some(connection);
                Ok(Ok(()))
            }
            // Whether it is on the disk nobody can say now; whoever asked must ask again.
            Err(error) => Ok(Err(StoreError::Failed(format!("the commit was not answered: {error}")))),
        }
    }

    fn tell(&self, committed: &Result<(), StoreError>) {
        let Err(error) = committed else { return };
        let trouble = matches!(error, StoreError::Unreachable(_) | StoreError::Unwritable(_));
        if trouble && self.told.is_due() {
            tracing::error!(%error, "nothing can be changed until the ledger can be written again");
        }
    }
}
