//! Waiting for what should happen, never longer than it may take.

use std::time::{Duration, Instant};

/// How long something that should happen may take.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How often a condition is looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// Waits until `look` gives something.
///
/// # Panics
/// When it did not happen in time, with the sentence `what`.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "did not happen in time: {what}");
        tokio::time::sleep(GLANCE).await;
    }
}

/// Asserts that `holds` stays true until `until` gives something, and gives that.
///
/// # Panics
/// When it stops holding, or `until` did not happen in time.
pub async fn holds_while<T>(
    what: &str,
    mut holds: impl AsyncFnMut(),
    mut until: impl AsyncFnMut() -> Option<T>,
) -> T {
    eventually(what, async || {
        holds().await;
        until().await
    })
    .await
}
