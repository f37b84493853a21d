//! Events to the merchant: Standard Webhooks, at least once, in order for each payment.

mod client;
mod deliver;
mod sign;

pub(crate) use deliver::Dispatcher;
