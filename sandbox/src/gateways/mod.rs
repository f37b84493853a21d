//! The simulators of the four gateways, in one process on one port.
//!
//! Each gateway lives under its own path prefix; `/_control` is for tests and the demo and has no counterpart at the
//! real gateways. Orders are kept in memory and forgotten at the end of the process.

mod blueocean;
mod clock;
mod config;
mod control;
mod dotwallet;
mod endpoint;
mod fault;
mod hicoin;
mod journal;
mod jubao;
mod language;
mod ledger;
mod message;
mod notification;
mod number;
mod orders;
mod page;
mod serve;
#[cfg(test)]
mod vectors;
mod world;

pub use config::{BlueOcean, Charset, Config, DotWallet, Hicoin, Jubao, Notifications, Secret};
pub use serve::{Gateways, start};
