//! The project's commands: `cargo xtask <command>`, one file or folder per command.

mod bench;
mod demo;
mod docs;
mod postgres;
mod project;
mod random;
mod setup;
mod shell;
mod test;
mod test_runner;
mod tidy;
mod torture;
mod wasm;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use setup::Need;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The project's commands", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Installs what is missing on this machine: browser target, Chromium, npm packages, PostgreSQL, tools of the tests
    Setup,
    /// Starts simulators of the gateways, the signer and the demo shop; prints one address to open
    Demo(demo::Options),
    /// Starts a private PostgreSQL for tests that are run by hand, and says what to set
    Postgres,
    /// Checks everything: format, lints, architecture, unit tests, journeys, browser journeys
    Test(test::Options),
    /// Kills the signer again and again among faults on all sides, and audits everybody's books
    Torture(torture::Options),
    /// Builds the npm package from the crates in wasm/
    Wasm {
        /// Runs wasm-opt over the result, as for a release
        #[arg(long)]
        release: bool,
    },
    /// Times the browser module in Chromium, beside an empty one
    Bench(bench::Options),
    /// Writes the pages that are made from code: docs/errors.md, docs/browser.md
    Docs,
    /// Checks the rules of the architecture
    Tidy,
    /// Runs browser unit tests in headless Chromium; cargo calls this one
    #[command(hide = true)]
    TestRunner {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let outcome = match CommandLine::parse().command {
        Command::Setup => setup::run(setup::EVERYTHING),
        Command::Demo(options) => demo::run(&options),
        Command::Postgres => postgres::run(),
        Command::Test(options) => test::run(&options),
        Command::Torture(options) => torture::run(&options),
        Command::Wasm { release } => {
            let needs: &[_] =
                if release { &[Need::BrowserTarget, Need::NpmPackages] } else { &[Need::BrowserTarget] };
            setup::run(needs).and_then(|()| wasm::build(release))
        }
        Command::Bench(options) => bench::run(&options),
        Command::Docs => setup::run(&[Need::NpmPackages]).and_then(|()| docs::write()),
        Command::Tidy => tidy::run(),
        Command::TestRunner { args } => test_runner::run(args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
