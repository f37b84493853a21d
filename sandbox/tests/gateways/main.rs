//! The simulators from outside: over HTTP, with signatures computed here and not by the code under test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod blueocean;
mod blueocean_methods;
mod blueocean_refunds;
mod dotwallet;
mod dotwallet_login;
mod dotwallet_orders;
mod dress;
mod faults;
mod hicoin;
mod hicoin_login;
mod hicoin_payouts;
mod jubao;
mod micropay;
mod overheard;
mod process;
mod support;
mod wechat;
mod wire;
