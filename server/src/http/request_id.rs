//! A name for every request: in the answer's header, in problems, in logs.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use tracing::Instrument as _;

use crate::{clock, id};

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that this task serves; empty outside of one.
pub(super) fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Gives the request an id, says it in the answer and logs the outcome. No path's query, header or body is logged.
pub(super) async fn identify(request: Request, next: Next) -> Response {
    let request_id = format!("req_{}", id::suffix(clock::now_ms()));
    let span =
        tracing::info_span!("request", request_id, method = %request.method(), path = request.uri().path());
    let answered = async {
        let mut response = next.run(request).await;
        let status = response.status().as_u16();
        tracing::debug!(status, "answered");
        if let Ok(value) = HeaderValue::from_str(&current()) {
            response.headers_mut().insert("x-request-id", value);
        }
        response
    };
    CURRENT.scope(request_id, answered.instrument(span)).await
}
