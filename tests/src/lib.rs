//! Whole journeys against the built binaries: what the tests in `e2e` stand on.
//!
//! A [`World`] is one signer, the simulators of the gateways, and a merchant that receives webhooks. The tests speak raw
//! HTTP and JSON as the documents describe it, and share no code with the signer: they are its outside judge.
//!
//! `COUNTERSIGN_TEST_STORE` says which [`Store`] the ledgers of a run are kept in, and `COUNTERSIGN_TEST_POSTGRES` names the
//! server for it.

mod api;
mod balancer;
mod binary;
mod browser;
mod control;
mod database;
mod merchant;
mod merchant_answer;
mod patience;
mod process;
mod reply;
mod settings;
mod sign;
mod store;
mod way;
mod wire;
mod world;

pub use api::{Api, Payment};
pub use balancer::Balancer;
pub use binary::{sandbox, signer};
pub use browser::Browser;
pub use control::Control;
pub use database::Database;
pub use merchant::{Merchant, Webhook};
pub use merchant_answer::{MerchantAnswer, Poured};
pub use patience::{PATIENCE, eventually, holds_while};
pub use process::{Ended, Process, run, run_with_input};
pub use reply::Reply;
pub use settings::{Settings, SimulatorSettings, keys};
pub use sign::{Fields, fields, form, md5_hex};
pub use sign::{blueocean_sign, dotwallet_sign, hicoin_sign, jubao_sign, wechat_page_sign};
pub use store::{Kept, Store};
pub use way::{ALL, SHAPES, Way, bar_code};
pub use way::{
    BLUEOCEAN_ALIPAY_QRCODE, BLUEOCEAN_MICROPAY, BLUEOCEAN_WECHAT_HK_JSAPI, BLUEOCEAN_WECHAT_JSAPI,
    BLUEOCEAN_WECHAT_MWEB,
};
pub use way::{DOTWALLET_AUTOPAY, DOTWALLET_ORDER, HICOIN_H5, HICOIN_JSAPI};
pub use way::{JUBAO_ALIPAY_WAP, JUBAO_CHANNEL, JUBAO_WECHAT_H5};
pub use wire::{HeldBack, Wire};
pub use world::World;
