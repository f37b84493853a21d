//! The worker that keeps asking about payments whose outcome is open.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};

use super::App;
use crate::clock;

/// How often the ledger is looked at for payments that are due.
const TICK: Duration = Duration::from_millis(500);
/// How many gateways are asked at one time.
const AT_ONCE: usize = 16;
/// A payment taken by a worker that died is due again after this.
const HOLD_MS: i64 = 60_000;

impl App {
    /// Asks about payments that are due, until `stop` turns true.
    pub(crate) async fn reconcile(self, mut stop: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        while !*stop.borrow() {
            self.check_due(&places).await;
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    async fn check_due(&self, places: &Arc<Semaphore>) {
        let free = i64::try_from(places.available_permits()).unwrap_or(0);
        let due = match self.store().take_due_payments(clock::now_ms(), HOLD_MS, free).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(%error, "payments that are due could not be read");
                return;
            }
        };
        for record in due {
            let Ok(place) = Arc::clone(places).acquire_owned().await else { return };
            let app = self.clone();
            self.0.tasks.spawn(async move {
                if let Err(error) = app.check(&record.id).await {
                    tracing::error!(payment = %record.id, %error, "a payment could not be checked");
                }
                drop(place);
            });
        }
    }
}
