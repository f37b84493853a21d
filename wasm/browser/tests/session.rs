//! A session in a real page. The test is the signer: it stands in for `fetch` and answers what it likes.

#![expect(clippy::unwrap_used, reason = "a test may panic; clippy does not know these for tests")]

use std::cell::RefCell;
use std::rc::Rc;

use countersign_browser::{Session, Target};
use js_sys::{Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{AbortController, EventTarget, Response};

wasm_bindgen_test_configure!(run_in_browser);

/// Answers requests in their order; a request without an answer hangs until it is aborted.
struct Signer {
    asked: Rc<RefCell<Vec<String>>>,
    _fetch: Closure<dyn FnMut(String, Object) -> Promise>,
}

impl Signer {
    fn answering(bodies: &[&str]) -> Self {
        let asked = Rc::new(RefCell::new(Vec::new()));
        let mut bodies: Vec<String> = bodies.iter().rev().map(|&body| body.to_owned()).collect();
        let heard = asked.clone();
        let fetch = Closure::new(move |url: String, init: Object| {
            let method = get(&init, "method").as_string().unwrap_or_else(|| "GET".to_owned());
            heard.borrow_mut().push([&method, " ", &url].concat());
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
        Self { asked, _fetch: fetch }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }
}

fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap()
}

fn view(status: &str, revision: u32) -> String {
    format!(r#"{{"id":"pay_1","status":"{status}","revision":{revision},"next_action":null,"failure":null}}"#)
}

fn code(revision: u32) -> String {
    format!(
        r#"{{"id":"pay_1","status":"requires_action","revision":{revision},"failure":null,
            "next_action":{{"type":"qr_code","text":"https://qr.example/1"}}}}"#
    )
}

fn target() -> Target {
    Target::new("https://pay.example", "pay_1", "cs_1")
}

async fn opened(signal: Option<&web_sys::AbortSignal>) -> Session {
    let session = Session::open(target(), None, signal);
    JsFuture::from(session.opened()).await.unwrap();
    session
}

async fn status_of(outcome: Promise) -> String {
    let outcome = JsFuture::from(outcome).await.unwrap();
    get(&outcome, "status").as_string().unwrap()
}

fn happen(on: &JsValue, name: &str, properties: &str) {
    let event = web_sys::Event::new(name).unwrap();
    let properties = JSON::parse(properties).unwrap();
    for entry in Object::entries(properties.unchecked_ref::<Object>()).iter() {
        let entry: js_sys::Array = entry.unchecked_into();
        Reflect::set(&event, &entry.get(0), &entry.get(1)).unwrap();
    }
    on.unchecked_ref::<EventTarget>().dispatch_event(&event).unwrap();
}

fn see(state: &str) {
    let document = get(&js_sys::global(), "document");
    let descriptor = Object::new();
    Reflect::set(&descriptor, &"value".into(), &state.into()).unwrap();
    Reflect::set(&descriptor, &"configurable".into(), &true.into()).unwrap();
    Object::define_property(document.unchecked_ref::<Object>(), &"visibilityState".into(), &descriptor);
    happen(&document, "visibilitychange", "{}");
}

const CONFIRM: &str = "POST https://pay.example/v1/checkout/pay_1/confirm";

#[wasm_bindgen_test]
async fn shows_a_code_follows_it_and_ends() {
    let signer = Signer::answering(&[&view("created", 1), &code(2), &view("succeeded", 3)]);
    let session = opened(None).await;
    let steps = Rc::new(RefCell::new(Vec::new()));
    let seen = steps.clone();
    let listener = Closure::<dyn FnMut(JsValue, JsValue)>::new(move |_, state: JsValue| {
        seen.borrow_mut().push(get(&state, "step").as_string().unwrap());
    });
    let off = session.on_change(listener.as_ref().unchecked_ref::<Function>().clone());
    assert_eq!(status_of(session.confirm(false, None)).await, "succeeded");
    assert_eq!(
        signer.asked(),
        [
            "GET https://pay.example/v1/checkout/pay_1",
            CONFIRM,
            "GET https://pay.example/v1/checkout/pay_1?after_revision=2&wait_s=25",
        ]
    );
    assert_eq!(*steps.borrow(), ["confirming", "following", "closed"]);
    off.call0(&JsValue::UNDEFINED).unwrap();
    assert_eq!(get(&session.view(), "status").as_string().unwrap(), "succeeded");
}

#[wasm_bindgen_test]
async fn two_presses_are_one_request_with_one_end_for_both() {
    let signer = Signer::answering(&[&view("created", 1), &view("succeeded", 2)]);
    let session = opened(None).await;
    let (first, second) = (session.confirm(false, None), session.confirm(false, None));
    assert_eq!(status_of(first).await, "succeeded");
    assert_eq!(status_of(second).await, "succeeded");
    assert_eq!(signer.asked().iter().filter(|asked| *asked == CONFIRM).count(), 1);
}

#[wasm_bindgen_test]
async fn a_signal_ends_the_waiting_and_a_new_one_can_begin() {
    let signer = Signer::answering(&[&view("created", 1), &code(2)]);
    let session = opened(None).await;
    let controller = AbortController::new().unwrap();
    let outcome = session.confirm(false, Some(&controller.signal()));
    controller.abort();
    assert_eq!(status_of(outcome).await, "aborted");
    drop(signer);
    let _signer = Signer::answering(&[&view("succeeded", 3)]);
    assert_eq!(status_of(session.follow(None)).await, "succeeded");
}

#[wasm_bindgen_test]
async fn an_aborted_opening_is_an_abort_error() {
    let _signer = Signer::answering(&[]);
    let controller = AbortController::new().unwrap();
    let session = Session::open(target(), None, Some(&controller.signal()));
    controller.abort();
    let error = JsFuture::from(session.opened()).await.unwrap_err();
    assert_eq!(get(&error, "name").as_string().unwrap(), "AbortError");
}

#[wasm_bindgen_test]
async fn a_page_out_of_the_back_forward_cache_asks_again() {
    let signer = Signer::answering(&[&view("processing", 1)]);
    let session = opened(None).await;
    let outcome = session.follow(None);
    assert_eq!(signer.asked().len(), 2, "the second one hangs, as one does in a frozen page");
    // A request younger than a second is taken for the page's own new one.
    wait_ms(1_100).await;
    let later = Signer::answering(&[&view("succeeded", 2)]);
    happen(&js_sys::global(), "pageshow", r#"{"persisted":true}"#);
    assert_eq!(status_of(outcome).await, "succeeded");
    assert_eq!(later.asked().len(), 1);
}

#[wasm_bindgen_test]
async fn being_seen_again_after_a_while_asks_at_once() {
    let _signer = Signer::answering(&[&view("processing", 1)]);
    let session = opened(None).await;
    let outcome = session.follow(None);
    see("hidden");
    wait_ms(2_100).await;
    let later = Signer::answering(&[&view("succeeded", 2)]);
    see("visible");
    assert_eq!(status_of(outcome).await, "succeeded");
    assert_eq!(later.asked().len(), 1);
}

#[wasm_bindgen_test]
async fn a_listener_that_throws_stops_nothing() {
    let _signer = Signer::answering(&[&view("created", 1), &view("succeeded", 2)]);
    let session = opened(None).await;
    Reflect::set(&js_sys::global(), &"reportError".into(), &JsValue::UNDEFINED).unwrap();
    session.on_change(Function::new_no_args("throw new Error('mine')"));
    assert_eq!(status_of(session.confirm(false, None)).await, "succeeded");
}

#[wasm_bindgen_test]
async fn a_listener_may_abort_and_start_again_in_the_middle_of_a_change() {
    let signer = Signer::answering(&[&view("created", 1), &view("processing", 2), &view("succeeded", 3)]);
    let session = opened(None).await;
    let inner = session.clone();
    let again = Rc::new(RefCell::new(None));
    let kept = again.clone();
    let listener = Closure::<dyn FnMut()>::new(move || {
        if kept.borrow().is_none() {
            drop(inner.on_change(Function::new_no_args("")));
            inner.abort();
            *kept.borrow_mut() = Some(inner.follow(None));
        }
    });
    session.on_change(listener.as_ref().unchecked_ref::<Function>().clone());
    assert_eq!(status_of(session.confirm(false, None)).await, "aborted");
    let again = again.take().unwrap();
    assert_eq!(status_of(again).await, "succeeded");
    drop(signer);
}

/// The flow measures real time, which a browser test cannot turn; so these pauses are the conditions themselves.
async fn wait_ms(pause_ms: i32) {
    let set_timeout: Function = get(&js_sys::global(), "setTimeout").unchecked_into();
    let promise = Promise::new(&mut |resolve, _| {
        set_timeout.call2(&JsValue::UNDEFINED, &resolve, &pause_ms.into()).unwrap();
    });
    JsFuture::from(promise).await.unwrap();
}
