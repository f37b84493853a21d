//! Asks the browser where the page is open.

use countersign_core::MethodType;
use countersign_flow::Environment;

use crate::object;

/// Where this page is open; a computer when there is no browser to ask.
pub fn current() -> Environment {
    let navigator = object::global("navigator");
    let user_agent = object::text(&navigator, "userAgent").unwrap_or_default();
    let touch_points = object::get(&navigator, "maxTouchPoints").as_f64().unwrap_or_default();
    Environment::detect(&user_agent, touch_points as u32)
}

/// Whether a method, by its name, can be finished in an environment, by its name; never for unknown names.
pub fn method_fits(method: &str, environment: &str) -> bool {
    match (MethodType::parse(method), Environment::parse(environment)) {
        (Some(method), Some(environment)) => environment.fits(method),
        _ => false,
    }
}
