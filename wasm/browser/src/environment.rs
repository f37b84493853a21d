//! Asks the browser where the page is open.

use countersign_core::MethodType;
use countersign_flow::{Elsewhere, Environment, Here};

use crate::object;

/// Where this page is open; a computer when there is no browser to ask.
pub fn here() -> Here {
    let navigator = object::global("navigator");
    let user_agent = object::text(&navigator, "userAgent").unwrap_or_default();
    let touch_points = object::get(&navigator, "maxTouchPoints").as_f64().unwrap_or_default();
    Here::detect(&user_agent, touch_points as u32)
}

/// What is to be said about a method in an environment, both by name.
pub enum Fit {
    /// A payer can be expected to finish there.
    Fits,
    /// It may not work there; it does elsewhere.
    Better(Elsewhere),
    /// It cannot work there, and the signer refuses it; it works elsewhere.
    RuledOut(Elsewhere),
    /// A name that this version does not know.
    Unknown,
}

/// How a method fits an environment.
pub fn fit(method: &str, environment: &str) -> Fit {
    let (Some(method), Some(environment)) = (MethodType::parse(method), Environment::parse(environment))
    else {
        return Fit::Unknown;
    };
    match Elsewhere::than(environment, method) {
        None => Fit::Fits,
        Some(there) if environment.rules_out(method).is_some() => Fit::RuledOut(there),
        Some(there) => Fit::Better(there),
    }
}
