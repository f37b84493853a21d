//! The ledger and the outbox: all SQL, and the only transactions.
//!
//! A change of a payment is one transaction: the fact, the status that follows, the event and its delivery. `ledger.rs`
//! is what the rooms outside see; `tables/` are the transactions, written once; `sqlite/` and `postgres/` run them.

mod copy;
mod db;
mod engine;
mod error;
mod extract;
mod job;
mod ledger;
mod outbox;
mod outcome;
mod postgres;
mod record;
mod request;
mod sqlite;
mod tables;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use copy::{Copied, CopiedTable, Step, copy_ledger};
pub(crate) use error::StoreError;
pub(crate) use extract::{Extract, History, Told};
pub(crate) use ledger::Store;
pub(crate) use outcome::{Added, Begun, BegunRefund, Created, Reserved, StoredAnswer, UnderKey};
pub(crate) use record::{Backlog, Delivery, EventRow, Login, LoginPurpose, Record};
pub(crate) use request::{KeyUse, ListFilter, NewFact, NewPayment, NewRefund, NextTry, RefusedDelivery};
