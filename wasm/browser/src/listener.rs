//! Listens to an event of the platform until it is dropped.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::EventTarget;

/// One function at one event.
pub(crate) struct Listener {
    target: EventTarget,
    event: &'static str,
    call: Closure<dyn FnMut(JsValue)>,
}

impl Listener {
    /// Calls the function with every such event from now on.
    pub(crate) fn new(
        target: &EventTarget,
        event: &'static str,
        call: impl FnMut(JsValue) + 'static,
    ) -> Self {
        let call = Closure::new(call);
        let function = AsRef::<JsValue>::as_ref(&call).unchecked_ref();
        // Adding a function to an event target does not fail.
        let _: Result<(), JsValue> = target.add_event_listener_with_callback(event, function);
        Self { target: target.clone(), event, call }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = AsRef::<JsValue>::as_ref(&self.call).unchecked_ref();
        // Nor does taking it out again.
        let _: Result<(), JsValue> = self.target.remove_event_listener_with_callback(self.event, function);
    }
}
