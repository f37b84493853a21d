//! Every route on one screen.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::timeout::RequestBodyTimeoutLayer;

use super::{
    Metrics, RateLimit, Readiness, authorize, checkout, events, linger, merchant, notifications, ops, origin,
    problem, readable_path, refunds, request_id, webhook_endpoint,
};
use crate::app::App;
use crate::config::ApiKey;

/// What the edge works with.
#[derive(Clone)]
pub(crate) struct Edge {
    /// The use cases.
    pub(crate) app: App,
    /// The merchant backend's keys.
    pub(crate) api_keys: Arc<[ApiKey]>,
    /// Origins of checkout pages.
    pub(crate) allowed_origins: Arc<[String]>,
    /// Limits on the checkout API.
    pub(crate) rate_limit: RateLimit,
    /// Counters.
    pub(crate) metrics: Metrics,
    /// Whether the ledger can be used.
    pub(crate) readiness: Readiness,
    /// Largest request body.
    pub(crate) body_bytes_max: usize,
    /// The header in which a proxy in front says the payer's address.
    pub(crate) client_address_header: Option<http::HeaderName>,
    /// How long a body may make wait for its next part.
    pub(crate) body_timeout: Duration,
}

impl FromRef<Edge> for App {
    fn from_ref(edge: &Edge) -> Self {
        edge.app.clone()
    }
}

/// The routes.
pub(crate) fn router(edge: Edge) -> Router {
    let merchant = Router::new()
        .route("/v1/payments", post(merchant::create).get(merchant::list))
        .route("/v1/payments/{id}", get(merchant::show))
        .route("/v1/payments/{id}/confirm", post(merchant::confirm))
        .route("/v1/payments/{id}/sync", post(merchant::sync))
        .route("/v1/payments/{id}/cancel", post(merchant::cancel))
        .route("/v1/payments/{id}/resolve", post(merchant::resolve))
        .route("/v1/payments/{id}/client_secret", post(merchant::client_secret))
        .route("/v1/payments/{id}/refunds", post(refunds::create).get(refunds::list))
        .route("/v1/payments/{id}/refunds/{refund}", get(refunds::show))
        .route("/v1/events", get(events::list))
        .route("/v1/events/{id}/redeliver", post(events::redeliver))
        .route("/v1/webhook_endpoint", get(webhook_endpoint::show))
        .route("/v1/webhook_endpoint/enable", post(webhook_endpoint::enable));
    let checkout = Router::new()
        .route("/v1/checkout/{id}", get(checkout::show))
        .route("/v1/checkout/{id}/confirm", post(checkout::confirm))
        .route("/v1/checkout/{id}/returned", post(checkout::returned))
        // Before the layer, so that it sees preflights too.
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(from_fn_with_state(edge.clone(), origin::allow));
    let gateways = Router::new()
        .route("/v1/notifications/{account}", post(notifications::receive).get(notifications::receive))
        .route("/v1/authorize/{account}/callback", get(authorize::callback));
    let ops = Router::new()
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .route("/metrics", get(ops::metrics));
    merchant
        .merge(checkout)
        .merge(gateways)
        .merge(ops)
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(DefaultBodyLimit::max(edge.body_bytes_max))
        .layer(RequestBodyTimeoutLayer::new(edge.body_timeout))
        .layer(from_fn(linger::linger))
        .layer(from_fn(readable_path::readable))
        .layer(from_fn(request_id::identify))
        .with_state(edge)
}
