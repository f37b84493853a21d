//! Reading and making plain JavaScript objects without a serialiser, which would double the module.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// A property, or `undefined` when there is none or `of` is no object.
pub(crate) fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A property that is text.
pub(crate) fn text(of: &JsValue, name: &str) -> Option<String> {
    get(of, name).as_string()
}

/// A property that is `true`.
pub(crate) fn flag(of: &JsValue, name: &str) -> bool {
    get(of, name).is_truthy()
}

/// Sets a property of an object that was made here.
pub(crate) fn set(of: &Object, name: &str, value: &JsValue) {
    // A plain object that we made takes every property, so there is no failure to report.
    let _: Result<bool, JsValue> = Reflect::set(of, &JsValue::from_str(name), value);
}

/// A global object by name: `undefined` outside a browser.
pub(crate) fn global(name: &str) -> JsValue {
    get(&js_sys::global(), name)
}
