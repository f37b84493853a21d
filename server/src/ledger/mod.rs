//! What is known of a payment, and what follows from it. Pure: no I/O, no clock, no gateway's words.
//!
//! Facts are append-only. The status is a function of the facts that no order or repetition can change.

mod attempt;
mod endpoint;
mod fact;
mod paid;
mod payer;
mod refund;
mod resolution;
mod review;
mod seen;
mod state;
mod submission;
#[cfg(test)]
mod tests;

pub(crate) use attempt::{Attempt, Circumstances};
pub(crate) use endpoint::{Endpoint, Gate, LastFailure, Refusal, Turn};
pub(crate) use fact::{Claim, Fact, PaidClaim, RefundClaim, Source};
pub(crate) use payer::{Consent, Payer};
pub(crate) use refund::{RefundState, RefundTerms, spoken_for};
pub(crate) use resolution::{Decision, Resolved};
#[cfg(test)]
pub(crate) use seen::Sighting;
pub(crate) use state::{State, Terms, settle};
