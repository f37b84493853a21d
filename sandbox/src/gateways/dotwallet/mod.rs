//! DotWallet, the old "openapi": automatic payments out of a wallet whose owner has agreed to them, orders that the owner
//! confirms one by one, and the login that tells who the owner is.

mod accounts;
mod api;
mod autopay;
mod codes;
mod consent_page;
mod login;
mod login_page;
mod notice;
mod order;
mod order_page;
mod receivers;
mod settings;
mod sign;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

pub(crate) use accounts::{Account, AccountChange};

use super::clock;
use super::config;
use super::dress::Dress;
use super::grants::Grants;
use super::ledger::Ledger;
use super::notification::Notice;
use super::number;
use super::orders::Orders;
use super::switches::{Steered, Switches};
use super::world::{Simulator, Wording, World};
use accounts::Accounts;
use settings::Settings;

/// The simulated wallet service.
pub(crate) struct DotWallet {
    config: config::DotWallet,
    accounts: Accounts,
    grants: Grants,
    dress: Switches<Dress>,
    settings: Switches<Settings>,
    orders: Orders<Terms>,
}

/// What the wallet notes of an order besides the usual.
#[derive(Clone, Debug)]
struct Terms {
    item_name: String,
    receive_address: String,
    fee_satoshi: i64,
    /// The merchant's own, echoed in the notice; an automatic payment has none.
    nonce_str: Option<String>,
}

impl DotWallet {
    pub(crate) fn new(config: config::DotWallet) -> Self {
        let accounts = Accounts::default();
        accounts.change(&config.user_open_id, &AccountChange::default());
        Self {
            settings: Switches::new(Settings::new(&config)),
            config,
            accounts,
            grants: Grants::default(),
            dress: Switches::default(),
            orders: Orders::default(),
        }
    }

    /// A user's autopay wallet.
    pub(crate) fn account(&self, user_open_id: &str) -> Option<Account> {
        self.accounts.get(user_open_id)
    }

    /// Makes or changes a user's autopay wallet.
    pub(crate) fn change_account(&self, user_open_id: &str, change: &AccountChange) -> Account {
        self.accounts.change(user_open_id, change)
    }

    /// Makes access tokens, refresh tokens or both void before their time.
    pub(crate) fn expire(&self, which: (bool, bool)) {
        self.grants.expire(which, clock::now());
    }
}

impl Simulator for DotWallet {
    fn ledger(&self) -> &dyn Ledger {
        &self.orders
    }

    fn endpoints(&self) -> &'static [&'static str] {
        &[
            "pay_small_money",
            "search_order",
            "create_order",
            "set_pay_config",
            "get_code",
            "access_token",
            "refresh_access_token",
            "get_user_info",
            "check_access_token",
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

/// Everything under `/dotwallet`. Real clients use both path prefixes, and all three names for placing an order.
pub(crate) fn routes() -> Router<Arc<World>> {
    let openapi = || {
        let create_order = || get(api::create_order).post(api::create_order);
        Router::new()
            .route("/pay_small_money", post(api::pay_small_money))
            .route("/create_order", create_order())
            .route("/apply_order", create_order())
            .route("/order", create_order())
            .route("/search_order", post(api::search_order))
            .route("/search_order/", post(api::search_order))
            .route("/set_pay_config", get(consent_page::show).post(consent_page::decide))
            .route("/get_code", get(login_page::show).post(login_page::decide))
            .route("/access_token", post(api::access_token))
            .route("/refresh_access_token", get(api::refresh_token))
            .route("/get_user_info", get(api::user_info))
            .route("/check_access_token", get(api::check_token))
            .route("/check_access_token/", get(api::check_token))
    };
    let order_page = || get(order_page::show).post(order_page::decide);
    Router::new()
        .nest("/openapi", openapi())
        .nest("/platform/openapi", openapi())
        .route("/desktop/open/order", order_page())
        .route("/desktop/open/pay", order_page())
        .route("/wallet/open/order", order_page())
        .route("/wallet/open/pay", order_page())
}
