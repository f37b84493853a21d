//! The merchant's webhook endpoint as a whole: whether it takes events, fails, or wants no more.
//!
//! One event that the merchant's program cannot digest is no failing endpoint, and neither is a bad second. An endpoint
//! fails when nothing gets through: many refusals in a row, or a few over some time. From then on it is only probed,
//! with one event at a time and pauses that grow; the first one it takes lets everything else follow.

use crate::clock::UnixMs;

/// So many refusals in a row are a failing endpoint.
const MANY: i64 = 10;
/// So many are, too, when they lie this far apart.
const SOME: i64 = 3;
const SOME_OVER_MS: i64 = 10_000;

/// What is known of the endpoint. Shared by all instances.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Refusals since it last took an event.
    pub(crate) failures: i64,
    /// The first of those.
    pub(crate) first_failure_at_ms: Option<UnixMs>,
    /// Whether nothing gets through.
    pub(crate) failing: bool,
    /// When it last took an event.
    pub(crate) last_success_at_ms: Option<UnixMs>,
    /// When it last did not.
    pub(crate) last_failure: Option<LastFailure>,
    /// When it answered `410 Gone`.
    pub(crate) disabled_at_ms: Option<UnixMs>,
    /// Until when it asked to be left alone.
    pub(crate) paused_until_ms: UnixMs,
    /// While it fails: when it is tried next.
    pub(crate) probe_at_ms: UnixMs,
}

/// A delivery that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LastFailure {
    /// When.
    pub(crate) at_ms: UnixMs,
    /// The answer, where there was one.
    pub(crate) http_status: Option<i64>,
    /// What happened, without the address.
    pub(crate) error: String,
}

/// What a refusal means for the endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// When, and what.
    pub(crate) failure: LastFailure,
    /// It said `410 Gone`.
    pub(crate) gone: bool,
    /// It asked to be left alone until then.
    pub(crate) pause_until_ms: Option<UnixMs>,
    /// The shortest pause before a probe; it grows with the time that the endpoint has failed.
    pub(crate) probe_shortest_ms: i64,
    /// The longest.
    pub(crate) probe_longest_ms: i64,
}

/// What may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Whatever is due.
    Open,
    /// One event, to see whether it takes it.
    Probe,
    /// What the merchant asked for by hand.
    Asked,
    /// Nothing.
    Shut,
}

/// A change that people want to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It began to fail.
    Failing,
    /// It takes events again.
    Recovered {
        /// The first refusal.
        since_ms: UnixMs,
    },
    /// It wants no more.
    Disabled,
}

impl Endpoint {
    /// What may be sent now.
    pub(crate) fn gate(&self, now_ms: UnixMs) -> Gate {
        if self.disabled_at_ms.is_some() {
            Gate::Shut
        } else if now_ms < self.paused_until_ms || (self.failing && now_ms < self.probe_at_ms) {
            Gate::Asked
        } else if self.failing {
            Gate::Probe
        } else {
            Gate::Open
        }
    }

    /// It took an event.
    pub(crate) fn took(&mut self, at_ms: UnixMs) -> Option<Turn> {
        let since_ms = self.first_failure_at_ms.filter(|_| self.failing).unwrap_or(at_ms);
        let was_failing = std::mem::take(&mut self.failing);
        self.failures = 0;
        self.first_failure_at_ms = None;
        self.probe_at_ms = 0;
        self.last_success_at_ms = Some(at_ms.max(self.last_success_at_ms.unwrap_or(at_ms)));
        was_failing.then_some(Turn::Recovered { since_ms })
    }

