//! Faults: what can go wrong between a merchant and a gateway, ordered through the control interface.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::orders::locked;
use super::world::Gateway;

/// What happens to a request. "Before" and "after" are meant with regard to the order being booked.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fault {
    /// No answer comes, nothing is booked.
    Hang,
    /// Booked, but no answer comes.
    HangAfter,
    DropBefore,
    DropAfter,
    #[serde(rename = "status_500_before")]
    Status500Before,
    #[serde(rename = "status_500_after")]
    Status500After,
    /// Booked, and the answer is no message of this gateway.
    GarbageAfter,
    /// Booked, and the answer's signature is wrong.
    BadSign,
    /// Refused with the given code.
    Code,
    /// Booked, and yet refused with the given code.
    CodeAfter,
    /// Booked, paid and notified before the answer goes out.
    NotifyBeforeAnswer,
}

/// An order for faults at one endpoint.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scripted {
    pub(crate) endpoint: String,
    pub(crate) fault: Fault,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<Value>,
    #[serde(default = "once")]
    pub(crate) times: u32,
}

const fn once() -> u32 {
    1
}

/// All faults that are still to happen, oldest first.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<(Gateway, Scripted)>>);

impl Faults {
    pub(crate) fn add(&self, gateway: Gateway, scripted: Scripted) {
        if scripted.times > 0 {
            locked(&self.0).push((gateway, scripted));
        }
    }

    /// Takes the next fault for an endpoint, once.
    pub(crate) fn take(&self, gateway: Gateway, endpoint: &str) -> Option<Scripted> {
        let mut faults = locked(&self.0);
        let place =
            faults.iter().position(|(at, scripted)| *at == gateway && scripted.endpoint == endpoint)?;
        let scripted = &mut faults[place].1;
        scripted.times -= 1;
        let taken = scripted.clone();
        if taken.times == 0 {
            faults.remove(place);
        }
        Some(taken)
    }

    pub(crate) fn of(&self, gateway: Gateway) -> Vec<Scripted> {
        locked(&self.0)
            .iter()
            .filter(|(at, _)| *at == gateway)
            .map(|(_, scripted)| scripted.clone())
            .collect()
    }

    pub(crate) fn clear(&self, gateway: Gateway) {
        locked(&self.0).retain(|(at, _)| *at != gateway);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_happens_as_often_as_ordered_and_only_at_its_endpoint() {
        let faults = Faults::default();
        let order = r#"{"endpoint":"query","fault":"status_500_after","times":2}"#;
        faults.add(Gateway::Jubao, serde_json::from_str(order).unwrap());
        assert!(faults.take(Gateway::Jubao, "apply_pay").is_none());
        assert!(faults.take(Gateway::BlueOcean, "query").is_none());
        assert_eq!(faults.take(Gateway::Jubao, "query").unwrap().fault, Fault::Status500After);
        assert!(faults.take(Gateway::Jubao, "query").is_some());
        assert!(faults.take(Gateway::Jubao, "query").is_none());
    }
}
