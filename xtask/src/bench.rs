//! Measures, side by side in one run: the time until the browser module can be used, beside an empty module.

use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::setup::{self, Need};
use crate::{project, shell, wasm};

#[derive(Args)]
pub(crate) struct Options {
    /// How often each page is opened under each condition
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
}

/// Builds the package as it is released, and times its pages in Chromium.
///
/// # Errors
/// When the set-up or the build fails, or a page does not get ready.
pub(crate) fn run(options: &Options) -> Result<()> {
    setup::run(&[Need::BrowserTarget, Need::Browser, Need::NpmPackages])?;
    let package = project::target_folder()?.join("bench/package");
    wasm::release_into(&package)?;
    let mut node = Command::new("node");
    node.current_dir(project::root().join("tests/browser")).arg("bench/ready.js").arg(package.join("dist"));
    shell::run(node.env("ROUNDS", options.rounds.to_string()))
}
