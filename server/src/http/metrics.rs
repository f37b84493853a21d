//! Counters in Prometheus' text form. Labels are words of closed sets: no ids, no secrets.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// Counters by name and labels.
#[derive(Clone, Default)]
pub(crate) struct Metrics(Arc<Mutex<BTreeMap<(&'static str, String), u64>>>);

impl Metrics {
    /// One more notification of this gateway with this outcome.
    pub(super) fn notification(&self, gateway: &'static str, outcome: &'static str) {
        let labels = format!("gateway=\"{gateway}\",outcome=\"{outcome}\"");
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counters.entry(("countersign_notifications_total", labels)).or_default() += 1;
    }

    /// The text that Prometheus reads.
    pub(super) fn text(&self) -> String {
        let mut text = String::from(
            "# HELP countersign_notifications_total Notifications from gateways, by outcome.\n\
             # TYPE countersign_notifications_total counter\n",
        );
        for ((name, labels), value) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name}{{{labels}}} {value}");
        }
        text
    }
}
