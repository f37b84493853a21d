//! One at a time for each payment, within this process. Across processes the ledger's constraints decide.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use countersign_core::PaymentId;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// Locks by payment; one that nobody holds is forgotten.
#[derive(Default)]
pub(super) struct Locks(Mutex<HashMap<PaymentId, Weak<AsyncMutex<()>>>>);

impl Locks {
    /// Waits for the payment's turn.
    pub(super) async fn lock(&self, id: &PaymentId) -> OwnedMutexGuard<()> {
        let lock = {
            let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            held.retain(|_, lock| lock.strong_count() > 0);
            match held.get(id).and_then(Weak::upgrade) {
                Some(lock) => lock,
                None => {
                    let lock = Arc::new(AsyncMutex::new(()));
                    held.insert(id.clone(), Arc::downgrade(&lock));
                    lock
                }
            }
        };
        lock.lock_owned().await
    }
}
