//! Waiting for a payment to change.

use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};

use super::{App, AppError};
use crate::store::Record;

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
            match timeout_at(until, changes.recv()).await {
                Ok(Ok(changed)) if changed != latest.id => continue,
                // Changed, or so much happened that a change may have been missed.
                Ok(Ok(_) | Err(RecvError::Lagged(_))) => {}
                Ok(Err(RecvError::Closed)) | Err(_) => return Ok(latest),
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
