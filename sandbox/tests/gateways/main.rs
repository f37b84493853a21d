//! The simulators from outside: over HTTP, with signatures computed here and not by the code under test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod blueocean;
mod dotwallet;
mod faults;
mod hicoin;
mod jubao;
mod process;
mod support;
mod wire;
