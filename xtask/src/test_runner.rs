//! Runs the browser unit tests of one crate: cargo's runner for the browser target, built from our own lock file.

use std::ffi::OsString;

use anyhow::Result;
use wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args;

/// Runs the test module that cargo names in `args`, in headless Chromium where the tests ask for a browser.
///
/// # Errors
/// When a test fails, or no browser can be started.
pub(crate) fn run(args: Vec<OsString>) -> Result<()> {
    // The runner reads its own name first, as a program does.
    run_cli_with_args(std::iter::once(OsString::from("test-runner")).chain(args))
}
