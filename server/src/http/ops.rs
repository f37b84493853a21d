//! For operators: is it there, can it serve, what did it count.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use countersign_core::ProblemCode;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::problem::Refused;
use super::router::Edge;

/// `GET /healthz`: the process is there.
pub(super) async fn healthz() -> Json<Value> {
    Json(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}

/// `GET /readyz`: the ledger can be read and written.
pub(super) async fn readyz(State(edge): State<Edge>) -> Result<Json<Value>, Refused> {
    match edge.app.ready().await {
        Ok(()) => Ok(Json(json!({"status": "ready"}))),
        Err(error) => {
            tracing::error!(%error, "not ready");
            Err(Refused::new(ProblemCode::NotReady, "the ledger cannot be used now").after(5))
        }
    }
}

/// `GET /metrics`.
pub(super) async fn metrics(State(edge): State<Edge>) -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], edge.metrics.text()).into_response()
}
