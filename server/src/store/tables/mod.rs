//! The tables, one file each: the transactions of the ledger, written once for both engines.

pub(super) mod attempts;
pub(super) mod deliveries;
pub(super) mod endpoints;
pub(super) mod events;
pub(super) mod facts;
pub(super) mod histories;
pub(super) mod idempotency;
pub(super) mod logins;
pub(super) mod payments;
pub(super) mod refunds;
pub(super) mod rows;
pub(super) mod signer;
