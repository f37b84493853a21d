//! Events to the merchant: Standard Webhooks, at least once, in order for each payment.

mod address;
mod client;
mod deliver;
mod sign;

pub(crate) use address::is_private_literal;
pub(crate) use deliver::Dispatcher;
