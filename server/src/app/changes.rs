//! Tells those who wait for a payment that it changed.

use countersign_core::PaymentId;
use tokio::sync::broadcast;

/// How many changes a slow waiter may be behind before it looks for itself.
const BACKLOG: usize = 1024;

/// A channel of changed payments.
pub(super) struct Changes(broadcast::Sender<PaymentId>);

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl Changes {
    /// Says that a payment changed.
    pub(super) fn tell(&self, id: &PaymentId) {
        // Nobody waiting is fine.
        let _ = self.0.send(id.clone());
    }

    /// Starts to listen; changes from now on are not missed.
    pub(super) fn listen(&self) -> broadcast::Receiver<PaymentId> {
        self.0.subscribe()
    }
}
