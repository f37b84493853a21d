//! BlueOcean: one payment call for many ways to pay, calls about orders and refunds, and the page that opens when a QR
//! code is scanned.

mod answer;
mod api;
mod bar_code;
mod channel;
mod notice;
mod page;
mod pay;
mod payload;
mod refund;
mod settings;
mod settle;
mod sign;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};
use serde_json::Value;

pub(crate) use bar_code::Plan;

use super::config;
use super::dress::Dress;
use super::ledger::Ledger;
use super::notification::Notice;
use super::number;
use super::orders::{Order, Orders};
use super::switches::{Steered, Switches};
use super::world::{Simulator, Wording, World};
use bar_code::BarCodes;
use channel::Channel;
use settings::Settings;

/// The simulated gateway.
pub(crate) struct BlueOcean {
    config: config::BlueOcean,
    /// The gateway's own official account at WeChat, and the key that signs what is handed out for the app.
    wechat_appid: String,
    wechat_key: config::Secret,
    /// What a QR code says, the order's `sn` to be appended.
    qr_page_url: String,
    bar_codes: BarCodes,
    dress: Switches<Dress>,
    settings: Switches<Settings>,
    orders: Orders<Terms>,
}

/// What BlueOcean notes of an order besides the usual.
#[derive(Clone, Debug)]
struct Terms {
    /// The row number that the gateway gives out as `id`.
    id: String,
    channel: &'static Channel,
    /// Whose wallet it is.
    provider: &'static str,
    body: String,
    attach: String,
    wallet: String,
    openid: String,
    discount: i64,
    /// Members of the answer that an app takes as they are.
    handed_out: Vec<(&'static str, String)>,
    /// What the payer at a till is about to do.
    till: Option<Plan>,
}

impl BlueOcean {
    pub(crate) fn new(config: config::BlueOcean, wechat: &config::WeChat, url: &str) -> Self {
        let qr_page_url = match &config.qr_page_url {
            Some(elsewhere) => format!("{}/", elsewhere.as_str().trim_end_matches('/')),
            None => format!("{url}/blueocean/order/qrcode/"),
        };
        Self {
            config,
            wechat_appid: wechat.appid.clone(),
            wechat_key: wechat.key.clone(),
            qr_page_url,
            bar_codes: BarCodes::default(),
            dress: Switches::default(),
            settings: Switches::default(),
            orders: Orders::default(),
        }
    }

    /// Plans what comes of a bar code.
    pub(crate) fn plan_bar_code(&self, code: &str, plan: Plan) {
        self.bar_codes.plan(code, plan);
    }

    /// The order for which this very payload was handed out to the bridge inside WeChat.
    pub(crate) fn handed_out(&self, payload: &Value) -> Option<Prepared> {
        let order = self.orders.find(|order| {
            let mut texts = order.terms.handed_out.iter().filter(|(name, _)| *name == "jsapi");
            texts.any(|(_, text)| serde_json::from_str::<Value>(text).is_ok_and(|known| known == *payload))
        })?;
        Some(Prepared::from(order))
    }
}

/// What the app shows of an order that it is asked to pay.
pub(crate) struct Prepared {
    pub(crate) order_no: String,
    pub(crate) goods: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) state: super::orders::State,
}

impl From<Order<Terms>> for Prepared {
    fn from(order: Order<Terms>) -> Self {
        Self {
            goods: order.terms.body,
            amount: order.amount,
            currency: order.currency,
            state: order.state,
            order_no: order.order_no,
        }
    }
}

impl Simulator for BlueOcean {
    fn ledger(&self) -> &dyn Ledger {
        &self.orders
    }

    fn endpoints(&self) -> &'static [&'static str] {
        &["pay", "query", "close", "reverse", "refund", "refundquery"]
    }

    fn notice(&self, order_no: &str, wording: &Wording) -> Option<Notice> {
        self.compose(&self.orders.by_order_no(order_no)?, wording)
    }

    fn transaction_id(&self) -> String {
        format!("P{}", number::digits(16))
    }

    fn dress(&self) -> &Switches<Dress> {
        &self.dress
    }

    fn settings(&self) -> &dyn Steered {
        &self.settings
    }
}

/// Everything under `/blueocean`.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/payment/pay", any(api::pay))
        .route("/payment/refund", any(api::refund))
        .route("/order/query", any(api::query))
        .route("/order/close", any(api::close))
        .route("/order/reverse", any(api::reverse))
        .route("/order/refundquery", any(api::refund_query))
        .route("/order/qrcode/{sn}", get(page::show).post(page::decide))
        .fallback(api::no_such_interface)
}
