//! `countersign doctor`: explains a signature to a person, from the account's settings. Never prints a key.

mod codes_page;
mod diagnosis;
mod input;
mod json_text;
mod keyring;
mod misreadings;
mod sheet;
mod sign;
mod verify;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::config::{self, Environment};
use keyring::Keyring;

pub(crate) use codes_page::page as codes_page;

/// What the doctor is asked.
#[derive(Subcommand)]
pub(crate) enum Question {
    /// A JSON object of fields in; canonical string, string to sign (key masked) and signature out
    Sign(Patient),
    /// A captured notification in (form, JSON, query or address); says whether it verifies, and which known mistake
    /// would explain it when it does not; exit 0 verified, 1 not, 2 unusable
    Verify(Patient),
}

/// Which account, and what to look at.
#[derive(Args)]
pub(crate) struct Patient {
    /// The account's name in the configuration
    #[arg(long)]
    account: String,
    /// The configuration
    #[arg(long, default_value = "countersign.toml")]
    config: PathBuf,
    /// Hicoin only: which of the account's secrets signs
    #[arg(long)]
    with: Option<With>,
    /// The input; - is the standard input
    #[arg(value_name = "FILE|-", default_value = "-")]
    file: PathBuf,
}

/// One of Hicoin's two secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum With {
    /// Orders, their page, notifications
    #[value(name = "mch_key")]
    MchKey,
    /// Payout
    #[value(name = "app_secret")]
    AppSecret,
}

/// What the doctor says.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Labelled lines for the standard output.
    pub(crate) text: String,
    /// The program's exit code.
    pub(crate) exit: u8,
}

impl Question {
    /// Answers it.
    ///
    /// # Errors
    /// A sentence on what cannot be used: the configuration, the account's name or the input.
    pub(crate) fn answer(&self, environment: &Environment) -> Result<Answer, String> {
        let (Self::Sign(patient) | Self::Verify(patient)) = self;
        let accounts =
            config::load_accounts(&patient.config, environment).map_err(|error| error.to_string())?;
        let ring = Keyring::of(&accounts, &patient.account, patient.with)?;
        let bytes = input::read(&patient.file)?;
        match self {
            Self::Sign(_) => sign::explain(&ring, &bytes).map(|text| Answer { text, exit: 0 }),
            Self::Verify(_) => verify::judge(&ring, &bytes),
        }
    }
}

#[cfg(test)]
mod tests;
