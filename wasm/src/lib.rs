//! The module's edge: what scripts see of the flow. Typed by hand, without a serialiser, to stay small.
//!
//! The curated types are in `js/index.d.ts`; whatever is added here is added there.

use countersign_browser::environment::Fit;
use countersign_browser::{Session, Settings, Target, actions, environment, failure, memory};
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::AbortSignal;

/// One payment in this page.
#[wasm_bindgen]
pub struct Payment {
    session: Session,
}

#[wasm_bindgen]
impl Payment {
    /// Kept once the payment was found, broken when it does not open or the signer cannot be reached.
    #[wasm_bindgen(getter)]
    pub fn opened(&self) -> Promise {
        self.session.opened()
    }

    /// The payment's name.
    #[wasm_bindgen(getter)]
    pub fn id(&self) -> String {
        self.session.target().payment_id.clone()
    }

    /// The payment as the signer last described it.
    #[wasm_bindgen(getter)]
    pub fn view(&self) -> JsValue {
        self.session.view()
    }

    /// What is going on, in a word.
    #[wasm_bindgen(getter)]
    pub fn step(&self) -> String {
        self.session.step().to_owned()
    }

    /// Whether the last request brought an answer.
    #[wasm_bindgen(getter)]
    pub fn connected(&self) -> bool {
        self.session.is_connected()
    }

    /// What WeChat's bridge said last: `ok`, `cancel`, `fail` or `unknown`.
    #[wasm_bindgen(getter)]
    pub fn bridge(&self) -> Option<String> {
        self.session.bridge_result().map(str::to_owned)
    }

    /// The language asked for when it was opened, also after a redirect.
    #[wasm_bindgen(getter)]
    pub fn locale(&self) -> Option<String> {
        self.session.locale()
    }

    /// Calls a function with every change.
    ///
    /// # Errors
    /// When there is no such event, or nothing to call.
    pub fn on(&self, event: &str, listener: JsValue) -> Result<Function, JsValue> {
        if event != "change" {
            return Err(failure::invalid("the only event is \"change\""));
        }
        let listener: Function =
            listener.dyn_into().map_err(|_| failure::invalid("a listener is a function"))?;
        Ok(self.session.on_change(listener))
    }

    /// Submits the payment, performs what the payer has to do, and sees it through.
    pub fn confirm(&self, options: &JsValue) -> Promise {
        self.session.confirm(option(options, "holdConsent").is_truthy(), signal(options).as_ref())
    }

    /// Watches the payment to its end.
    pub fn follow(&self, options: &JsValue) -> Promise {
        self.session.follow(signal(options).as_ref())
    }

    /// Performs the present next action once more, when that is a page to go to or a bridge to call.
    pub fn proceed(&self) {
        self.session.proceed();
    }

    /// Stops waiting.
    pub fn abort(&self) {
        self.session.abort();
    }
}

/// Starts to look a payment up; [`Payment::opened`] says how that went. `bridge` calls WeChat's bridge.
///
/// # Errors
/// When an option is missing.
#[wasm_bindgen]
pub fn open(options: &JsValue, bridge: Option<Function>) -> Result<Payment, JsValue> {
    let signer = required(options, "signer")?;
    // A path leads to a signer behind the page's own address; a host without a scheme would be taken for one.
    if !(actions::is_web(&signer) || signer.starts_with('/')) {
        return Err(failure::invalid("the option \"signer\" is no address: it begins with https://"));
    }
    let target = Target::new(&signer, &required(options, "paymentId")?, &required(options, "clientSecret")?);
    let settings = Settings { locale: option(options, "locale").as_string(), bridge };
    Ok(Payment { session: Session::open(target, settings, signal(options).as_ref()) })
}

/// Starts to take up the payment that this page was left for, if there is one.
#[wasm_bindgen]
pub fn resume(options: &JsValue, bridge: Option<Function>) -> Option<Payment> {
    let hold_consent = option(options, "holdConsent").is_truthy();
    let session = Session::resume(memory::recall()?, bridge, hold_consent, signal(options).as_ref());
    Some(Payment { session })
}

/// Which payment [`resume`] would take up: `{signer, paymentId}` or `null`.
#[wasm_bindgen]
pub fn resumable() -> JsValue {
    let Some(memory) = memory::recall() else {
        return JsValue::NULL;
    };
    let Target { signer, payment_id, .. } = &memory.target;
    plain(&[("signer", signer.into()), ("paymentId", payment_id.into())])
}

/// Where this page is open.
#[wasm_bindgen]
pub fn environment() -> String {
    environment::here().environment.as_str().to_owned()
}

/// Whether this page is shown by a WeChat mini program.
#[wasm_bindgen(js_name = inMiniProgram)]
pub fn in_mini_program() -> bool {
    environment::here().in_mini_program
}

/// Whether a method can be finished in an environment; never for unknown names.
#[wasm_bindgen(js_name = methodFits)]
pub fn method_fits(method: &str, environment: &str) -> bool {
    matches!(environment::fit(method, environment), Fit::Fits)
}

/// Where a method works better than in an environment: `{open, required}` with `required` when it does not work in
/// that environment at all; `null` when it fits or a name is unknown.
#[wasm_bindgen(js_name = betterPlace)]
pub fn better_place(method: &str, environment: &str) -> JsValue {
    let (there, required) = match environment::fit(method, environment) {
        Fit::Fits | Fit::Unknown => return JsValue::NULL,
        Fit::Better(there) => (there, false),
        Fit::RuledOut(there) => (there, true),
    };
    plain(&[("open", there.as_str().into()), ("required", required.into())])
}

/// The page of a `dotwallet_set_pay_config` action.
///
/// # Errors
/// When a part is missing or makes no web address.
#[wasm_bindgen(js_name = dotwalletSetPayConfigUrl)]
pub fn dotwallet_set_pay_config_url(action: &JsValue) -> Result<String, JsValue> {
    actions::dotwallet_set_pay_config_url(action)
        .ok_or_else(|| failure::invalid("the action needs page_url (http or https), app_id and redirect_uri"))
}

/// The page of a `hicoin_h5` action.
///
/// # Errors
/// When a part is missing or makes no web address.
#[wasm_bindgen(js_name = hicoinPaymentUrl)]
pub fn hicoin_payment_url(action: &JsValue) -> Result<String, JsValue> {
    actions::hicoin_payment_url(action).ok_or_else(|| {
        failure::invalid("the action needs page_url (http or https), app_id, time_stamp, nonce_str, package, sign_type and pay_sign")
    })
}

fn plain(fields: &[(&str, JsValue)]) -> JsValue {
    let made = Object::new();
    for (name, value) in fields {
        // A plain object takes every property.
        let _: Result<bool, JsValue> = Reflect::set(&made, &JsValue::from_str(name), value);
    }
    made.into()
}

fn option(options: &JsValue, name: &str) -> JsValue {
    Reflect::get(options, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

fn required(options: &JsValue, name: &str) -> Result<String, JsValue> {
    option(options, name)
        .as_string()
        .filter(|text| !text.is_empty())
        .ok_or_else(|| failure::invalid(&["the option \"", name, "\" is missing"].concat()))
}

fn signal(options: &JsValue) -> Option<AbortSignal> {
    let signal = option(options, "signal");
    signal.is_object().then(|| signal.unchecked_into())
}
