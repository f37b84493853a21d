//! Hicoin: pre-orders signed with the payment key, a payment page with its own signature, and tokens.

mod api;
mod link;
mod notice;
mod page;
mod sign;
mod tokens;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::{any, get};

use super::config;
use super::ledger::Ledger;
use super::notification::Notice;
use super::number;
use super::orders::{Orders, locked};
use super::world::{Simulator, Wording, World};
use tokens::Tokens;

/// The simulated gateway.
pub(crate) struct Hicoin {
    config: config::Hicoin,
    /// The portal's setting; there is no address per order.
    callback_url: Mutex<Option<String>>,
    tokens: Tokens,
    orders: Orders<Terms>,
}

/// What Hicoin notes of an order besides the usual.
#[derive(Clone, Debug)]
struct Terms {
    openid: String,
    subject: String,
    body: String,
    trade_type: String,
    trade_timeout_express: i64,
    passback_params: String,
}

impl Hicoin {
    pub(crate) fn new(config: config::Hicoin) -> Self {
        let tokens = Tokens::default();
        tokens.set_user(&config.openid, config.access_token.expose());
        let callback_url = config.callback_url.as_ref().map(ToString::to_string);
        Self { config, callback_url: Mutex::new(callback_url), tokens, orders: Orders::default() }
    }

    pub(crate) fn callback_url(&self) -> Option<String> {
        locked(&self.callback_url).clone()
    }

    pub(crate) fn set_callback_url(&self, url: Option<String>) {
        *locked(&self.callback_url) = url;
    }

    /// Makes a payer known, or gives a known one another token.
    pub(crate) fn set_user(&self, openid: &str, access_token: &str) {
        self.tokens.set_user(openid, access_token);
    }
}

impl Simulator for Hicoin {
    fn ledger(&self) -> &dyn Ledger {
        &self.orders
    }

    fn endpoints(&self) -> &'static [&'static str] {
        &["preOrder", "queryOrder", "access_token"]
    }

    fn notice(&self, order_no: &str, wording: &Wording) -> Option<Notice> {
        let order = self.orders.by_order_no(order_no)?;
        notice::compose(&self.config, self.callback_url()?, &order, wording)
    }

    fn transaction_id(&self) -> String {
        number::hex(64)
    }
}

/// Everything under `/hicoin`: three hosts of the documents, told apart by their first path segment.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/oauth/api/pay/preOrder", any(api::pre_order))
        .route("/oauth/api/pay/queryOrder", any(api::query_order))
        .route("/avenger/api/cgi-bin/access_token", any(api::base_token))
        .route("/hicoinfe/payment", get(page::show).post(page::decide))
        .route("/hicoinfe/payment/", get(page::show).post(page::decide))
}
