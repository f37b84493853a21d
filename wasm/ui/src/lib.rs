//! What the ready-made interface shows: panels, words and QR codes. The page's elements are made in `js/mount.js`.

mod amount;
mod catalogue;
mod panel;
mod qr;
mod script;
mod state;

use js_sys::Error;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// The panel for a state: both are plain objects, described in `state.rs` and `panel.rs`.
///
/// # Errors
/// When the state is not shaped as described, or the payment in it lacks a part that every payment has.
#[wasm_bindgen]
pub fn panel(state: JsValue) -> Result<JsValue, JsValue> {
    let has_view = script::get(&state, "view").is_object();
    let state = state::State::of(&state).filter(|state| state.view.is_some() == has_view);
    let state = state.ok_or_else(|| Error::new("the payment is not as a signer describes it"))?;
    // In the language of the words around it: to readers of Chinese, wherever, the yuan is "¥" and not "CN¥".
    let tag = catalogue::Language::of(&state.locale).tag();
    let amount = state.view.as_ref().map(|view| amount::localised(&view.amount, tag));
    Ok(panel::Panel::of(&state, amount).object().into())
}

/// A QR code as SVG text.
///
/// # Errors
/// When the text does not fit into a QR code.
#[wasm_bindgen(js_name = qrSvg)]
pub fn qr_svg(text: &str) -> Result<String, JsValue> {
    match qr::Code::new(text) {
        Some(code) => Ok(code.svg()),
        None => Err(Error::new("the text is too long for a QR code").into()),
    }
}
