//! Whole journeys over HTTP, against the built signer and the simulators of the gateways.
//!
//! Written from the public interface and the gateways' documents alone.

mod checkout_api;
mod dotwallet;
mod expiry;
mod gateway_contract;
mod judge;
mod merchant_api;
mod program;
mod regressions;
mod secrets;
mod webhooks;
