//! The ledger on real databases: what both engines do is tested on both.

mod both;
mod events;
mod fixtures;
mod keys;
mod payments;
mod postgres;
mod refunds;
mod sqlite;
