//! The ledger and the outbox: all SQL, and the only transactions.
//!
//! A change of a payment is one transaction: the fact, the status that follows, the event and its delivery.

mod error;
mod record;
mod sqlite;

pub(crate) use error::StoreError;
pub(crate) use record::{
    Begun, BegunRefund, Created, Delivery, EventRow, ListFilter, Login, LoginPurpose, NewFact, NewPayment,
    NewRefund, Record, StoredAnswer,
};
pub(crate) use sqlite::Store;
