//! When to ask again and when to stop asking.

/// How long the signer is asked to hold a request.
pub const WAIT_S: u32 = 25;

/// A request that is answered faster than this, with nothing new, was not held by the signer.
pub const HELD_MS: i64 = 5_000;

/// After this long a held request is taken for lost.
pub const VIEW_GUARD_MS: u32 = (WAIT_S + 10) * 1000;

/// After this long a look that is to be answered at once is taken for lost.
pub const LOOK_GUARD_MS: u32 = 15_000;

/// Before anything is known of a payment, a signer that asks to be left alone is left alone for this long at most.
pub const OPEN_RETRY_MAX_MS: u32 = 10_000;

/// After this long a submission is taken for lost and repeated; the signer keeps that from becoming two orders.
pub const SUBMIT_GUARD_MS: u32 = 60_000;

/// After this long a bridge that says nothing is no longer waited for; some never call back.
pub const BRIDGE_MS: u32 = 60_000;

/// How often a first look-up is tried.
pub const OPEN_TRIES_MAX: u32 = 3;

/// A page that is not seen for this long stops asking.
pub const HIDDEN_MS: u32 = 30_000;

/// A page that was not seen for this long asks at once when it is seen again: the connection may be dead.
pub const AWAY_MS: i64 = 2_000;

const BACKOFF_FIRST_MS: u32 = 2_000;
const BACKOFF_MAX_MS: u32 = 10_000;
const RETRY_AFTER_MAX_MS: u32 = 60_000;

/// Asking goes on for this long after the payment has expired, so that its end is seen.
const GRACE_MS: i64 = 120_000;
/// Asking goes on for at least this long whatever the clock of this machine says about the expiry.
const FOLLOW_MIN_MS: i64 = 120_000;
/// Asking goes on for at most this long.
const FOLLOW_MAX_MS: i64 = 24 * 3_600_000;
/// Asking goes on for this long when there is no expiry to read.
const FOLLOW_UNKNOWN_MS: i64 = 1_800_000;
/// A page that is seen again gets at least this long, even after the deadline.
pub const SEEN_AGAIN_MS: i64 = 30_000;

/// The pause before the next request: 2 s, growing by half each time to 10 s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    pause_ms: u32,
}

impl Backoff {
    /// The next pause, at least as long as the signer asked for, within reason.
    pub fn next_ms(&mut self, retry_after_ms: Option<u32>) -> u32 {
        self.pause_ms = match self.pause_ms {
            0 => BACKOFF_FIRST_MS,
            pause => (pause + pause / 2).min(BACKOFF_MAX_MS),
        };
        match retry_after_ms {
            Some(asked) => self.pause_ms.max(asked.min(RETRY_AFTER_MAX_MS)),
            None => self.pause_ms,
        }
    }

    /// Starts over.
    pub fn reset(&mut self) {
        self.pause_ms = 0;
    }
}

/// Until when to keep asking, for a run that begins now.
pub fn deadline_ms(now_ms: i64, expires_at_ms: Option<i64>) -> i64 {
    match expires_at_ms {
        Some(expires_at_ms) => {
            let earliest = now_ms.saturating_add(FOLLOW_MIN_MS);
            let latest = now_ms.saturating_add(FOLLOW_MAX_MS);
            // Not `clamp`, whose panic message would bring number formatting into the module.
            expires_at_ms.saturating_add(GRACE_MS).max(earliest).min(latest)
        }
        None => now_ms.saturating_add(FOLLOW_UNKNOWN_MS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_two_to_ten_seconds_and_start_over() {
        let mut backoff = Backoff::default();
        let pauses: Vec<u32> = (0..6).map(|_| backoff.next_ms(None)).collect();
        assert_eq!(pauses, [2_000, 3_000, 4_500, 6_750, 10_000, 10_000]);
        backoff.reset();
        assert_eq!(backoff.next_ms(None), 2_000);
    }

    #[test]
    fn waits_as_long_as_the_signer_asks_but_no_more_than_a_minute() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next_ms(Some(7_000)), 7_000);
        assert_eq!(backoff.next_ms(Some(1)), 3_000);
        assert_eq!(backoff.next_ms(Some(u32::MAX)), 60_000);
    }

    #[test]
    fn asks_until_two_minutes_after_the_expiry() {
        assert_eq!(deadline_ms(1_000, Some(900_000)), 1_020_000);
    }

    #[test]
    fn a_wrong_clock_neither_ends_the_asking_at_once_nor_makes_it_endless() {
        let now = 10_000_000_000;
        assert_eq!(deadline_ms(now, Some(5)), now + 120_000);
        assert_eq!(deadline_ms(now, Some(i64::MAX)), now + 86_400_000);
        assert_eq!(deadline_ms(now, None), now + 1_800_000);
    }
}
