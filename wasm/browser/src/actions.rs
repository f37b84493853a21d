//! Addresses from next actions.

use countersign_flow::destination::{self, HicoinPage};
use wasm_bindgen::JsValue;

use crate::object;

pub use countersign_flow::destination::is_web;

/// The page of a `dotwallet_set_pay_config` action; `None` when a part is missing or makes no web address.
pub fn dotwallet_set_pay_config_url(action: &JsValue) -> Option<String> {
    let part = |name| object::text(action, name);
    destination::dotwallet_set_pay_config_url(&part("page_url")?, &part("app_id")?, &part("redirect_uri")?)
}

/// The page of a `hicoin_h5` action; `None` when a part is missing or makes no web address.
pub fn hicoin_payment_url(action: &JsValue) -> Option<String> {
    let part = |name| object::text(action, name);
    destination::hicoin_payment_url(&HicoinPage {
        page_url: &part("page_url")?,
        app_id: &part("app_id")?,
        time_stamp: &part("time_stamp")?,
        nonce_str: &part("nonce_str")?,
        package: &part("package")?,
        sign_type: &part("sign_type")?,
        pay_sign: &part("pay_sign")?,
    })
}
