//! `countersign migrate`: moves a ledger from SQLite to PostgreSQL.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::config::{self, Environment};
use crate::secret::Secret;
use crate::store::{Copied, CopiedTable, Step, StoreError, copy_ledger};
use crate::{clock, print, refuse};

/// As many rows as are copied between two lines of progress.
const ROWS_A_LINE: u64 = 20_000;

/// From where to where.
#[derive(Args)]
pub(crate) struct Migrate {
    /// The configuration that names the SQLite ledger; nothing else of it is read
    #[arg(long, default_value = "countersign.toml")]
    config: PathBuf,
    /// The PostgreSQL database: postgres://…, or env:NAME or file:PATH, since it may hold a password
    #[arg(long)]
    to: String,
}

impl Migrate {
    /// Copies, and prints what was compared.
    pub(crate) fn run(&self, environment: &Environment) -> ExitCode {
        match self.copy(environment) {
            Ok(Copied::Complete(tables)) => {
                print(&comparison(&tables));
                print("the copy is complete: set store.url to the new database and start the signer\n");
                ExitCode::SUCCESS
            }
            Ok(Copied::Before) => {
                print(
                    "the copy was complete before: set store.url to the new database and start the signer\n",
                );
                ExitCode::SUCCESS
            }
            Ok(Copied::Differs(tables)) => {
                print(&comparison(&tables));
                refuse("the copy differs from the ledger: run the command again to copy anew", 1)
            }
            Err((message, exit)) => refuse(&message, exit),
        }
    }

    fn copy(&self, environment: &Environment) -> Result<Copied, (String, u8)> {
        let question = |message: String| (message, 2);
        let (from, _) = config::load_store(&self.config, environment).map_err(|e| question(e.to_string()))?;
        let to = self.target(environment).map_err(question)?;
        let from = from.expose().strip_prefix("sqlite:").map(Path::new).ok_or_else(|| {
            question("store.url names no SQLite ledger: there is nothing to move".to_owned())
        })?;
        // Nothing else installs one; a second call keeps the first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|e| (format!("the runtime could not be started: {e}"), 1))?;
        let mut shown = Shown::default();
        let copied = copy_ledger(from, to.expose(), runtime.handle(), clock::now_ms(), &mut |step| {
            shown.tell(step);
            Ok(())
        });
        copied.map_err(|error| match error {
            StoreError::InUse { .. } => (format!("{error}; stop the signer first"), 1),
            StoreError::Interrupted(_) => (format!("{error}; run the command again to go on"), 1),
            other => (other.to_string(), 1),
        })
    }

    fn target(&self, environment: &Environment) -> Result<Secret, String> {
        let to = config::secret_argument("--to", &self.to, environment).map_err(|e| e.to_string())?;
        let is_server = to.expose().starts_with("postgres://") || to.expose().starts_with("postgresql://");
        // The text itself may hold a password.
        if is_server {
            Ok(to)
        } else {
            Err("--to: must be an address of PostgreSQL (postgres://…)".to_owned())
        }
    }
}

/// Progress on standard error: the beginning and the end of each table, and a line now and then.
#[derive(Default)]
struct Shown {
    table: String,
    rows: u64,
}

impl Shown {
    fn tell(&mut self, step: Step) {
        let line = match step {
            Step::Begun => "copying".to_owned(),
            Step::GoesOn => "going on where the copy was interrupted".to_owned(),
            Step::Anew => "copying anew: the ledger was used since, or the copy was different".to_owned(),
            Step::Rows { table, done, of } => {
                let begins = table != self.table;
                if !begins && done < of && done < self.rows + ROWS_A_LINE {
                    return;
                }
                if !begins && done == self.rows {
                    return;
                }
                let line = format!("{table}: {done} of {of} rows");
                (self.table, self.rows) = (table, done);
                line
            }
            Step::Comparing { table } => format!("comparing {table}"),
            Step::Left => "everything is the same".to_owned(),
        };
        // Progress that nobody sees is still made.
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

fn comparison(tables: &[CopiedTable]) -> String {
    let mut text = format!("{:<14}{:>12}{:>12}  {:<64}\n", "table", "rows", "copied", "SHA-256");
    for table in tables {
        let same = table.before == table.after;
        let (before, after) = (&table.before, &table.after);
        let sum = &before.sha256;
        text.push_str(&format!("{:<14}{:>12}{:>12}  {sum}\n", table.name, before.rows, after.rows));
        if !same {
            text.push_str(&format!("{:<14}{:>12}{:>12}  {}  DIFFERENT\n", "", "", "", after.sha256));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_none_is_refused_without_being_shown() {
        let target = |to: &str| {
            let migrate = Migrate { config: PathBuf::new(), to: to.to_owned() };
            let environment = [("DB".to_owned(), "postgres://u:canary@h/d".to_owned())].into();
            migrate.target(&environment).map(|secret| secret.expose().to_owned())
        };
        assert_eq!(target("env:DB").unwrap(), "postgres://u:canary@h/d");
        for odd in ["mysql://u:canary@h/d", "canary", "sqlite:canary"] {
            let refused = target(odd).unwrap_err();
            assert!(!refused.contains("canary"), "{refused}");
        }
        assert_eq!(target("env:NONE").unwrap_err(), "--to: environment variable NONE is not set");
    }
}
