//! BlueOcean: one payment call for many ways to pay, a query, and the page that opens when a QR code is scanned.

mod answer;
mod api;
mod channel;
mod notice;
mod page;
mod sign;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};

use super::config;
use super::ledger::Ledger;
use super::notification::Notice;
use super::number;
use super::orders::Orders;
use super::world::{Simulator, Wording, World};
use channel::Channel;

/// The simulated gateway.
pub(crate) struct BlueOcean {
    config: config::BlueOcean,
    /// What a QR code says, the order's `sn` to be appended.
    qr_page_url: String,
    orders: Orders<Terms>,
}

/// What BlueOcean notes of an order besides the usual.
#[derive(Clone, Debug)]
struct Terms {
    /// The row number that the gateway gives out as `id`.
    id: String,
    channel: &'static Channel,
    body: String,
    attach: String,
    wallet: String,
    discount: i64,
}

impl BlueOcean {
    pub(crate) fn new(config: config::BlueOcean, url: &str) -> Self {
        let qr_page_url = match &config.qr_page_url {
            Some(elsewhere) => format!("{}/", elsewhere.as_str().trim_end_matches('/')),
            None => format!("{url}/blueocean/order/qrcode/"),
        };
        Self { config, qr_page_url, orders: Orders::default() }
    }
}

impl Simulator for BlueOcean {
    fn ledger(&self) -> &dyn Ledger {
        &self.orders
    }

    fn endpoints(&self) -> &'static [&'static str] {
        &["pay", "query"]
    }

    fn notice(&self, order_no: &str, wording: &Wording) -> Option<Notice> {
        notice::compose(&self.config, &self.orders.by_order_no(order_no)?, wording)
    }

    fn transaction_id(&self) -> String {
        format!("P{}", number::digits(16))
    }
}

/// Everything under `/blueocean`.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/payment/pay", any(api::pay))
        .route("/order/query", any(api::query))
        .route("/order/qrcode/{sn}", get(page::show).post(page::decide))
        .fallback(api::no_such_interface)
}
