//! DotWallet, the old "openapi": automatic payments out of a wallet whose owner has agreed to them.

mod accounts;
mod api;
mod codes;
mod page;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

pub(crate) use accounts::{Account, AccountChange};

use super::config;
use super::ledger::Ledger;
use super::notification::Notice;
use super::number;
use super::orders::Orders;
use super::world::{Simulator, Wording, World};
use accounts::Accounts;

/// The simulated wallet service.
pub(crate) struct DotWallet {
    config: config::DotWallet,
    accounts: Accounts,
    orders: Orders<Terms>,
}

/// What the wallet notes of an order besides the usual.
#[derive(Clone, Debug)]
struct Terms {
    item_name: String,
    receive_address: String,
    fee_satoshi: i64,
}

impl DotWallet {
    pub(crate) fn new(config: config::DotWallet) -> Self {
        let accounts = Accounts::default();
        accounts.change(&config.user_open_id, &AccountChange::default());
        Self { config, accounts, orders: Orders::default() }
    }

    /// A user's autopay wallet.
    pub(crate) fn account(&self, user_open_id: &str) -> Option<Account> {
        self.accounts.get(user_open_id)
    }

    /// Makes or changes a user's autopay wallet.
    pub(crate) fn change_account(&self, user_open_id: &str, change: &AccountChange) -> Account {
        self.accounts.change(user_open_id, change)
    }
}

impl Simulator for DotWallet {
    fn ledger(&self) -> &dyn Ledger {
        &self.orders
    }

    fn endpoints(&self) -> &'static [&'static str] {
        &["pay_small_money", "search_order"]
    }

    /// Automatic payments are answered at once; nothing is notified.
    fn notice(&self, _order_no: &str, _wording: &Wording) -> Option<Notice> {
        None
    }

    fn transaction_id(&self) -> String {
        number::hex(64)
    }
}

/// Everything under `/dotwallet`. Real clients use both path prefixes.
pub(crate) fn routes() -> Router<Arc<World>> {
    let openapi = || {
        Router::new()
            .route("/pay_small_money", post(api::pay_small_money))
            .route("/search_order", post(api::search_order))
            .route("/search_order/", post(api::search_order))
            .route("/set_pay_config", get(page::show).post(page::decide))
    };
    Router::new().nest("/openapi", openapi()).nest("/platform/openapi", openapi())
}
