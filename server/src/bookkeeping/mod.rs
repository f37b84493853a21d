//! What bookkeeping takes from the ledger: an extract of all entries, and a summary day by day that checks the ledger
//! against itself. Both only read. `docs/bookkeeping.md` explains every column.

mod amount;
mod checks;
mod columns;
mod csv;
mod entries;
mod error;
mod export;
mod movements;
mod period;
mod scope;
mod summary;
#[cfg(test)]
mod tests;

pub(crate) use error::BookkeepingError;
pub(crate) use export::Export;
pub(crate) use summary::{Checked, Summary};
