//! What a machine needs: looks what is missing, installs that, and says what it does. Quiet when nothing is missing.

mod debian;
mod npm;
mod samples;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

pub(crate) use self::samples::python as samples_python;
use crate::postgres::{Installation, MAJOR_MIN};
use crate::project::{self, BROWSER_TARGET};
use crate::shell;

/// One thing that a command of this project needs on the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Rust's standard library for the browser.
    BrowserTarget,
    /// Chromium with its driver, and a font with Chinese characters.
    Browser,
    /// The npm packages in `wasm/`, of the tests in JavaScript, and of `samples/express/`.
    NpmPackages,
    /// PostgreSQL's programs; no service.
    Postgres,
    /// What the sample backends run on beside Node: Python with their packages, and PHP.
    Samples,
    /// `strace` and `faketime`, by which tests watch the signer's system calls and move its clock.
    Tracing,
}

/// All there is to install.
pub(crate) const EVERYTHING: &[Need] =
    &[Need::BrowserTarget, Need::Browser, Need::NpmPackages, Need::Postgres, Need::Samples, Need::Tracing];

/// The browser, its driver for the unit tests, and the smallest font that shows Chinese in screenshots.
const BROWSER_PACKAGES: &[&str] = &["chromium", "chromium-driver", "fonts-wqy-microhei"];

/// Each is a program and the Debian package of the same name.
const TRACING_PROGRAMS: &[&str] = &["strace", "faketime"];

/// Installs what of `needs` is missing.
///
/// # Errors
/// When a tool to install with is missing, or an installation fails.
pub(crate) fn run(needs: &[Need]) -> Result<()> {
    shell::require("cc")?;
    for need in needs {
        match need {
            Need::BrowserTarget => browser_target()?,
            Need::Browser => browser()?,
            Need::NpmPackages => npm::install()?,
            Need::Postgres => postgres()?,
            Need::Samples => samples::install()?,
            Need::Tracing => tracing()?,
        }
    }
    Ok(())
}

fn browser_target() -> Result<()> {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(project::root()).args(["--print", "target-libdir", "--target", BROWSER_TARGET]);
    if Path::new(shell::output(&mut rustc)?.trim()).is_dir() {
        return Ok(());
    }
    say(&format!("adding the Rust target {BROWSER_TARGET}"));
    shell::require("rustup").with_context(|| format!("Rust lacks the target {BROWSER_TARGET}"))?;
    shell::run(Command::new("rustup").current_dir(project::root()).args(["target", "add", BROWSER_TARGET]))
}

fn browser() -> Result<()> {
    if debian::is_here() {
        return debian::install(&debian::missing(BROWSER_PACKAGES)?);
    }
    for program in ["chromium", "chromedriver"] {
        shell::require(program).context("the browser tests need Chromium and its driver")?;
    }
    Ok(())
}

/// Any installation that is new enough will do, whoever made it.
fn postgres() -> Result<()> {
    if Installation::find()?.is_some() {
        return Ok(());
    }
    if debian::is_here() {
        debian::install_postgres()?;
    }
    match Installation::find()? {
        Some(_) => Ok(()),
        None => bail!(
            "PostgreSQL {MAJOR_MIN} or newer is not installed: put its initdb, postgres and psql on the PATH"
        ),
    }
}

fn tracing() -> Result<()> {
    let missing: Vec<&str> =
        TRACING_PROGRAMS.iter().copied().filter(|program| shell::find(program).is_none()).collect();
    if debian::is_here() {
        debian::install(&missing)?;
    }
    for program in missing {
        shell::require(program).context("the tests of lost power and jumping clocks need it")?;
    }
    Ok(())
}

fn say(what: &str) {
    eprintln!("set-up: {what}");
}
