//! The browser's side of the flow: performs its effects and tells it what happened.
//!
//! A crate of its own, beside the module that exports it, because a library that is both linked and tested
//! switches link-time optimisation off for the module. Start reading at [`Session`].

pub mod actions;
pub mod environment;
pub mod failure;
pub mod memory;

mod listener;
mod listeners;
mod object;
mod page;
mod reading;
mod session;
mod signer;
mod timeout;
mod waiter;

pub use session::{Session, Settings};
pub use signer::Target;

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
