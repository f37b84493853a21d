//! `countersign export`: the ledger's entries of an interval, to standard output.

use std::io::{BufWriter, Write};

use clap::Args;

use super::csv::RecordFormat;
use super::entries::walk;
use super::period::Period;
use super::scope::Scope;
use super::{BookkeepingError, columns};
use crate::config::Environment;

/// What is extracted, and how it is written.
#[derive(Args)]
pub(crate) struct Export {
    /// The beginning: a date, or a time with its zone (RFC 3339)
    #[arg(long)]
    from: String,
    /// The end, which is left out itself
    #[arg(long)]
    to: String,
    /// How it is written
    #[arg(long, value_enum, default_value_t = RecordFormat::Csv)]
    format: RecordFormat,
    #[command(flatten)]
    scope: Scope,
}

impl Export {
    /// Writes the extract.
    ///
    /// # Errors
    /// When there is no such interval, account or ledger, or nobody takes the result.
    pub(crate) fn run(&self, environment: &Environment, out: &mut dyn Write) -> Result<(), BookkeepingError> {
        let period = Period::between(&self.from, &self.to, self.scope.utc_offset)?;
        let mut opened = self.scope.open(environment)?;
        let mut out = BufWriter::new(out);
        self.format.head(&columns::NAMES, &mut out)?;
        walk(&mut opened, period, self.scope.by, &mut |entry| {
            Ok(self.format.record(&columns::fields(&entry), &mut out)?)
        })?;
        Ok(out.flush()?)
    }
}
