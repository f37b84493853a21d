//! Switches: behaviour that a test turns while the simulators run.

use std::sync::Mutex;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::orders::locked;

/// A set of switches, and how they stood at the start.
pub(crate) struct Switches<T> {
    now: Mutex<T>,
    at_start: T,
}

/// What the control interface does with switches, whatever they are.
pub(crate) trait Steered: Send + Sync {
    fn show(&self) -> Value;
    /// Turns the switches that are named; the others stay. Nothing changes when one is unknown or has no such position.
    fn turn(&self, wished: &Map<String, Value>) -> Result<Value, String>;
    /// Puts all switches back.
    fn reset(&self) -> Value;
}

impl<T: Clone> Switches<T> {
    pub(crate) fn new(at_start: T) -> Self {
        Self { now: Mutex::new(at_start.clone()), at_start }
    }

    pub(crate) fn get(&self) -> T {
        locked(&self.now).clone()
    }
}

impl<T: Clone + Default> Default for Switches<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: Clone + Serialize + DeserializeOwned + Send + Sync> Steered for Switches<T> {
    fn show(&self) -> Value {
        shown(&self.get())
    }

    fn turn(&self, wished: &Map<String, Value>) -> Result<Value, String> {
        let mut now = locked(&self.now);
        let mut all = shown(&*now);
        if let Some(all) = all.as_object_mut() {
            all.extend(wished.clone());
        }
        *now = serde_json::from_value(all).map_err(|error| error.to_string())?;
        Ok(shown(&*now))
    }

    fn reset(&self) -> Value {
        locked(&self.now).clone_from(&self.at_start);
        self.show()
    }
}

fn shown<T: Serialize>(switches: &T) -> Value {
    serde_json::to_value(switches).expect("switches are plain data")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
    #[serde(deny_unknown_fields)]
    struct Lamp {
        on: bool,
        colour: Option<String>,
    }

    #[test]
    fn what_is_not_named_stays_and_nonsense_changes_nothing() {
        let lamp = Switches::<Lamp>::default();
        let turn = |wished: Value| lamp.turn(wished.as_object().unwrap());
        turn(json!({"colour": "red"})).unwrap();
        turn(json!({"on": true})).unwrap();
        assert!(turn(json!({"on": false, "size": 3})).is_err());
        assert!(turn(json!({"on": "yes"})).is_err());
        assert_eq!(lamp.get(), Lamp { on: true, colour: Some("red".into()) });
        assert_eq!(lamp.reset(), json!({"on": false, "colour": null}));
    }
}
