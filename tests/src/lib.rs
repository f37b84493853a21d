//! Whole journeys against the built binaries: what the tests in `e2e` stand on.
//!
//! A [`World`] is one signer, the simulators of the gateways, and a merchant that receives webhooks. The tests speak raw
//! HTTP and JSON as the documents describe it, and share no code with the signer: they are its outside judge.

mod api;
mod binary;
mod control;
mod merchant;
mod patience;
mod process;
mod reply;
mod settings;
mod sign;
mod way;
mod world;

pub use api::{Api, Payment};
pub use binary::{sandbox, signer};
pub use control::Control;
pub use merchant::{Merchant, Webhook};
pub use patience::{PATIENCE, eventually, holds_while};
pub use process::{Ended, Process, run};
pub use reply::Reply;
pub use settings::{Settings, SimulatorSettings, keys};
pub use sign::{Fields, blueocean_sign, dotwallet_sign, fields, form, hicoin_sign, jubao_sign, md5_hex};
pub use way::{ALL, BLUEOCEAN_ALIPAY_QRCODE, DOTWALLET_AUTOPAY, HICOIN_H5};
pub use way::{JUBAO_ALIPAY_WAP, JUBAO_WECHAT_H5, Way};
pub use world::World;
