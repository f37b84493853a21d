//! Where gateways notify: verified first, durable next, answered last.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap};

use super::problem::Refused;
use super::router::Edge;
use crate::app::{Acknowledgement, NotificationError, Received, Refusal, RefusalKind};
use crate::telemetry::Seldom;

/// `POST` or `GET /v1/notifications/{account}`.
pub(super) async fn receive(
    State(edge): State<Edge>,
    Path(account): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(body) = body else {
        edge.metrics.notification("unknown", "too_large");
        return match edge.app.failure_text(&account) {
            Some(answer) => plain(StatusCode::PAYLOAD_TOO_LARGE, answer),
            None => Refused::not_found("account").into_response(),
        };
    };
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let received = Received { content_type, query: query.as_deref(), body: &body };
    match edge.app.receive_notification(&account, &received).await {
        Ok((gateway, answer)) => {
            edge.metrics.notification(gateway.as_str(), "taken");
            plain(StatusCode::OK, answer)
        }
        Err(NotificationError::NoSuchAccount) => {
            edge.metrics.notification("unknown", "no_such_account");
            Refused::not_found("account").into_response()
        }
        Err(NotificationError::Refused { gateway, refusal, answer }) => {
            edge.metrics.notification(gateway.as_str(), refusal.kind.as_str());
            log_at_most_once_a_second(&account, &refusal);
            plain(status(refusal.kind), answer)
        }
        Err(NotificationError::Failed { gateway, error, answer }) => {
            edge.metrics.notification(gateway.as_str(), "failed");
            static TOLD: Seldom = Seldom::new();
            if TOLD.is_due() {
                tracing::error!(account, %error, "a notification could not be made durable: the gateway is told to repeat it");
            }
            plain(StatusCode::SERVICE_UNAVAILABLE, answer)
        }
    }
}

fn status(kind: RefusalKind) -> StatusCode {
    match kind {
        RefusalKind::Malformed => StatusCode::BAD_REQUEST,
        RefusalKind::BadSignature => StatusCode::UNAUTHORIZED,
        RefusalKind::WrongAccount => StatusCode::FORBIDDEN,
        RefusalKind::UnknownOrder => StatusCode::NOT_FOUND,
    }
}

fn plain(status: StatusCode, answer: Acknowledgement) -> Response {
    (status, [(CONTENT_TYPE, answer.media_type)], answer.body).into_response()
}

/// A flood of forged notifications must not flood the log.
fn log_at_most_once_a_second(account: &str, refusal: &Refusal) {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    let now = Instant::now();
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.is_none_or(|last| now.duration_since(last) >= Duration::from_secs(1)) {
        *last = Some(now);
        tracing::warn!(
            account,
            kind = refusal.kind.as_str(),
            reason = refusal.reason,
            "notification refused"
        );
    }
}
