//! What both commands are told: which ledger, which account, by which time.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::tz::Offset;
use tokio::runtime::Runtime;

use super::BookkeepingError;
use super::period::read_offset;
use crate::config::{self, Environment};
use crate::store::Extract;

/// Which ledger, which account, by which time.
#[derive(Args)]
pub(crate) struct Scope {
    /// The configuration; only the ledger's address and the names of the accounts are read
    #[arg(long, default_value = "countersign.toml")]
    config: PathBuf,
    /// This account only
    #[arg(long)]
    pub(super) account: Option<String>,
    /// Where money that came in belongs: to the time when the ledger learnt of it, or when the gateway says it was paid
    #[arg(long, value_enum, default_value_t = By::Recorded)]
    pub(super) by: By,
    /// Where a day begins, e.g. +08:00 as the gateways' portals count them
    #[arg(long, default_value = "Z", value_name = "OFFSET", value_parser = read_offset, allow_hyphen_values = true)]
    pub(super) utc_offset: Offset,
}

/// Which time counts for money that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum By {
    /// When the ledger learnt of it: what was in an interval once stays in it.
    Recorded,
    /// When the gateway says it was paid.
    Paid,
}

/// A ledger that is open, and what it needs to be read.
pub(super) struct Opened {
    pub(super) extract: Extract,
    /// The accounts that are asked about, by name.
    pub(super) accounts: Vec<String>,
    _runtime: Runtime,
}

impl Scope {
    /// Opens the ledger and finds the accounts.
    pub(super) fn open(&self, environment: &Environment) -> Result<Opened, BookkeepingError> {
        let (url, configured) = config::load_store(&self.config, environment)?;
        let mut opened = Opened::at(url.expose())?;
        if let Some(wanted) = &self.account {
            if !opened.accounts.contains(wanted) && !configured.contains(wanted) {
                let reason =
                    format!("no account {wanted} is configured, and the ledger has none of this name");
                return Err(BookkeepingError::Question(reason));
            }
            opened.accounts.retain(|account| account == wanted);
        }
        Ok(opened)
    }
}

impl Opened {
    /// The ledger at an address, all its accounts.
    pub(super) fn at(url: &str) -> Result<Self, BookkeepingError> {
        // Nothing else installs one; a second call keeps the first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let mut extract = Extract::open(url, runtime.handle())?;
        let accounts = extract.accounts()?;
        Ok(Self { extract, accounts, _runtime: runtime })
    }
}
