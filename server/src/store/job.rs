//! Work for a writer: run in a transaction, perhaps more than once, and answered when that is durable.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::StoreError;
use super::db::Db;

/// One piece of work. It must be fit to run again: only the last run before the commit counts.
pub(super) trait Job: Send {
    /// What it changes: jobs of one group run in the order of their keys, so that two groups that lock the same rows
    /// lock them in the same order.
    fn key(&self) -> &str;

    /// Runs it and keeps what came of it.
    fn run(&mut self, db: &mut dyn Db) -> Result<(), StoreError>;

    /// Tells whoever waits.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

/// A job from a function.
pub(super) struct Task<T, F> {
    key: String,
    work: F,
    result: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Task<T, F>
where
    T: Send + 'static,
    F: Fn(&mut dyn Db) -> Result<T, StoreError> + Send + 'static,
{
    /// A job, and where its answer comes.
    pub(super) fn job(key: String, work: F) -> (Box<dyn Job>, oneshot::Receiver<Result<T, StoreError>>) {
        let (answer, answered) = oneshot::channel();
        (Box::new(Self { key, work, result: None, answer }), answered)
    }
}

impl<T, F> Job for Task<T, F>
where
    T: Send + 'static,
    F: Fn(&mut dyn Db) -> Result<T, StoreError> + Send + 'static,
{
    fn key(&self) -> &str {
        &self.key
    }

    fn run(&mut self, db: &mut dyn Db) -> Result<(), StoreError> {
        // A fault in one job must not take the thread with it that all of them need. What it had begun is taken back.
        let broke_off = |_| Err(StoreError::Failed("a fault of the signer: a job broke off".to_owned()));
        let result = catch_unwind(AssertUnwindSafe(|| (self.work)(db))).unwrap_or_else(broke_off);
        let outcome = result.as_ref().map(drop).map_err(Clone::clone);
        self.result = Some(result);
        outcome
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        let Self { result, answer, .. } = *self;
        let not_run = || Err(StoreError::Interrupted("it was not begun".to_owned()));
        // Nobody waits any more when the caller went away; what was written stays.
        let _ = answer.send(committed.and_then(|()| result.unwrap_or_else(not_run)));
    }
}
