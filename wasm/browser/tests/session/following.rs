//! Submitting, following, ending.

use std::cell::RefCell;
use std::rc::Rc;

use countersign_browser::{Session, Settings};
use js_sys::{Function, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::AbortController;

use crate::page::{CONFIRM, Signer, code, get, happen, opened, see, status_of, target, view, wait_ms};

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
    let session = Session::open(target(), Settings::default(), Some(&controller.signal()));
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

#[wasm_bindgen_test]
async fn being_connected_again_asks_at_once() {
    let signer = Signer::answering(&[&view("processing", 1)]);
    let session = opened(None).await;
    let outcome = session.follow(None);
    assert_eq!(signer.asked().len(), 2, "the second one hangs, as one does on a dead connection");
    let later = Signer::answering(&[&view("succeeded", 2)]);
    happen(&js_sys::global(), "online", "{}");
    assert_eq!(status_of(outcome).await, "succeeded");
    assert_eq!(later.asked().len(), 1);
}
