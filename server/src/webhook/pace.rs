//! How many deliveries may be under way at one time: fewer when the merchant says that it is too much, more when it
//! keeps up.

use super::failure::Kind;

/// Deliveries at one time, at the most.
const AT_ONCE: usize = 16;

/// Halved by every "too much", one more after every success.
#[derive(Debug)]
pub(super) struct Pace {
    at_once: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { at_once: AT_ONCE }
    }
}

impl Pace {
    /// How many may be added to those under way.
    pub(super) fn room(&self, under_way: usize) -> usize {
        self.at_once.saturating_sub(under_way)
    }

    /// Learns from what came of a delivery.
    pub(super) fn learn(&mut self, outcome: Result<(), Kind>) {
        self.at_once = match outcome {
            Ok(()) => (self.at_once + 1).min(AT_ONCE),
            Err(Kind::Throttled | Kind::TimedOut) => (self.at_once / 2).max(1),
            Err(_) => self.at_once,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slows_down_when_told_to_and_comes_back_step_by_step() {
        let mut pace = Pace::default();
        assert_eq!((pace.room(0), pace.room(10), pace.room(20)), (16, 6, 0));
        for _ in 0..6 {
            pace.learn(Err(Kind::Throttled));
        }
        assert_eq!(pace.room(0), 1, "one is always tried");
        pace.learn(Err(Kind::Refused));
        assert_eq!(pace.room(0), 1);
        for _ in 0..40 {
            pace.learn(Ok(()));
        }
        assert_eq!(pace.room(0), 16);
    }
}
