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
/// When the state is not shaped as described.
#[wasm_bindgen]
pub fn panel(state: JsValue) -> Result<JsValue, JsValue> {
    let state = state::State::of(&state).ok_or_else(|| Error::new("the state is not as described"))?;
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
