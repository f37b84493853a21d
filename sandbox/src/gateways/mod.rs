//! The simulators of the four gateways, and of the app that two of them pay in, in one process on one port.
//!
//! Each gateway lives under its own path prefix; `/_control` is for tests and the demo and has no counterpart at the
//! real gateways. Orders are kept in memory and forgotten at the end of the process.

mod blueocean;
mod clock;
mod config;
mod control;
mod device;
mod dialect;
mod dotwallet;
mod dress;
mod endpoint;
mod fault;
mod grants;
mod hexadecimal;
mod hicoin;
mod journal;
mod jubao;
mod language;
mod ledger;
mod message;
mod multipart;
mod notification;
mod number;
mod orders;
mod overheard;
mod page;
mod serve;
mod switches;
#[cfg(test)]
mod vectors;
mod wechat;
mod world;

pub use config::{BlueOcean, Charset, Config, DotWallet, Hicoin, Jubao, Notifications, Secret, WeChat};
pub use serve::{Gateways, start};
