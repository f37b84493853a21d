//! The summary for people.

use std::io::{self, Write};

use countersign_core::Currency;

use super::figures::{Figures, Gathered, Key, Named};
use crate::bookkeeping::amount::{Tally, decimal};

/// As many payments as a list shows.
const SHOWN_MAX: usize = 50;

/// Writes every row and the payments to look at.
pub(super) fn write(title: &str, gathered: &Gathered, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{title}")?;
    if gathered.rows.is_empty() {
        writeln!(out, "\nNothing was created, paid or refunded.")?;
    }
    for (key, figures) in &gathered.rows {
        row(key, figures, out)?;
    }
    list("In review", &gathered.in_review, out)?;
    list("Money that pays nothing", &gathered.pays_nothing, out)?;
    let differences: Vec<Named> = gathered.differences.values().cloned().collect();
    list("Not in order", &differences, out)
}

fn row(key: &Key, figures: &Figures, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}  {}  {}", key.day, key.account, key.currency)?;
    let Ok(currency) = Currency::parse(&key.currency) else { return Ok(()) };
    let amount = |sum: i128| decimal(sum, &currency);
    let mut line = |name: &str, tally: Tally, always: bool| match always || tally.count > 0 {
        true => writeln!(out, "  {name:<28}{:>8}  {:>20}", tally.count, amount(tally.sum)),
        false => Ok(()),
    };
    line("payments created", figures.created, true)?;
    line("  still open", figures.open, false)?;
    line("  in review", figures.review, false)?;
    line("  ended without money", figures.ended, false)?;
    line("money received", figures.received, true)?;
    line("  for payments", figures.succeeded, figures.received.count > 0)?;
    line("    of it late", figures.late, false)?;
    line("  that pays nothing", figures.extra, false)?;
    line("  for payments in review", figures.disputed, false)?;
    line("refunded", figures.refunded, true)?;
    writeln!(out, "  {:<28}{:>8}  {:>20}", "net", "", amount(figures.net()))?;
    let (asked, confirmed) = (amount(figures.expected), amount(figures.succeeded.sum));
    match (figures.is_equal(), figures.differences) {
        (true, _) => {
            writeln!(out, "  check: equal, the payments come to {asked}, their facts to {confirmed}")
        }
        (false, differences) => writeln!(
            out,
            "  check: DIFFERENT, the payments come to {asked}, their facts to {confirmed}; not in order: {differences}"
        ),
    }
}

fn list(title: &str, named: &[Named], out: &mut dyn Write) -> io::Result<()> {
    if named.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    for one in named.iter().take(SHOWN_MAX) {
        writeln!(out, "  {}  {}  {}: {}", one.payment, one.account, one.order_id, one.what)?;
    }
    match named.len().saturating_sub(SHOWN_MAX) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more"),
    }
}
