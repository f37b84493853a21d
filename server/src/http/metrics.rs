//! Counters in Prometheus' text form. Labels are words of closed sets: no ids, no addresses, no secrets.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use crate::app::{EndpointReport, EndpointState};

const NOTIFICATIONS: &str = "countersign_notifications_total";
const DELIVERIES: &str = "countersign_webhook_deliveries_total";

/// What each counter counts.
const COUNTERS: [(&str, &str); 2] =
    [(NOTIFICATIONS, "Notifications from gateways, by outcome."), (DELIVERIES, "Webhooks sent, by outcome.")];

/// Counters by name and labels.
#[derive(Clone, Default)]
pub(crate) struct Metrics(Arc<Mutex<BTreeMap<(&'static str, String), u64>>>);

impl Metrics {
    /// One more notification of this gateway with this outcome.
    pub(super) fn notification(&self, gateway: &'static str, outcome: &'static str) {
        self.count(NOTIFICATIONS, format!("gateway=\"{gateway}\",outcome=\"{outcome}\""));
    }

    /// One more webhook sent with this outcome.
    pub(crate) fn webhook(&self, outcome: &'static str) {
        self.count(DELIVERIES, format!("outcome=\"{outcome}\""));
    }

    fn count(&self, name: &'static str, labels: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((name, labels)).or_default() += 1;
    }

    /// The text that Prometheus reads.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (family, help) in COUNTERS {
            // Writing to a string cannot fail.
            let _ = write!(text, "# HELP {family} {help}\n# TYPE {family} counter\n");
            for ((_, labels), value) in counters.iter().filter(|((name, _), _)| *name == family) {
                let _ = writeln!(text, "{family}{{{labels}}} {value}");
            }
        }
        text
    }
}

/// The webhook endpoint as gauges.
pub(super) fn endpoint_text(report: &EndpointReport) -> String {
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, values: &[(String, i64)]| {
        let name = format!("countersign_webhook_{name}");
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n");
        for (labels, value) in values {
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    };
    let state = |state: EndpointState| {
        (format!("{{state=\"{}\"}}", state.as_str()), i64::from(state == report.state))
    };
    let (endpoint, backlog) = (&report.endpoint, &report.backlog);
    let pending = ("{state=\"pending\"}".to_owned(), backlog.pending);
    let exhausted = ("{state=\"exhausted\"}".to_owned(), backlog.exhausted);
    let oldest_s = backlog.oldest_pending_at_ms.map_or(0, |at_ms| (report.now_ms - at_ms).max(0) / 1000);
    let one = |value: i64| [(String::new(), value)];
    gauge("endpoint_state", "1 for the state that the endpoint is in.", &EndpointState::ALL.map(state));
    gauge("events", "Events that the merchant has not got.", &[pending, exhausted]);
    gauge("oldest_pending_seconds", "Age of the oldest event that waits.", &one(oldest_s));
    gauge("consecutive_failures", "Deliveries that failed since the last success.", &one(endpoint.failures));
    text
}
