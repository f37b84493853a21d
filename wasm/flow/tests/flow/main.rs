//! The flow, told as what payer, page and signer do.

#![expect(clippy::unwrap_used, reason = "a test may panic; clippy does not know these for tests")]

mod away;
mod bridge;
mod elsewhere;
mod journeys;
mod pace;
mod page;
