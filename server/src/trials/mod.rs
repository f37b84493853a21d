//! Trials of the whole core, without HTTP: real use cases on a real ledger, against a gateway that keeps books. The
//! process dies between any two effects and starts again; two instances race each other; and then the books, the ledger
//! and what the merchant heard must agree.

mod acts;
mod audit;
mod books;
mod crash_points;
pub(crate) mod death;
mod gateway;
mod races;
mod severed;
mod stories;
mod strangers;
mod world;
