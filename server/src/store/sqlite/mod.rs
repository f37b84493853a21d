//! SQLite: one thread writes in groups, a few connections read, a lock file keeps a second process out.

mod events;
mod facts;
mod idempotency;
mod logins;
mod payments;
mod refunds;
mod rows;
mod schema;
mod store;
mod writer;

pub(crate) use store::Store;

#[cfg(test)]
mod tests;
