//! Tells those who wait for a payment that it changed.

use std::sync::{Mutex, PoisonError};

use countersign_core::PaymentId;
use tokio::sync::broadcast;

/// How many changes a slow waiter may be behind before it looks for itself.
const BACKLOG: usize = 1024;

/// A channel of changed payments, until it is closed.
pub(super) struct Changes(Mutex<Option<broadcast::Sender<PaymentId>>>);

impl Default for Changes {
    fn default() -> Self {
        Self(Mutex::new(Some(broadcast::channel(BACKLOG).0)))
    }
}

impl Changes {
    /// Says that a payment changed.
    pub(super) fn tell(&self, id: &PaymentId) {
        if let Some(sender) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            // Nobody waiting is fine.
            let _ = sender.send(id.clone());
        }
    }

    /// Starts to listen; changes from now on are not missed. `None` when nobody may wait any more.
    pub(super) fn listen(&self) -> Option<broadcast::Receiver<PaymentId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(broadcast::Sender::subscribe)
    }

    /// Ends all waiting.
    pub(super) fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
