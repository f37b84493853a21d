//! For operators: is it there, can it serve, what did it count.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use countersign_core::ProblemCode;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::metrics::endpoint_text;
use super::problem::Refused;
use super::router::Edge;
use crate::app::App;
use crate::telemetry::Seldom;

/// As long as one look at the ledger answers everybody who asks: it writes, and anybody may ask.
const LOOK_COUNTS: Duration = Duration::from_secs(1);
/// As long as a look may take.
const LOOK: Duration = Duration::from_secs(5);

/// What the last look at the ledger showed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readiness(Arc<Mutex<Option<(Instant, bool)>>>);

impl Readiness {
    /// Whether the ledger can be used. Of many who ask at once, one looks.
    async fn is_ready(&self, app: &App) -> bool {
        static TOLD: Seldom = Seldom::new();
        let mut last = self.0.lock().await;
        if let Some((at, ready)) = *last
            && at.elapsed() < LOOK_COUNTS
        {
            return ready;
        }
        let looked = tokio::time::timeout(LOOK, app.ready()).await;
        let trouble = match &looked {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("it does not answer in time".to_owned()),
        };
        if let Some(error) = trouble.as_ref().filter(|_| TOLD.is_due()) {
            tracing::error!(error, "not ready: the ledger cannot be used");
        }
        *last = Some((Instant::now(), trouble.is_none()));
        trouble.is_none()
    }
}

/// `GET /healthz`: the process is there.
pub(super) async fn healthz() -> Json<Value> {
    Json(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}

/// `GET /readyz`: the ledger can be read and written.
pub(super) async fn readyz(State(edge): State<Edge>) -> Result<Json<Value>, Refused> {
    if edge.readiness.is_ready(&edge.app).await {
        return Ok(Json(json!({"status": "ready"})));
    }
    Err(Refused::new(ProblemCode::NotReady, "the ledger cannot be used now").after(5))
}

/// `GET /metrics`. Without the ledger there are counters still.
pub(super) async fn metrics(State(edge): State<Edge>) -> Response {
    let mut text = edge.metrics.text();
    match edge.app.webhook_endpoint().await {
        Ok(report) => text.push_str(&endpoint_text(&report)),
        Err(error) => tracing::debug!(%error, "no gauges of the webhook endpoint"),
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
