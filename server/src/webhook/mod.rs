//! Events to the merchant: Standard Webhooks, at least once, in order for each payment.

mod attempt;
mod client;
mod deliver;
mod failure;
mod pace;
mod retry_after;
mod schedule;
mod sign;

pub(crate) use deliver::Dispatcher;
