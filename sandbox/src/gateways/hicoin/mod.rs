//! Hicoin: the login inside the app, pre-orders signed with the payment key, a payment page with its own signature, and
//! payouts signed with the application secret.

mod api;
mod authorize;
mod link;
mod notice;
mod oauth;
mod order;
mod page;
mod settings;
mod sign;
mod tokens;
mod transfer;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::{any, get};

pub(crate) use tokens::Expiring;
pub(crate) use transfer::Transfer;

use super::clock;
use super::config;
use super::dress::Dress;
use super::grants::after;
use super::ledger::Ledger;
use super::notification::Notice;
use super::number;
use super::orders::{Orders, locked};
use super::switches::{Steered, Switches};
use super::world::{Simulator, Wording, World};
use settings::Settings;
use tokens::Tokens;
use transfer::Transfers;

/// The simulated gateway.
pub(crate) struct Hicoin {
    config: config::Hicoin,
    /// The portal's setting; there is no address per order.
    callback_url: Mutex<Option<String>>,
    tokens: Tokens,
    transfers: Transfers,
    dress: Switches<Dress>,
    settings: Switches<Settings>,
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
        tokens.users.set(&config.openid, config.access_token.expose(), None);
        let callback_url = config.callback_url.as_ref().map(ToString::to_string);
        Self {
            settings: Switches::new(Settings::new(&config.openid)),
            config,
            callback_url: Mutex::new(callback_url),
            tokens,
            transfers: Transfers::default(),
            dress: Switches::default(),
            orders: Orders::default(),
        }
    }

    pub(crate) fn callback_url(&self) -> Option<String> {
        locked(&self.callback_url).clone()
    }

    pub(crate) fn set_callback_url(&self, url: Option<String>) {
        *locked(&self.callback_url) = url;
    }

    /// Makes a payer known, or gives a known one another token and no other.
    pub(crate) fn set_user(&self, openid: &str, access_token: &str, expires_in_s: Option<i64>) {
        let ends = expires_in_s.map(|seconds| after(clock::now(), seconds));
        self.tokens.users.set(openid, access_token, ends);
    }

    /// Makes tokens void before their time.
    pub(crate) fn expire(&self, which: Expiring) {
        self.tokens.expire(which, clock::now());
    }

    /// All payouts, oldest first.
    pub(crate) fn transfers(&self) -> Vec<Transfer> {
        self.transfers.all()
    }
}

impl Simulator for Hicoin {
    fn ledger(&self) -> &dyn Ledger {
        &self.orders
    }

    fn endpoints(&self) -> &'static [&'static str] {
        &[
            "preOrder",
            "queryOrder",
            "access_token",
            "authorize",
            "sns_access_token",
            "refresh_token",
            "user_info",
            "transfers",
            "gettransferinfo",
        ]
    }

    fn notice(&self, order_no: &str, wording: &Wording) -> Option<Notice> {
        self.compose(&self.orders.by_order_no(order_no)?, wording)
    }

    fn transaction_id(&self) -> String {
        number::hex(64)
    }

    fn dress(&self) -> &Switches<Dress> {
        &self.dress
    }

    fn settings(&self) -> &dyn Steered {
        &self.settings
    }
}

/// Everything under `/hicoin`: three hosts of the documents, told apart by their first path segment.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/oauth/api/pay/preOrder", any(api::pre_order))
        .route("/oauth/api/pay/queryOrder", any(api::query_order))
        .route("/oauth/api/connect/oauth/authorize", get(authorize::authorize))
        .route("/oauth/api/sns/oauth/access_token", any(api::user_token))
        .route("/oauth/api/sns/oauth/refresh_token", any(api::refresh_token))
        .route("/oauth/api/sns/user/info", get(api::user_info))
        .route("/avenger/api/cgi-bin/access_token", any(api::base_token))
        .route("/avenger/api/mmpaymkttransfers/promotion/transfers", any(api::transfer))
        .route("/avenger/api/mmpaymkttransfers/gettransferinfo", any(api::transfer_info))
        .route("/hicoinfe/payment", get(page::show).post(page::decide))
        .route("/hicoinfe/payment/", get(page::show).post(page::decide))
}
