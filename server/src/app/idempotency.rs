//! Doing something once for an idempotency key, on however many instances it is asked for at the same time.

use std::time::Duration;

use super::{App, AppError};
use crate::clock;
use crate::store::{KeyUse, StoreError, StoredAnswer, UnderKey};

/// How often somebody looks who waits for another one's answer.
const LOOK: Duration = Duration::from_millis(50);

/// Whether somebody is the first to use a key.
pub(super) enum FirstOrReplay<T> {
    /// It was done for them, and they answer it.
    First {
        outcome: T,
        /// Whether somebody began it who never answered.
        taken_over: bool,
    },
    /// It was done and answered before.
    Replay(StoredAnswer),
}

impl App {
    /// A request under a key, held as long as a submission may take.
    pub(super) fn key_use(&self, api_key: String, key: String, fingerprint: [u8; 32]) -> KeyUse {
        let now_ms = clock::now_ms();
        let held_until_ms = now_ms + self.0.parts.submit_timeout_ms;
        KeyUse { api_key, key, fingerprint, now_ms, held_until_ms }
    }

    /// Does something for the first who comes with this key; whoever comes later gets the first one's answer, and waits
    /// for it if need be. Should the first one die, the next takes over.
    pub(super) async fn under_key<T, Begun>(
        &self,
        key: &KeyUse,
        begin: impl Fn(KeyUse) -> Begun,
    ) -> Result<FirstOrReplay<T>, AppError>
    where
        Begun: Future<Output = Result<UnderKey<T>, StoreError>>,
    {
        // The hold of whoever has it ends before this does.
        let give_up_ms = key.held_until_ms + self.0.parts.submit_timeout_ms;
        loop {
            let fresh = self.key_use(key.api_key.clone(), key.key.clone(), key.fingerprint);
            let now_ms = fresh.now_ms;
            match begin(fresh).await? {
                UnderKey::Done { outcome, taken_over } => {
                    return Ok(FirstOrReplay::First { outcome, taken_over });
                }
                UnderKey::Answered(answer) => return Ok(FirstOrReplay::Replay(answer)),
                UnderKey::ByAnother => return Err(AppError::IdempotencyKeyReused),
                UnderKey::InProgress if now_ms >= give_up_ms => return Err(AppError::Busy),
                UnderKey::InProgress => tokio::time::sleep(LOOK).await,
            }
        }
    }

    /// Gives a result on; a key under which nothing could be answered is free again.
    pub(super) async fn or_release<T>(
        &self,
        key: &KeyUse,
        result: Result<T, AppError>,
    ) -> Result<T, AppError> {
        if result.is_err() {
            // Where that cannot be written, the hold ends by itself.
            let _ = self.store().release_key(key.clone()).await;
        }
        result
    }
}
