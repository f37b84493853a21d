//! Jubao: one order call, one query call, and the page that the payer is sent to.

mod api;
mod notice;
mod page;
mod sign;

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};

use super::config;
use super::dress::Dress;
use super::ledger::Ledger;
use super::message::Fields;
use super::notification::Notice;
use super::number;
use super::orders::{Orders, State as OrderState};
use super::switches::{Steered, Switches};
use super::world::{Simulator, Wording, World};

/// The simulated gateway.
pub(crate) struct Jubao {
    config: config::Jubao,
    /// Address of the page, the order's number to be appended.
    page_url: String,
    dress: Switches<Dress>,
    settings: Switches<Settings>,
    orders: Orders<Terms>,
}

/// What a test can steer.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Whether answers carry `data.sign`.
    sign_answers: bool,
}

/// What Jubao notes of an order besides the usual.
#[derive(Clone, Debug)]
struct Terms {
    pay_channel_id: i64,
    body: String,
    attach: String,
}

impl Jubao {
    pub(crate) fn new(config: config::Jubao, url: &str) -> Self {
        let page_url = format!("{url}/jubao/index.php?_m=pay&parameter=");
        let settings = Switches::new(Settings { sign_answers: config.sign_answers });
        Self { config, page_url, dress: Switches::default(), settings, orders: Orders::default() }
    }
}

impl Simulator for Jubao {
    fn ledger(&self) -> &dyn Ledger {
        &self.orders
    }

    fn endpoints(&self) -> &'static [&'static str] {
        &["apply_pay", "query"]
    }

    fn notice(&self, order_no: &str, wording: &Wording) -> Option<Notice> {
        self.compose(&self.orders.by_order_no(order_no)?, wording)
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

/// The order states by the document's numbers.
const fn status_number(state: OrderState) -> i64 {
    match state {
        OrderState::Unpaid => 1,
        OrderState::Paid => 2,
        OrderState::Refunded => 3,
        // The dialect has no words for what only the other one knows.
        OrderState::Closed | OrderState::Revoked | OrderState::Failed => 4,
    }
}

/// Everything under `/jubao`: one script that looks at `_m` and `_a`.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new().route("/index.php", any(index))
}

async fn index(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let query = Fields::from_form(&query.unwrap_or_default()).unwrap_or_default();
    let part = |name| query.text(name).unwrap_or("");
    match (part("_m"), part("_a")) {
        ("pay_gateway", "apply_pay") => api::apply_pay(&world, request).await,
        ("payment", "query") => api::query(&world, request).await,
        ("pay", _) if request.method() == Method::POST => {
            page::decide(&world, part("parameter"), &headers, request).await
        }
        ("pay", _) => page::show(&world, part("parameter"), &headers).into_response(),
        _ => api::no_such_interface(&world, request).await,
    }
}
