//! What is known of a payment, and what follows from it. Pure: no I/O, no clock, no gateway's words.
//!
//! Facts are append-only. The status is a function of the facts that no order or repetition can change.

mod fact;
mod state;

pub(crate) use fact::{Claim, Fact, PaidClaim, Source};
pub(crate) use state::{Attempt, State, Terms, settle};
