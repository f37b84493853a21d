//! A promise that is settled from elsewhere.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;

/// Who waits: settles the promise it was made with.
pub(crate) struct Waiter {
    resolve: Function,
    reject: Function,
}

impl Waiter {
    /// A promise, and what settles it; always there, since the platform calls back at once.
    pub(crate) fn new() -> (Promise, Option<Self>) {
        let mut waiter = None;
        let promise = Promise::new(&mut |resolve, reject| waiter = Some(Self { resolve, reject }));
        (promise, waiter)
    }

    /// Keeps the promise.
    pub(crate) fn resolve(&self, value: &JsValue) {
        settle(&self.resolve, value);
    }

    /// Breaks the promise.
    pub(crate) fn reject(&self, error: &JsValue) {
        settle(&self.reject, error);
    }
}

fn settle(function: &Function, value: &JsValue) {
    // The platform's own functions, which never throw.
    let _: Result<JsValue, JsValue> = function.call1(&JsValue::UNDEFINED, value);
}
