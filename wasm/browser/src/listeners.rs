//! The page's own functions that want to hear of changes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::object;

/// Functions in the order in which they were added.
#[derive(Default)]
pub(crate) struct Listeners {
    list: Rc<RefCell<Vec<(u32, Function)>>>,
    last_id: Cell<u32>,
}

impl Listeners {
    /// Adds a function; the returned one takes it out again.
    pub(crate) fn add(&self, listener: Function) -> Function {
        let id = self.last_id.get().wrapping_add(1);
        self.last_id.set(id);
        self.list.borrow_mut().push((id, listener));
        let list = Rc::downgrade(&self.list);
        let off = Closure::<dyn FnMut(JsValue)>::new(move |_| {
            if let Some(list) = list.upgrade() {
                list.borrow_mut().retain(|(other, _)| *other != id);
            }
        });
        off.into_js_value().unchecked_into()
    }

    /// Calls every function that is there now. What one of them throws is its own affair and stops nothing.
    pub(crate) fn call(&self, first: &JsValue, second: &JsValue) {
        let now = self.list.borrow().clone();
        for (_, listener) in now {
            if let Err(error) = listener.call2(&JsValue::UNDEFINED, first, second) {
                report(&error);
            }
        }
    }
}

/// Shows an error as uncaught, as the platform does with those of its own listeners.
fn report(error: &JsValue) {
    if let Some(reporter) = object::global("reportError").dyn_ref::<Function>() {
        let _: Result<JsValue, JsValue> = reporter.call1(&JsValue::UNDEFINED, error);
    }
}
