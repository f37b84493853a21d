//! The ledger and the outbox: all SQL, and the only transactions.
//!
//! A change of a payment is one transaction: the fact, the status that follows, the event and its delivery.

mod error;
mod record;
mod sqlite;

pub(crate) use error::StoreError;
pub(crate) use record::{
    Begun, Created, Delivery, EventRow, ListFilter, NewFact, NewPayment, Record, StoredAnswer,
};
pub(crate) use sqlite::Store;
