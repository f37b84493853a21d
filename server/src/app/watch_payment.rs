//! Waiting for a payment to change.

use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};

use super::{App, AppError};
use crate::store::Record;

/// How often a waiter looks at a ledger that other instances write, too.
const LOOK_EVERY: Duration = Duration::from_secs(1);

impl App {
    /// The payment as soon as its revision is beyond `after_revision`; unchanged when `wait` is over.
    pub(crate) async fn watch_payment(
        &self,
        record: Record,
        after_revision: i64,
        wait: Duration,
    ) -> Result<Record, AppError> {
        let until = Instant::now() + wait;
        let changes = self.0.changes.listen();
        let mut latest = self.store().payment(&record.id).await?.ok_or(AppError::NotFound)?;
        let Some(mut changes) = changes else { return Ok(latest) };
        while latest.revision <= after_revision {
            // Nobody tells of what another instance changes: where there may be one, this looks for itself.
            let look_at =
                if self.0.parts.shared_ledger { until.min(Instant::now() + LOOK_EVERY) } else { until };
            match timeout_at(look_at, changes.recv()).await {
                Ok(Ok(changed)) if changed != latest.id => continue,
                // Changed, or so much happened that a change may have been missed.
                Ok(Ok(_) | Err(RecvError::Lagged(_))) => {}
                Ok(Err(RecvError::Closed)) => return Ok(latest),
                Err(_) if Instant::now() >= until => return Ok(latest),
                Err(_) => {}
            }
            latest = self.store().payment(&record.id).await?.ok_or(AppError::NotFound)?;
        }
        Ok(latest)
    }

    /// Answers everyone who waits for a change, and lets nobody wait from now on: the process is about to end.
    pub(crate) fn stop_watching(&self) {
        self.0.changes.close();
    }
}
