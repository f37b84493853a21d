//! `countersign summary`: the figures of each day, account and currency, and the ledger checked against itself.

pub(super) mod figures;
mod text;

use std::io::{BufWriter, Write};

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::tz::Offset;

use self::figures::{Figures, Gathered, Key};
use super::BookkeepingError;
use super::csv::RecordFormat;
use super::entries::walk;
use super::period::{Period, day_of};
use super::scope::{By, Scope};
use crate::clock;
use crate::config::Environment;

/// Which days are summed up, and how they are written.
#[derive(Args)]
pub(crate) struct Summary {
    /// One day, e.g. 2026-11-22; yesterday when no time is given
    #[arg(long, conflicts_with_all = ["from", "to"])]
    day: Option<Date>,
    /// The beginning: a date, or a time with its zone (RFC 3339)
    #[arg(long, requires = "to")]
    from: Option<String>,
    /// The end, which is left out itself
    #[arg(long, requires = "from")]
    to: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    format: SummaryFormat,
    #[command(flatten)]
    scope: Scope,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SummaryFormat {
    /// For people
    Text,
    /// A line of names, then a line for each day, account and currency
    Csv,
    /// A JSON object on a line for each day, account and currency
    Jsonl,
}

/// What came of checking.
pub(crate) struct Checked {
    /// One sentence for each payment that is not in order.
    pub(crate) differences: Vec<String>,
    /// Whether everything is.
    pub(crate) is_equal: bool,
}

impl Summary {
    /// Writes the summary.
    ///
    /// # Errors
    /// When there is no such time, account or ledger, or nobody takes the result.
    pub(crate) fn run(
        &self,
        environment: &Environment,
        out: &mut dyn Write,
    ) -> Result<Checked, BookkeepingError> {
        let offset = self.scope.utc_offset;
        let period = self.period(offset)?;
        let mut opened = self.scope.open(environment)?;
        let mut gathered = Gathered::default();
        walk(&mut opened, period, self.scope.by, &mut |entry| {
            gathered.add(&entry, offset);
            Ok(())
        })?;
        let mut out = BufWriter::new(out);
        match self.format {
            SummaryFormat::Text => text::write(&self.title(period, offset), &gathered, &mut out)?,
            SummaryFormat::Csv => records(RecordFormat::Csv, &gathered, &mut out)?,
            SummaryFormat::Jsonl => records(RecordFormat::Jsonl, &gathered, &mut out)?,
        }
        out.flush()?;
        let name = |one: &figures::Named| {
            format!("{} ({} {}): {}", one.payment, one.account, one.order_id, one.what)
        };
        Ok(Checked {
            differences: gathered.differences.values().map(name).collect(),
            is_equal: gathered.rows.values().all(Figures::is_equal),
        })
    }

    fn period(&self, offset: Offset) -> Result<Period, BookkeepingError> {
        match (&self.from, &self.to, self.day) {
            (Some(from), Some(to), _) => Period::between(from, to, offset),
            (_, _, Some(day)) => Period::of_day(day, offset),
            _ => {
                let yesterday = day_of(clock::now_ms(), offset).yesterday();
                let yesterday = yesterday.map_err(|e| BookkeepingError::Question(e.to_string()))?;
                Period::of_day(yesterday, offset)
            }
        }
    }

    fn title(&self, period: Period, offset: Offset) -> String {
        let (from, to) = (clock::rfc3339(period.from_ms), clock::rfc3339(period.to_ms));
        let by = match self.scope.by {
            By::Recorded => "when the ledger learnt of it",
            By::Paid => "when the gateway says it was paid",
        };
        let day = if offset == Offset::UTC { "+00".to_owned() } else { offset.to_string() };
        format!("Ledger from {from} to {to}, days of UTC{day}, money by {by}")
    }
}

fn records(format: RecordFormat, gathered: &Gathered, out: &mut dyn Write) -> std::io::Result<()> {
    let nothing = Key { day: Date::default(), account: String::new(), currency: String::new() };
    let names: Vec<&str> = Figures::default().fields(&nothing).into_iter().map(|(name, _)| name).collect();
    format.head(&names, out)?;
    gathered.rows.iter().try_for_each(|(key, figures)| format.record(&figures.fields(key), out))
}
