//! Whole journeys over HTTP, against the built signer and the simulators of the gateways.
//!
//! Written from the public interface and the gateways' documents alone.

mod bookkeeping;
mod checkout_api;
mod codes;
mod doctor;
mod dotwallet;
mod dresses;
mod endings;
mod expiry;
mod gateway_contract;
mod giving_up;
mod instances;
mod jubao;
mod judge;
mod login;
mod merchant_api;
mod migrate;
mod places;
mod process;
mod program;
mod readings;
mod reconciling;
mod refunds;
mod regressions;
mod resolving;
mod secrets;
mod sleepers;
mod webhooks;
