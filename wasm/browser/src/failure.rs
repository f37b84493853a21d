//! Errors as the page's scripts see them: an `Error` with a `code` from a closed set.

use countersign_flow::Problem;
use js_sys::Error;
use wasm_bindgen::JsValue;

use crate::object;

/// An error named `CheckoutError` with this code.
pub fn error(code: &str, message: &str) -> JsValue {
    named("CheckoutError", code, message)
}

/// What a call with wrong arguments gets.
pub fn invalid(message: &str) -> JsValue {
    error("invalid_options", message)
}

/// What waits for something that was aborted gets, as from the platform's own functions.
pub(crate) fn aborted() -> JsValue {
    named("AbortError", "aborted", "the checkout was aborted")
}

/// The client secret does not open the payment.
pub(crate) fn unauthorized() -> JsValue {
    error("unauthorized", "the client secret does not open this payment, or no longer does")
}

/// What a request came to, in words.
pub(crate) fn of(problem: &Problem) -> JsValue {
    match problem {
        Problem::Unauthorized => unauthorized(),
        Problem::Refused { code, .. } if !code.is_empty() => {
            error(code, "the signer refused the request; its problem code is the code of this error")
        }
        Problem::Refused { .. } | Problem::Misplaced => error("refused", "the signer refused the request"),
        Problem::Unavailable { .. } => error("unavailable", "the signer cannot answer now"),
        Problem::Unreachable => {
            error("unreachable", "the signer cannot be reached, or its CORS settings refuse this page")
        }
        Problem::Unreadable => error(
            "unreadable",
            "what answered is not the signer of this payment: look at the option \"signer\"",
        ),
    }
}

fn named(name: &str, code: &str, message: &str) -> JsValue {
    let error = Error::new(message);
    object::set(&error, "name", &JsValue::from_str(name));
    object::set(&error, "code", &JsValue::from_str(code));
    error.into()
}
