//! The ledger on real databases: what both engines do is tested on both.

mod both;
mod copy;
mod deliveries;
mod endpoint;
mod events;
mod extract;
mod facts;
mod faults;
mod fixtures;
mod keys;
mod payments;
mod postgres;
mod reference;
mod refunds;
mod sqlite;
mod text;
mod walk;

pub(crate) use both::{Ledger, next_due_ms};
pub(crate) use facts::for_all;
pub(crate) use text::any_text;
