//! Calling WeChat's bridge, in a page that says it is WeChat.

use std::cell::RefCell;
use std::rc::Rc;

use countersign_browser::{Session, Settings};
use js_sys::{Function, JSON, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Signer, get, status_of, target, wait_ms};

const WECHAT: &str = "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.40";

/// Plays the wallet; what it was given, and how to speak.
struct Wallet {
    calls: Rc<RefCell<Vec<(JsValue, Function)>>>,
    bridge: Closure<dyn FnMut(JsValue, Function)>,
}

impl Wallet {
    fn new() -> Self {
        let calls = Rc::new(RefCell::new(Vec::new()));
        let called = calls.clone();
        let bridge = Closure::new(move |action, report| called.borrow_mut().push((action, report)));
        Self { calls, bridge }
    }

    fn settings(&self) -> Settings {
        let bridge: &JsValue = self.bridge.as_ref();
        Settings { locale: None, bridge: Some(bridge.clone().unchecked_into()) }
    }

    fn calls(&self) -> usize {
        self.calls.borrow().len()
    }

    fn says(&self, nth: usize, word: &str) {
        let (_, report) = self.calls.borrow()[nth].clone();
        report.call1(&JsValue::UNDEFINED, &word.into()).unwrap();
    }
}

/// The page says for the time of a test that it is open there.
fn pretend(user_agent: &str) {
    let navigator = get(&js_sys::global(), "navigator");
    let descriptor = Object::new();
    Reflect::set(&descriptor, &"value".into(), &user_agent.into()).unwrap();
    Reflect::set(&descriptor, &"configurable".into(), &true.into()).unwrap();
    Object::define_property(navigator.unchecked_ref::<Object>(), &"userAgent".into(), &descriptor);
}

fn jsapi(method: &str, status: &str, revision: u32) -> String {
    format!(
        r#"{{"id":"pay_1","status":"{status}","revision":{revision},"failure":null,"method":{{"type":"{method}"}},
            "next_action":{{"type":"wechat_jsapi","payload":{{"appId":"wx1","package":"prepay_id=1"}}}}}}"#
    )
}

fn open_with(wallet: &Wallet) -> Session {
    Session::open(target(), wallet.settings(), None)
}

/// Waits until the session takes this step, but not for ever.
async fn comes_to(session: &Session, step: &str) {
    for _ in 0..1_000 {
        if session.step() == step {
            return;
        }
        wait_ms(5).await;
    }
    panic!("waited in vain for {step}, it is {}", session.step());
}

const METHOD: &str = "blueocean_wechat_jsapi";

#[wasm_bindgen_test]
async fn gives_the_bridge_the_action_as_it_came_and_tells_the_signer_its_word() {
    pretend(WECHAT);
    let signer = Signer::answering(&[&jsapi(METHOD, "created", 1), &jsapi(METHOD, "requires_action", 2)]);
    let wallet = Wallet::new();
    let session = open_with(&wallet);
    JsFuture::from(session.opened()).await.unwrap();
    let outcome = session.confirm(false, None);
    comes_to(&session, "invoking").await;
    assert_eq!(wallet.calls(), 1);
    let given = JSON::stringify(&get(&wallet.calls.borrow()[0].0, "payload")).unwrap();
    assert_eq!(String::from(given), r#"{"appId":"wx1","package":"prepay_id=1"}"#);
    drop(signer);

    let signer = Signer::answering(&[&jsapi(METHOD, "requires_action", 2), &jsapi(METHOD, "succeeded", 3)]);
    wallet.says(0, "ok");
    assert_eq!(session.bridge_result(), Some("ok"));
    assert_eq!(status_of(outcome).await, "succeeded");
    assert_eq!(signer.asked()[0], "POST https://pay.example/v1/checkout/pay_1/returned");
    assert_eq!(signer.init(0, "body"), r#"{"result":"ok"}"#);
}

#[wasm_bindgen_test]
async fn a_cancel_can_be_followed_by_another_try_or_by_an_ok() {
    pretend(WECHAT);
    let wallet = Wallet::new();
    let _signer = Signer::answering(&[&jsapi(METHOD, "created", 1), &jsapi(METHOD, "requires_action", 2)]);
    let session = open_with(&wallet);
    JsFuture::from(session.opened()).await.unwrap();
    let outcome = session.confirm(false, None);
    comes_to(&session, "invoking").await;
    let signer = Signer::answering(&[&jsapi(METHOD, "requires_action", 2)]);
    wallet.says(0, "cancel");
    comes_to(&session, "following").await;
    assert_eq!(signer.init(0, "body"), r#"{"result":"cancel"}"#);
    assert_eq!(session.bridge_result(), Some("cancel"));
    session.proceed();
    assert_eq!((wallet.calls(), session.step()), (2, "invoking"));
    let signer = Signer::answering(&[&jsapi(METHOD, "succeeded", 3)]);
    wallet.says(0, "ok");
    assert_eq!(status_of(outcome).await, "succeeded");
    assert_eq!(signer.init(0, "body"), r#"{"result":"ok"}"#);
    wallet.says(1, "fail");
    assert_eq!(signer.asked().len(), 1, "after the end nobody listens");
}

#[wasm_bindgen_test]
async fn a_bridge_that_is_missing_or_throws_is_unsupported() {
    pretend(WECHAT);
    let throwing = Settings { locale: None, bridge: Some(Function::new_no_args("throw new Error('gone')")) };
    for settings in [Settings::default(), throwing] {
        let _signer =
            Signer::answering(&[&jsapi(METHOD, "created", 1), &jsapi(METHOD, "requires_action", 2)]);
        let session = Session::open(target(), settings, None);
        JsFuture::from(session.opened()).await.unwrap();
        assert_eq!(status_of(session.confirm(false, None)).await, "unsupported");
    }
}

#[wasm_bindgen_test]
async fn only_the_hong_kong_confirmation_tells_the_pages_whole_address() {
    pretend(WECHAT);
    for (method, policy) in [("blueocean_wechat_hk_jsapi", "unsafe-url"), (METHOD, "")] {
        let signer = Signer::answering(&[&jsapi(method, "created", 1), &jsapi(method, "succeeded", 2)]);
        let session = open_with(&Wallet::new());
        JsFuture::from(session.opened()).await.unwrap();
        assert_eq!(status_of(session.confirm(false, None)).await, "succeeded");
        assert_eq!(signer.init(0, "referrerPolicy"), "", "looking it up does not");
        assert_eq!(signer.init(1, "referrerPolicy"), policy, "{method}");
        assert_eq!(signer.init(1, "body"), r#"{"environment":"wechat"}"#);
    }
}

#[wasm_bindgen_test]
async fn outside_wechat_nothing_is_submitted_and_the_outcome_says_where() {
    pretend("Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0");
    let signer = Signer::answering(&[&jsapi(METHOD, "created", 1)]);
    let session = open_with(&Wallet::new());
    JsFuture::from(session.opened()).await.unwrap();
    let outcome = JsFuture::from(session.confirm(false, None)).await.unwrap();
    assert_eq!(get(&outcome, "status").as_string().unwrap(), "wrong_environment");
    assert_eq!(get(&outcome, "openIn").as_string().unwrap(), "wechat");
    assert_eq!(signer.asked().len(), 1);
}
