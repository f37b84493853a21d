//! The merchant API's view of its own webhook endpoint.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::auth::Merchant;
use super::problem::Refused;
use crate::app::{App, EndpointReport};
use crate::clock::rfc3339;

/// The endpoint as the merchant sees it.
#[derive(Serialize)]
pub(super) struct EndpointView {
    url: Option<String>,
    state: &'static str,
    failing_since: Option<String>,
    consecutive_failures: i64,
    last_success_at: Option<String>,
    last_failure: Option<FailureView>,
    disabled_at: Option<String>,
    paused_until: Option<String>,
    next_probe_at: Option<String>,
    pending: i64,
    oldest_pending_at: Option<String>,
    exhausted: i64,
}

#[derive(Serialize)]
struct FailureView {
    at: String,
    http_status: Option<i64>,
    error: String,
}

impl From<EndpointReport> for EndpointView {
    fn from(report: EndpointReport) -> Self {
        let EndpointReport { state, url, endpoint, backlog, now_ms } = report;
        let coming = |at_ms: i64| (at_ms > now_ms).then(|| rfc3339(at_ms));
        Self {
            url,
            state: state.as_str(),
            failing_since: endpoint.first_failure_at_ms.filter(|_| endpoint.failing).map(rfc3339),
            consecutive_failures: endpoint.failures,
            last_success_at: endpoint.last_success_at_ms.map(rfc3339),
            last_failure: endpoint.last_failure.map(|failure| FailureView {
                at: rfc3339(failure.at_ms),
                http_status: failure.http_status,
                error: failure.error,
            }),
            disabled_at: endpoint.disabled_at_ms.map(rfc3339),
            paused_until: coming(endpoint.paused_until_ms),
            next_probe_at: coming(endpoint.probe_at_ms).filter(|_| endpoint.failing),
            pending: backlog.pending,
            oldest_pending_at: backlog.oldest_pending_at_ms.map(rfc3339),
            exhausted: backlog.exhausted,
        }
    }
}

/// `GET /v1/webhook_endpoint`.
pub(super) async fn show(_: Merchant, State(app): State<App>) -> Result<Json<EndpointView>, Refused> {
    Ok(Json(app.webhook_endpoint().await?.into()))
}

/// `POST /v1/webhook_endpoint/enable`.
pub(super) async fn enable(_: Merchant, State(app): State<App>) -> Result<Json<EndpointView>, Refused> {
    Ok(Json(app.enable_webhook_endpoint().await?.into()))
}
