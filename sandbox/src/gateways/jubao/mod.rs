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

use super::config;
use super::language::Language;
use super::ledger::Ledger;
use super::message::Fields;
use super::notification::Notice;
use super::number;
use super::orders::{Orders, State as OrderState};
use super::world::{Simulator, Wording, World};

/// The simulated gateway.
pub(crate) struct Jubao {
    config: config::Jubao,
    /// Address of the page, the order's number to be appended.
    page_url: String,
    orders: Orders<Terms>,
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
        Self { config, page_url, orders: Orders::default() }
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
        notice::compose(&self.config, &self.orders.by_order_no(order_no)?, wording)
    }

    fn transaction_id(&self) -> String {
        number::digits(28)
    }
}

/// The order states by the document's numbers.
const fn status_number(state: OrderState) -> i64 {
    match state {
        OrderState::Unpaid => 1,
        OrderState::Paid => 2,
        OrderState::Refunded => 3,
        OrderState::Closed => 4,
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
    let language = Language::of(&headers);
    match (part("_m"), part("_a")) {
        ("pay_gateway", "apply_pay") => api::apply_pay(&world, request).await,
        ("payment", "query") => api::query(&world, request).await,
        ("pay", _) if request.method() == Method::POST => {
            page::decide(&world, part("parameter"), language, request).await
        }
        ("pay", _) => page::show(&world, part("parameter"), language).into_response(),
        _ => api::no_such_interface(&world, request).await,
    }
}
