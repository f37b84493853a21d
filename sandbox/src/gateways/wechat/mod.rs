//! A stand-in for the WeChat app: the bridge that it puts into pages, the script that pages load for its other calls,
//! and the official account that signs for them. What is paid here is an order at BlueOcean.

mod bridge;
mod official;
mod scripts;
mod settings;
pub(crate) mod sign;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::config;
use super::dress::Dress;
use super::ledger::Ledger;
use super::notification::Notice;
use super::number;
use super::orders::Orders;
use super::switches::{Steered, Switches};
use super::world::{Gateway, Simulator, Wording, World};
use official::Kept;
use settings::Settings;

const GATEWAY: Gateway = Gateway::WeChat;

/// The simulated app and its official account.
pub(crate) struct WeChat {
    config: config::WeChat,
    url: String,
    tokens: Kept,
    tickets: Kept,
    dress: Switches<Dress>,
    settings: Switches<Settings>,
    /// The app has no orders of its own.
    orders: Orders<()>,
}

impl WeChat {
    pub(crate) fn new(config: config::WeChat, url: &str) -> Self {
        Self {
            config,
            url: format!("{url}/wechat"),
            tokens: Kept::default(),
            tickets: Kept::default(),
            dress: Switches::default(),
            settings: Switches::default(),
            orders: Orders::default(),
        }
    }

    /// Makes the official account's tokens and tickets void before their time.
    pub(crate) fn expire(&self) {
        self.tokens.expire();
        self.tickets.expire();
    }
}

impl Simulator for WeChat {
    fn ledger(&self) -> &dyn Ledger {
        &self.orders
    }

    fn endpoints(&self) -> &'static [&'static str] {
        &["token", "getticket"]
    }

    fn notice(&self, _order_no: &str, _wording: &Wording) -> Option<Notice> {
        None
    }

    fn transaction_id(&self) -> String {
        number::digits(28)
    }

    fn dress(&self) -> &Switches<Dress> {
        &self.dress
    }

    fn settings(&self) -> &dyn Steered {
        &self.settings
    }
}

/// Everything under `/wechat`.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/bridge.js", get(scripts::bridge))
        .route("/jweixin.js", get(scripts::jweixin))
        .route("/bridge/open", post(bridge::open))
        .route("/bridge/pay", post(bridge::pay))
        .route("/bridge/config", post(bridge::config))
        .route("/cgi-bin/token", get(official::token))
        .route("/cgi-bin/ticket/getticket", get(official::ticket))
}
