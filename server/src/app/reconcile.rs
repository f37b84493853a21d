//! The worker that keeps asking about payments whose outcome is open.

use std::sync::Arc;
use std::time::Duration;

use countersign_core::PaymentId;
use tokio::sync::{Semaphore, watch};

use super::{App, AppError};
use crate::clock;
use crate::ledger::{Claim, RefundClaim, Source};
use crate::telemetry::Seldom;

/// How often the ledger is looked at for payments that are due.
const TICK: Duration = Duration::from_millis(500);
/// How many gateways are asked at one time.
const AT_ONCE: usize = 16;
/// A payment taken by a worker that died is due again after so many submissions could have been made.
const HOLD_SUBMISSIONS: i64 = 3;

impl App {
    /// Asks about payments that are due, until `stop` turns true.
    pub(crate) async fn reconcile(self, mut stop: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        while !*stop.borrow() {
            let (app, places) = (self.clone(), Arc::clone(&places));
            // In a task of its own: this loop outlives whatever goes wrong in a turn of it.
            if let Err(error) = tokio::spawn(async move { app.check_due(&places).await }).await {
                tracing::error!(%error, "looking for payments that are due broke off");
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    async fn check_due(&self, places: &Arc<Semaphore>) {
        let free = i64::try_from(places.available_permits()).unwrap_or(0);
        let hold_ms = HOLD_SUBMISSIONS * self.0.parts.submit_timeout_ms;
        let due = match self.store().take_due_payments(clock::now_ms(), hold_ms, free).await {
            Ok(due) => due,
            Err(error) => {
                static TOLD: Seldom = Seldom::new();
                if TOLD.is_due() {
                    tracing::error!(%error, "payments that are due could not be taken");
                }
                return;
            }
        };
        for record in due {
            let Ok(place) = Arc::clone(places).acquire_owned().await else { return };
            let app = self.clone();
            self.0.tasks.spawn(async move {
                app.check_in_turn(&record.id).await;
                drop(place);
            });
        }
    }

    /// Checks one payment. One that cannot be checked, because its account is gone or because of a fault of this
    /// program, keeps to the schedule and ends as any other that nobody can tell of.
    async fn check_in_turn(&self, id: &PaymentId) {
        let error = match self.sync_payment(id).await {
            Ok(_) => return,
            // Whoever changed it set its time, too; and a ledger that fails now is asked again after the hold.
            Err(error @ (AppError::MovedOn | AppError::Busy | AppError::Ledger(_))) => {
                tracing::warn!(payment = %id, %error, "a payment is checked later");
                return;
            }
            Err(error) => error,
        };
        tracing::error!(payment = %id, %error, "a payment could not be checked");
        match self.could_not_check(id).await {
            Ok(()) | Err(AppError::MovedOn) => {}
            Err(error) => tracing::error!(payment = %id, %error, "nor put off"),
        }
    }

    async fn could_not_check(&self, id: &PaymentId) -> Result<(), AppError> {
        let record = self.store().payment(id).await?.ok_or(AppError::NotFound)?;
        let now_ms = clock::now_ms();
        let refund = record.live_refund().map(|(terms, _)| terms.number);
        let next_at_ms = match refund {
            Some(_) => self.next_refund_check(&record, now_ms),
            None => self.next_check(&record, now_ms),
        };
        if let (None, Some(number)) = (next_at_ms, refund) {
            let claim = Claim::Refund { number, told: RefundClaim::Unresolved };
            return self.decide(&record, None, Source::Clock, claim).await.map(drop);
        }
        if next_at_ms.is_none() {
            let after = self.give_up_asking(record.clone()).await?;
            if after.revision != record.revision {
                return Ok(());
            }
        }
        Ok(self.store().check_at(id, record.revision, next_at_ms).await?)
    }
}