    /// It did not take one.
    pub(crate) fn refused(&mut self, refusal: Refusal) -> Option<Turn> {
        let at_ms = refusal.failure.at_ms;
        self.failures = self.failures.saturating_add(1);
        let first_ms = *self.first_failure_at_ms.get_or_insert(at_ms);
        let was_failing = self.failing;
        let some = self.failures >= SOME && at_ms - first_ms >= SOME_OVER_MS;
        self.failing |= self.failures >= MANY || some;
        if self.failing {
            // Half as long again as it has failed so far: 5 s, 7 s, 11 s, 17 s …
            let pause_ms = ((at_ms - first_ms) / 2).max(refusal.probe_shortest_ms);
            self.probe_at_ms = at_ms + pause_ms.min(refusal.probe_longest_ms);
        }
        self.paused_until_ms = self.paused_until_ms.max(refusal.pause_until_ms.unwrap_or(0));
        self.last_failure = Some(refusal.failure);
        if refusal.gone && self.disabled_at_ms.is_none() {
            self.disabled_at_ms = Some(at_ms);
            return Some(Turn::Disabled);
        }
        (self.failing && !was_failing).then_some(Turn::Failing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(at_ms: UnixMs) -> Refusal {
        let failure = LastFailure { at_ms, http_status: Some(500), error: "HTTP status 500".into() };
        let (probe_shortest_ms, probe_longest_ms) = (5_000, 300_000);
        Refusal { failure, gone: false, pause_until_ms: None, probe_shortest_ms, probe_longest_ms }
    }

    #[test]
    fn a_bad_second_is_no_failing_endpoint_but_a_bad_quarter_of_a_minute_is() {
        let mut endpoint = Endpoint::default();
        for at_ms in 0..9 {
            assert_eq!(endpoint.refused(refusal(at_ms)), None);
            assert_eq!(endpoint.gate(at_ms), Gate::Open);
        }
        assert_eq!(endpoint.refused(refusal(10)), Some(Turn::Failing), "ten in a row");
        let mut endpoint = Endpoint::default();
        assert_eq!(endpoint.refused(refusal(0)), None);
        assert_eq!(endpoint.refused(refusal(9_000)), None);
        assert_eq!(endpoint.refused(refusal(10_000)), Some(Turn::Failing), "three over ten seconds");
        assert_eq!(endpoint.refused(refusal(11_000)), None, "told once");
    }

    #[test]
    fn one_that_is_taken_now_and_then_keeps_it_from_failing() {
        let mut endpoint = Endpoint::default();
        for at_ms in (0..1_003_000).step_by(1_000) {
            let turn =
                if at_ms % 9_000 == 0 { endpoint.took(at_ms) } else { endpoint.refused(refusal(at_ms)) };
            assert_eq!(turn, None);
        }
        assert_eq!(endpoint.failures, 3);
    }

    #[test]
    fn it_is_probed_with_pauses_that_grow_up_to_a_limit_and_opens_at_the_first_success() {
        let mut endpoint = Endpoint::default();
        let (mut now_ms, mut pauses) = (0, Vec::new());
        while now_ms < 3_600_000 {
            endpoint.refused(refusal(now_ms));
            if endpoint.failing {
                assert_eq!(endpoint.gate(now_ms), Gate::Asked);
                pauses.push(endpoint.probe_at_ms - now_ms);
                now_ms = endpoint.probe_at_ms;
                assert_eq!(endpoint.gate(now_ms), Gate::Probe);
            } else {
                now_ms += 5_000;
            }
        }
        assert!(pauses.is_sorted() && pauses[0] == 5_000 && pauses.last() == Some(&300_000), "{pauses:?}");
        assert!(pauses.len() < 25, "{pauses:?}");
        assert_eq!(endpoint.took(now_ms), Some(Turn::Recovered { since_ms: 0 }));
        assert_eq!((endpoint.gate(now_ms), endpoint.failures), (Gate::Open, 0));
        assert_eq!(endpoint.took(now_ms), None, "told once");
    }

    #[test]
    fn gone_shuts_it_whatever_comes_later_and_a_pause_leaves_what_a_person_asks_for() {
        let mut endpoint = Endpoint::default();
        endpoint.refused(Refusal { pause_until_ms: Some(9_000), ..refusal(0) });
        endpoint.refused(Refusal { pause_until_ms: Some(4_000), ..refusal(1) });
        assert_eq!(
            (endpoint.gate(8_999), endpoint.gate(9_000)),
            (Gate::Asked, Gate::Open),
            "the longest counts"
        );
        assert_eq!(endpoint.refused(Refusal { gone: true, ..refusal(2) }), Some(Turn::Disabled));
        assert_eq!(endpoint.refused(Refusal { gone: true, ..refusal(3) }), None, "told once");
        endpoint.took(4);
        assert_eq!(endpoint.gate(1_000_000), Gate::Shut);
    }
}
