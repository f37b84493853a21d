//! `countersign`: the signer. Holds the keys, signs, calls the gateways, keeps the ledger, tells the merchant.

mod address;
mod app;
mod bookkeeping;
mod clock;
mod config;
mod doctor;
mod gateway;
mod http;
mod id;
mod ledger;
mod migrate;
mod reconcile;
mod sealed;
mod secret;
mod start;
mod store;
mod telemetry;
#[cfg(test)]
mod trials;
mod upstream;
#[cfg(test)]
mod vectors;
mod webhook;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Lets a merchant's checkout page take payments without a secret in the browser.
#[derive(Parser)]
#[command(name = "countersign", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the signer
    Serve {
        /// The configuration
        #[arg(long, default_value = "countersign.toml")]
        config: PathBuf,
    },
    /// Read the configuration, print it with secrets masked, list warnings; exit 0 usable, 2 not
    Check {
        /// The configuration
        #[arg(long, default_value = "countersign.toml")]
        config: PathBuf,
    },
    /// Explain a signature; never prints a key
    #[command(subcommand)]
    Doctor(doctor::Question),
    /// Ask the gateways about every open or uncertain payment now; exit 0, or 1 when some could not be asked
    Reconcile(reconcile::Question),
    /// Extract the ledger's entries of an interval for bookkeeping, as CSV or JSON lines
    Export(bookkeeping::Export),
    /// Sum up days by account and currency, and check the ledger against itself; exit 1 when it does not add up
    Summary(bookkeeping::Summary),
    /// Copy a ledger from SQLite to PostgreSQL while the signer is stopped; goes on where it was interrupted
    Migrate(migrate::Migrate),
    /// Print the page of the gateways' codes
    #[command(hide = true)]
    CodesPage,
}

fn main() -> ExitCode {
    // Names and values that are not UTF-8 are nothing this program is configured by.
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    match CommandLine::parse().command {
        Command::Check { config } => check(&config, &environment),
        Command::Serve { config } => match config::load(&config, &environment) {
            Ok((settings, report)) => start::serve(settings, &report),
            Err(error) => refuse(&error.to_string(), 2),
        },
        Command::Doctor(question) => match question.answer(&environment) {
            Ok(answer) => {
                print(&answer.text);
                ExitCode::from(answer.exit)
            }
            Err(reason) => refuse(&reason, 2),
        },
        Command::Reconcile(question) => match config::load(&question.config, &environment) {
            Ok((settings, _)) => question.answer(settings),
            Err(error) => refuse(&error.to_string(), 2),
        },
        Command::Export(export) => {
            written(export.run(&environment, &mut std::io::stdout().lock()), |()| ExitCode::SUCCESS)
        }
        Command::Summary(summary) => {
            written(summary.run(&environment, &mut std::io::stdout().lock()), checked)
        }
        Command::Migrate(migrate) => migrate.run(&environment),
        Command::CodesPage => {
            print(&doctor::codes_page());
            ExitCode::SUCCESS
        }
    }
}

fn check(file: &std::path::Path, environment: &config::Environment) -> ExitCode {
    match config::load(file, environment) {
        Ok((_, report)) => {
            print(&report.shown);
            for warning in &report.warnings {
                print(&format!("warning: {warning}\n"));
            }
            ExitCode::SUCCESS
        }
        Err(error) => refuse(&error.to_string(), 2),
    }
}

/// What becomes of a result that was written; a reader that has seen enough is no failure.
fn written<T>(result: Result<T, bookkeeping::BookkeepingError>, end: impl FnOnce(T) -> ExitCode) -> ExitCode {
    match result {
        Ok(result) => end(result),
        Err(error) if error.is_reader_gone() => ExitCode::SUCCESS,
        Err(error) => refuse(&error.to_string(), error.exit()),
    }
}

fn checked(checked: bookkeeping::Checked) -> ExitCode {
    if checked.is_equal {
        return ExitCode::SUCCESS;
    }
    checked.differences.iter().for_each(|difference| {
        refuse(difference, 1);
    });
    refuse("the ledger does not add up", 1)
}

/// One clear line, and out.
fn refuse(message: &str, code: u8) -> ExitCode {
    // Where there is no one to read it, the exit code still tells.
    let _ = writeln!(std::io::stderr(), "countersign: {message}");
    ExitCode::from(code)
}

fn print(text: &str) {
    // A reader that has gone away wants no more.
    let _ = std::io::stdout().write_all(text.as_bytes());
}
