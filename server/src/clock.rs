//! The only place that asks what time it is, and how times are written.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Milliseconds since the Unix epoch, UTC.
pub(crate) type UnixMs = i64;

/// Now.
pub(crate) fn now_ms() -> UnixMs {
    let now_ms = Timestamp::now().as_millisecond();
    #[cfg(test)]
    let now_ms = now_ms + ahead::of_this_thread_ms();
    now_ms
}

/// Lets a test's own clock run ahead: a test has a thread of its own, and its time is nobody else's.
#[cfg(test)]
pub(crate) mod ahead {
    use std::cell::Cell;

    thread_local!(static AHEAD_MS: Cell<i64> = const { Cell::new(0) });

    /// How far ahead.
    pub(super) fn of_this_thread_ms() -> i64 {
        AHEAD_MS.get()
    }

    /// Lets time pass.
    pub(crate) fn pass_ms(ms: i64) {
        AHEAD_MS.set(AHEAD_MS.get() + ms);
    }
}

/// Tells when the clock is set, by comparing it with one that nobody sets.
#[derive(Debug)]
pub(crate) struct Watch {
    clock_ms: UnixMs,
    steady: Instant,
}

impl Watch {
    /// Begins to watch.
    pub(crate) fn start() -> Self {
        Self { clock_ms: now_ms(), steady: Instant::now() }
    }

    /// How far the clock was set since the last look, in milliseconds; negative where it was set back.
    pub(crate) fn jump_ms(&mut self) -> i64 {
        let now = Self::start();
        let jump_ms = jump_ms(now.clock_ms - self.clock_ms, now.steady.duration_since(self.steady));
        *self = now;
        jump_ms
    }
}

/// A time by which something must be over. It has come when either clock says so: one can be set, and the other stands
/// still while the machine sleeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    at_ms: UnixMs,
    steady_at: Instant,
}

impl Deadline {
    /// So long from now.
    pub(crate) fn in_ms(ms: i64) -> Self {
        let long = Duration::from_millis(u64::try_from(ms).unwrap_or(0));
        Self { at_ms: now_ms() + ms, steady_at: Instant::now() + long }
    }

    /// Whether what may take so long would not be over in time.
    pub(crate) fn is_too_close_for(self, long: Duration) -> bool {
        let left_ms = u64::try_from(self.at_ms - now_ms()).unwrap_or(0);
        let left =
            self.steady_at.saturating_duration_since(Instant::now()).min(Duration::from_millis(left_ms));
        left < long
    }
}

fn jump_ms(passed_ms: i64, really_passed: Duration) -> i64 {
    passed_ms.saturating_sub(i64::try_from(really_passed.as_millis()).unwrap_or(i64::MAX))
}

/// RFC 3339 UTC in whole seconds, e.g. `2026-11-22T01:00:00Z`.
pub(crate) fn rfc3339(at_ms: UnixMs) -> String {
    match Timestamp::from_second(at_ms.div_euclid(1000)) {
        Ok(at) => at.to_string(),
        Err(_) => "1970-01-01T00:00:00Z".to_owned(),
    }
}

/// Reads RFC 3339, with any offset from UTC; `None` for anything else.
pub(crate) fn parse_rfc3339(text: &str) -> Option<UnixMs> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// Reads a time without a zone as the gateways in China write it: UTC+8.
///
/// Shapes: `2024-01-01 08:00:05`, `20240101080005`, Unix seconds as `1518155297`. `0` and the empty text
/// mean "not paid" and give `None`, as does anything else.
pub(crate) fn gateway_time_ms(text: &str) -> Option<UnixMs> {
    let text = text.trim();
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    if digits && (9..=11).contains(&text.len()) {
        return text.parse::<i64>().ok().map(|s| s * 1000);
    }
    let format = if digits && text.len() == 14 { "%Y%m%d%H%M%S" } else { "%Y-%m-%d %H:%M:%S" };
    let civil = DateTime::strptime(format, text).ok()?;
    Offset::constant(8).to_timestamp(civil).ok().map(|at| at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_is_told_from_time_that_passes() {
        assert_eq!(jump_ms(60_000, Duration::from_secs(60)), 0);
        assert_eq!(jump_ms(86_400_500, Duration::from_millis(500)), 86_400_000);
        assert_eq!(jump_ms(-3_599_500, Duration::from_millis(500)), -3_600_000);
        let mut watch = Watch::start();
        assert!(watch.jump_ms().abs() < 5000, "nobody sets it during a test");
    }

    #[test]
    fn a_deadline_comes_by_whichever_clock_is_ahead() {
        let deadline = Deadline::in_ms(60_000);
        assert!(!deadline.is_too_close_for(Duration::from_secs(50)));
        assert!(deadline.is_too_close_for(Duration::from_secs(61)));
        assert!(
            Deadline { steady_at: Instant::now(), ..deadline }.is_too_close_for(Duration::from_millis(1))
        );
        ahead::pass_ms(20_000);
        assert!(deadline.is_too_close_for(Duration::from_secs(50)));
    }

    #[test]
    fn reads_every_form_that_the_gateways_use_as_utc_plus_eight() {
        assert_eq!(
            gateway_time_ms("2024-01-01 08:00:05").map(rfc3339).as_deref(),
            Some("2024-01-01T00:00:05Z")
        );
        assert_eq!(gateway_time_ms("20240101080005").map(rfc3339).as_deref(), Some("2024-01-01T00:00:05Z"));
        assert_eq!(gateway_time_ms("1518155297").map(rfc3339).as_deref(), Some("2018-02-09T05:48:17Z"));
        for nothing in ["0", "", "soon", "2024-13-01 00:00:00", "20240230000000"] {
            assert_eq!(gateway_time_ms(nothing), None, "{nothing}");
        }
    }
}
