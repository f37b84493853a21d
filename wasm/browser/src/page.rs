//! What the page goes through while a payment is under way: hidden, seen again, out of the
//! back/forward cache, connected again.

use countersign_flow::Event;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::EventTarget;

use crate::listener::Listener;
use crate::object;

/// Listens until it is dropped. Nothing happens to a page where there is none.
pub(crate) struct PageListeners {
    _listeners: Vec<Listener>,
}

impl PageListeners {
    /// Reports to `report` from now on.
    pub(crate) fn new(report: impl Fn(Event) + Clone + 'static) -> Self {
        let mut listeners = Vec::new();
        let document = object::global("document");
        if document.is_object() {
            let report_state = report.clone();
            let state_of = document.clone();
            let target: EventTarget = document.unchecked_into();
            listeners.push(Listener::new(&target, "visibilitychange", move |_| {
                report_state(if is_hidden(&state_of) { Event::Hidden } else { Event::Visible });
            }));
            let target: EventTarget = js_sys::global().unchecked_into();
            let report_connection = report.clone();
            listeners.push(Listener::new(&target, "online", move |_| report_connection(Event::Online)));
            listeners.push(Listener::new(&target, "pageshow", move |event| {
                if object::flag(&event, "persisted") {
                    report(Event::Restored);
                }
            }));
        }
        Self { _listeners: listeners }
    }
}

/// Whether this page is hidden now.
pub(crate) fn is_hidden_now() -> bool {
    is_hidden(&object::global("document"))
}

fn is_hidden(document: &JsValue) -> bool {
    object::text(document, "visibilityState").is_some_and(|state| state == "hidden")
}

/// Goes to another page.
pub(crate) fn go(url: &str) {
    let location: web_sys::Location = object::global("location").unchecked_into();
    // The flow lets only web addresses through; a browser that still refuses one leaves the payer here.
    let _: Result<(), JsValue> = location.assign(url);
}
