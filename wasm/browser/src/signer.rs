//! The checkout API by raw fetch.

use countersign_flow::{Problem, Request, View, destination};
use js_sys::{Function, Number, Object, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, RequestInit, Response, Window};

use crate::{environment, object, reading};

/// One payment at one signer, and what opens it.
#[derive(Clone)]
pub struct Target {
    /// The signer's address, without a slash at its end.
    pub signer: String,
    /// The payment.
    pub payment_id: String,
    /// The bearer token that opens it and nothing else. Goes into a header, never into a URL.
    pub client_secret: String,
}

impl Target {
    /// A payment at a signer.
    pub fn new(signer: &str, payment_id: &str, client_secret: &str) -> Self {
        Self {
            signer: signer.trim_end_matches('/').to_owned(),
            payment_id: payment_id.to_owned(),
            client_secret: client_secret.to_owned(),
        }
    }
}

/// A view, with the object it was read from.
pub(crate) struct Answer {
    pub(crate) view: View,
    pub(crate) body: JsValue,
}

/// The page's own address without its fragment goes along, which that method's signature is made over.
const FULL_REFERRER: &str = "unsafe-url";

/// One request on its way out.
pub(crate) struct Call<'a> {
    pub(crate) target: &'a Target,
    pub(crate) request: Request,
    /// The signer has to know the page's whole address to sign for it.
    pub(crate) tells_page: bool,
}

/// Sends one request, and tells what was read from its answer. By callbacks: Rust's futures would bring an
/// executor beside the browser's own.
pub(crate) fn ask(
    call: &Call<'_>,
    signal: &AbortSignal,
    tell: impl Fn(Result<Answer, Problem>) + Clone + 'static,
) {
    let payment_id = call.target.payment_id.clone();
    let unanswered = tell.clone();
    let answered = move |response: JsValue| {
        let response: Response = response.unchecked_into();
        let Ok(json) = response.json() else { return tell(Err(Problem::Unreadable)) };
        let (is_no_json, status) = (tell.clone(), Clone::clone(&response));
        then(
            &json,
            move |body| tell(read(&response, body, &payment_id)),
            // An error's page tells by its status; one that claims success tells nothing.
            move |_| is_no_json(read(&status, JsValue::UNDEFINED, "")),
        );
    };
    then(&fetch(call, signal), answered, move |_| unanswered(Err(Problem::Unreachable)));
}

/// Calls one of two functions once the promise is settled. The other one goes when the garbage is collected.
fn then(promise: &Promise, kept: impl FnOnce(JsValue) + 'static, broken: impl FnOnce(JsValue) + 'static) {
    let then: Function = object::get(promise, "then").unchecked_into();
    let (kept, broken) = (Closure::once_into_js(kept), Closure::once_into_js(broken));
    // The platform's own promise: its `then` does not throw.
    let _: Result<JsValue, JsValue> = then.call2(promise, &kept, &broken);
}

fn read(response: &Response, body: JsValue, payment_id: &str) -> Result<Answer, Problem> {
    if !(200..300).contains(&response.status()) {
        return Err(problem(response, &body));
    }
    let view = reading::view(&body, payment_id).ok_or(Problem::Unreadable)?;
    Ok(Answer { view, body })
}

fn fetch(call: &Call<'_>, signal: &AbortSignal) -> Promise {
    let Call { target, request, tells_page } = *call;
    let (headers, init) = (Object::new(), Object::new());
    put(&headers, "authorization", &["Bearer ", &target.client_secret].concat());
    if let Some(body) = request_body(request) {
        put(&headers, "content-type", "application/json");
        put(&init, "method", "POST");
        put(&init, "body", &body);
    }
    if tells_page {
        put(&init, "referrerPolicy", FULL_REFERRER);
    }
    put(&init, "cache", "no-store");
    put(&init, "credentials", "omit");
    object::set(&init, "headers", &headers);
    object::set(&init, "signal", signal);
    // The same function hangs on a worker's and on Node's global object, so the cast is nominal.
    let window: Window = js_sys::global().unchecked_into();
    window
        .fetch_with_str_and_init(&address(target, request), init.unchecked_ref::<RequestInit>())
        .unchecked_into()
}

fn put(of: &Object, name: &str, text: &str) {
    object::set(of, name, &JsValue::from_str(text));
}

fn request_body(request: Request) -> Option<String> {
    match request {
        Request::Confirm => Some(field("environment", environment::here().environment.as_str())),
        Request::Returned { result } => Some(field("result", result.as_str())),
        Request::View { .. } => None,
    }
}

fn field(name: &str, word: &str) -> String {
    ["{\"", name, "\":\"", word, "\"}"].concat()
}

fn address(target: &Target, request: Request) -> String {
    let mut url = target.signer.clone();
    url.push_str("/v1/checkout/");
    destination::encode(&target.payment_id, &mut url);
    match request {
        Request::Confirm => url.push_str("/confirm"),
        Request::Returned { .. } => url.push_str("/returned"),
        Request::View { wait_s: 0, .. } => {}
        Request::View { after_revision, wait_s } => {
            url.push_str("?after_revision=");
            url.push_str(&decimal(after_revision));
            url.push_str("&wait_s=");
            url.push_str(&decimal(wait_s.into()));
        }
    }
    url
}

/// The platform's own digits: Rust's formatting would weigh more than all of this file.
fn decimal(number: u64) -> String {
    Number::from(number as f64).to_string_with_radix(10).map(String::from).unwrap_or_default()
}

fn problem(response: &Response, body: &JsValue) -> Problem {
    match response.status() {
        401 => Problem::Unauthorized,
        status @ 400..=499 if !matches!(status, 408 | 425 | 429) => reading::refusal(status, body),
        _ => Problem::Unavailable { retry_after_ms: retry_after_ms(response) },
    }
}

/// `retry-after` in its form of seconds; readable from another origin only where the signer exposes it.
fn retry_after_ms(response: &Response) -> Option<u32> {
    let seconds: u32 = response.headers().get("retry-after").ok()??.parse().ok()?;
    Some(seconds.saturating_mul(1000))
}
