//! Simulators of the four gateways, and the demo shop.
//!
//! The simulators are an independent witness: they were written from the gateways' documents and share no code with
//! the signer that they judge. The only common ground is the data files in `tests/vectors`.

pub mod config;
pub mod gateways;
pub mod shop;
