//! When an event that was not taken is tried again.

use super::failure::{Failure, Kind};
use crate::clock::UnixMs;
use crate::ledger::{LastFailure, Refusal};
use crate::store::{Delivery, NextTry};

/// The longest that an endpoint is left alone because one answer of it said so.
const PAUSE_MS_MAX: i64 = 3_600_000;
/// A failing endpoint is probed no more often than this, nor than its own schedule's first step.
const PROBE_SHORTEST_MS: i64 = 5_000;
/// And no less often than this, nor than its own schedule's longest step.
const PROBE_LONGEST_MS: i64 = 300_000;

/// The pauses after each try but the last.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    pauses_ms: Vec<i64>,
}

impl Schedule {
    pub(super) fn new(pauses_s: &[i64]) -> Self {
        Self { pauses_ms: pauses_s.iter().map(|seconds| seconds.saturating_mul(1000)).collect() }
    }

    /// When an event is tried again that was sent at `sent_at_ms` and failed by `now_ms`. `jitter` is from -1000 to 1000
    /// and moves a pause by up to a tenth, so that what failed together does not come back together.
    pub(super) fn next(
        &self,
        delivery: &Delivery,
        failure: &Failure,
        sent_at_ms: UnixMs,
        now_ms: UnixMs,
        jitter: i64,
    ) -> NextTry {
        let not_before_ms = failure.retry_after_ms.map_or(0, |ms| now_ms + ms);
        let again = |planned_at_ms: UnixMs, failures| NextTry::At {
            at_ms: planned_at_ms.max(not_before_ms),
            planned_at_ms,
            not_before_ms,
            failures,
        };
        // An endpoint that wants no more says nothing about the event; and a try before its time uses no step up.
        if failure.kind == Kind::Gone {
            return again(delivery.planned_at_ms.unwrap_or(now_ms), delivery.failures);
        }
        if let Some(planned_at_ms) =
            delivery.planned_at_ms.filter(|planned_at_ms| *planned_at_ms > sent_at_ms)
        {
            return again(planned_at_ms, delivery.failures);
        }
        let step = usize::try_from(delivery.failures).ok().and_then(|step| self.pauses_ms.get(step));
        match step {
            Some(pause_ms) => again(now_ms + pause_ms + pause_ms / 10 * jitter / 1000, delivery.failures + 1),
            None => NextTry::Never { failures: delivery.failures + 1 },
        }
    }

    /// What a failure means for the endpoint.
    pub(super) fn refusal(&self, failure: &Failure, now_ms: UnixMs) -> Refusal {
        let first_ms = self.pauses_ms.first().copied().unwrap_or(PROBE_SHORTEST_MS);
        let longest_ms = self.pauses_ms.iter().max().copied().unwrap_or(PROBE_LONGEST_MS);
        let pause_ms = failure.retry_after_ms.filter(|_| failure.kind == Kind::Throttled);
        Refusal {
            failure: LastFailure {
                at_ms: now_ms,
                http_status: failure.http_status.map(i64::from),
                error: failure.text.clone(),
            },
            gone: failure.kind == Kind::Gone,
            pause_until_ms: pause_ms.map(|ms| now_ms + ms.min(PAUSE_MS_MAX)),
            probe_shortest_ms: first_ms.min(PROBE_SHORTEST_MS),
            probe_longest_ms: longest_ms.min(PROBE_LONGEST_MS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    use crate::id;

    const DEFAULT_S: [i64; 10] = [5, 300, 1800, 7200, 18000, 36000, 36000, 50400, 72000, 86400];

    fn delivery(failures: i64, planned_at_ms: Option<UnixMs>) -> Delivery {
        Delivery { id: id::event_id(1), body: Vec::new(), number: 1, failures, planned_at_ms }
    }

    fn failed(retry_after_ms: Option<i64>) -> Failure {
        Failure { retry_after_ms, ..Failure::timed_out(15) }
    }

    #[test]
    fn the_usual_schedule_is_ten_more_tries_over_about_three_days() {
        let schedule = Schedule::new(&DEFAULT_S);
        let (mut now_ms, mut failures, mut planned, mut tries) = (0, 0, None, 1);
        while let NextTry::At { at_ms, planned_at_ms, failures: used, .. } =
            schedule.next(&delivery(failures, planned), &failed(None), now_ms, now_ms, 0)
        {
            assert_eq!(used, failures + 1);
            (now_ms, failures, planned, tries) = (at_ms, used, Some(planned_at_ms), tries + 1);
        }
        assert_eq!(tries, 11);
        assert!((72..96).contains(&(now_ms / 3_600_000)), "{now_ms}");
    }

    #[test]
    fn retry_after_is_a_minimum_on_top_of_the_schedule() {
        let schedule = Schedule::new(&[60]);
        let at =
            |retry_after_ms| match schedule.next(&delivery(0, None), &failed(retry_after_ms), 0, 1_000, 0) {
                NextTry::At { at_ms, .. } => at_ms,
                NextTry::Never { .. } => panic!("given up"),
            };
        assert_eq!((at(None), at(Some(2_000)), at(Some(90_000))), (61_000, 61_000, 91_000));
    }

    #[test]
    fn a_try_before_its_time_uses_no_step_up() {
        let schedule = Schedule::new(&[60]);
        let early = schedule.next(&delivery(1, Some(50_000)), &failed(None), 20_000, 21_000, 1000);
        let (at_ms, planned_at_ms) = (50_000, 50_000);
        assert_eq!(early, NextTry::At { at_ms, planned_at_ms, not_before_ms: 0, failures: 1 });
        let last = schedule.next(&delivery(1, Some(50_000)), &failed(None), 50_000, 51_000, 1000);
        assert_eq!(last, NextTry::Never { failures: 2 });
    }

    #[test]
    fn an_event_is_not_given_up_because_the_endpoint_is_gone() {
        let gone = Failure::answered(http::StatusCode::GONE, None);
        let next = Schedule::new(&[1]).next(&delivery(1, Some(0)), &gone, 0, 1_000, 0);
        assert!(matches!(next, NextTry::At { failures: 1, .. }), "{next:?}");
    }

    #[test]
    fn one_slip_does_not_silence_an_endpoint_for_a_day() {
        let schedule = Schedule::new(&DEFAULT_S);
        let busy = Failure::answered(http::StatusCode::TOO_MANY_REQUESTS, Some(86_400_000));
        assert_eq!(schedule.refusal(&busy, 5).pause_until_ms, Some(3_600_005));
        let error = Failure::answered(http::StatusCode::INTERNAL_SERVER_ERROR, Some(86_400_000));
        assert_eq!(
            schedule.refusal(&error, 5).pause_until_ms,
            None,
            "about this event, not about the endpoint"
        );
    }

    proptest! {
        #[test]
        fn the_jitter_moves_a_pause_by_no_more_than_a_tenth(jitter in -1000..=1000_i64, step in 0..10_usize) {
            let schedule = Schedule::new(&DEFAULT_S);
            let failures = i64::try_from(step).unwrap();
            let NextTry::At { at_ms, .. } = schedule.next(&delivery(failures, None), &failed(None), 0, 0, jitter) else {
                panic!("given up");
            };
            let pause_ms = DEFAULT_S[step] * 1000;
            prop_assert!((pause_ms - at_ms).abs() <= pause_ms / 10);
        }
    }
}
