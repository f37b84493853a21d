//! Calls something later, unless it is dropped before. With [`crate::listener`] it takes the place of gloo's two small
//! crates, which cost 900 bytes more of what every page downloads.

use js_sys::Function;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::object;

/// A timer that runs.
pub(crate) struct Timeout {
    id: JsValue,
    _call: Closure<dyn FnMut(JsValue)>,
}

impl Timeout {
    /// Calls the function once after this time.
    pub(crate) fn new(after_ms: u32, mut call: impl FnMut() + 'static) -> Self {
        let call = Closure::<dyn FnMut(JsValue)>::new(move |_| call());
        Self { id: platform("setTimeout", call.as_ref(), after_ms), _call: call }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        platform("clearTimeout", &self.id, 0);
    }
}

/// The platform's own function: not the window's, since there are timers where there is no window.
fn platform(name: &str, what: &JsValue, after_ms: u32) -> JsValue {
    let function: Function = object::global(name).unchecked_into();
    // Neither of the two throws.
    function.call2(&JsValue::UNDEFINED, what, &after_ms.into()).unwrap_or(JsValue::UNDEFINED)
}
