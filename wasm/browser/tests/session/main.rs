//! A session in a real page.

#![expect(clippy::unwrap_used, reason = "a test may panic; clippy does not know these for tests")]

mod bridge;
mod following;
mod page;

use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);
