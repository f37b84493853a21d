//! The page in which a session runs. The test is the signer: it stands in for `fetch` and answers what it likes.

use std::cell::RefCell;
use std::rc::Rc;

use countersign_browser::{Session, Settings, Target};
use js_sys::{Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{EventTarget, Response};

/// Answers requests in their order; a request without an answer hangs until it is aborted.
pub(crate) struct Signer {
    asked: Rc<RefCell<Vec<String>>>,
    inits: Rc<RefCell<Vec<Object>>>,
    _fetch: Closure<dyn FnMut(String, Object) -> Promise>,
}

impl Signer {
    pub(crate) fn answering(bodies: &[&str]) -> Self {
        let asked = Rc::new(RefCell::new(Vec::new()));
        let mut bodies: Vec<String> = bodies.iter().rev().map(|&body| body.to_owned()).collect();
        let heard = asked.clone();
        let inits = Rc::new(RefCell::new(Vec::new()));
        let kept = inits.clone();
        let fetch = Closure::new(move |url: String, init: Object| {
            let method = get(&init, "method").as_string().unwrap_or_else(|| "GET".to_owned());
            heard.borrow_mut().push([&method, " ", &url].concat());
            kept.borrow_mut().push(init);
            match bodies.pop() {
                Some(body) => {
                    let response: JsValue = Response::new_with_opt_str(Some(&body)).unwrap().into();
                    Promise::resolve(&response)
                }
                None => Promise::new(&mut |_, _| {}),
            }
        });
        let function: &JsValue = fetch.as_ref();
        Reflect::set(&js_sys::global(), &"fetch".into(), function).unwrap();
        Self { asked, inits, _fetch: fetch }
    }

    /// A part of how the nth request was made; empty when it was left to the browser.
    pub(crate) fn init(&self, nth: usize, part: &str) -> String {
        get(&self.inits.borrow()[nth], part).as_string().unwrap_or_default()
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }
}

pub(crate) fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap()
}

pub(crate) fn view(status: &str, revision: u32) -> String {
    format!(r#"{{"id":"pay_1","status":"{status}","revision":{revision},"next_action":null,"failure":null}}"#)
}

pub(crate) fn code(revision: u32) -> String {
    format!(
        r#"{{"id":"pay_1","status":"requires_action","revision":{revision},"failure":null,
            "next_action":{{"type":"qr_code","text":"https://qr.example/1"}}}}"#
    )
}

pub(crate) fn target() -> Target {
    Target::new("https://pay.example", "pay_1", "cs_1")
}

pub(crate) async fn opened(signal: Option<&web_sys::AbortSignal>) -> Session {
    let session = Session::open(target(), Settings::default(), signal);
    JsFuture::from(session.opened()).await.unwrap();
    session
}

pub(crate) async fn status_of(outcome: Promise) -> String {
    let outcome = JsFuture::from(outcome).await.unwrap();
    get(&outcome, "status").as_string().unwrap()
}

pub(crate) fn happen(on: &JsValue, name: &str, properties: &str) {
    let event = web_sys::Event::new(name).unwrap();
    let properties = JSON::parse(properties).unwrap();
    for entry in Object::entries(properties.unchecked_ref::<Object>()).iter() {
        let entry: js_sys::Array = entry.unchecked_into();
        Reflect::set(&event, &entry.get(0), &entry.get(1)).unwrap();
    }
    on.unchecked_ref::<EventTarget>().dispatch_event(&event).unwrap();
}

pub(crate) fn see(state: &str) {
    let document = get(&js_sys::global(), "document");
    let descriptor = Object::new();
    Reflect::set(&descriptor, &"value".into(), &state.into()).unwrap();
    Reflect::set(&descriptor, &"configurable".into(), &true.into()).unwrap();
    Object::define_property(document.unchecked_ref::<Object>(), &"visibilityState".into(), &descriptor);
    happen(&document, "visibilitychange", "{}");
}

pub(crate) const CONFIRM: &str = "POST https://pay.example/v1/checkout/pay_1/confirm";

/// The flow measures real time, which a browser test cannot turn; so these pauses are the conditions themselves.
pub(crate) async fn wait_ms(pause_ms: i32) {
    let set_timeout: Function = get(&js_sys::global(), "setTimeout").unchecked_into();
    let promise = Promise::new(&mut |resolve, _| {
        set_timeout.call2(&JsValue::UNDEFINED, &resolve, &pause_ms.into()).unwrap();
    });
    JsFuture::from(promise).await.unwrap();
}
