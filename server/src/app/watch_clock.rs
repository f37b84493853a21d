//! The worker that watches the clock: when somebody has set it, nothing waits for a time that was planned by the wrong one.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::{App, AppError};
use crate::clock;

/// How often the clock is looked at.
const TICK: Duration = Duration::from_secs(1);
/// A clock that is kept right by a time server moves less than this in a tick, and instances differ by less.
const JUMP_MS: i64 = 3000;
/// How often the time is noted, for the next start.
const NOTE: Duration = Duration::from_secs(60);

impl App {
    /// At the start: where the ledger knows a later time than now, the clock has been wrong, or is.
    pub(crate) async fn catch_up_with_clock(&self) -> Result<(), AppError> {
        let now_ms = clock::now_ms();
        let known_ms = self.store().latest_time_known().await?.unwrap_or(now_ms);
        let ahead_ms = known_ms - now_ms;
        if ahead_ms > JUMP_MS {
            tracing::warn!(
                ahead_s = ahead_ms / 1000,
                "the ledger knows a later time than this clock: asking and delivering at once what was planned"
            );
            self.plan_anew().await?;
        }
        Ok(self.store().note_time(now_ms).await?)
    }

    /// Watches the clock until `stop` turns true.
    pub(crate) async fn watch_clock(self, mut stop: watch::Receiver<bool>) {
        let (mut clock_watch, mut noted) = (clock::Watch::start(), Instant::now());
        let mut set = false;
        while !*stop.borrow() {
            tokio::select! {
                _ = stop.changed() => return,
                () = tokio::time::sleep(TICK) => {}
            }
            let jump_ms = clock_watch.jump_ms();
            if jump_ms.abs() > JUMP_MS {
                tracing::warn!(
                    jump_s = jump_ms / 1000,
                    "the clock was set: asking and delivering at once what was planned"
                );
                set = true;
            }
            // What could not be written is tried again in the next turn; the ledger tells why.
            if set {
                set = self.plan_anew().await.is_err();
            } else if noted.elapsed() >= NOTE && self.store().note_time(clock::now_ms()).await.is_ok() {
                noted = Instant::now();
            }
        }
    }

    async fn plan_anew(&self) -> Result<(), AppError> {
        let now_ms = clock::now_ms();
        self.store().note_time(now_ms).await?;
        self.store().cut_holds(now_ms + self.0.parts.submit_timeout_ms).await?;
        Ok(self.store().all_due(now_ms).await?)
    }
}
