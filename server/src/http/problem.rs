//! Problems as answers: the only place that turns a failure into an HTTP status.

use axum::extract::OriginalUri;
use axum::response::{IntoResponse, Response};
use countersign_core::{FieldError, Problem, ProblemCode};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use super::request_id;
use crate::app::AppError;
use crate::telemetry::Seldom;

/// A request that is not carried out.
#[derive(Debug)]
pub(super) struct Refused {
    code: ProblemCode,
    detail: String,
    errors: Vec<FieldError>,
    retry_after_s: Option<u64>,
}

impl Refused {
    /// With this code and, for a person, what happened.
    pub(super) fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after_s: None }
    }

    /// Fields that do not fit.
    pub(super) fn fields(errors: Vec<FieldError>) -> Self {
        let names: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        let detail = format!("these fields do not fit: {}", names.join(", "));
        Self { code: ProblemCode::InvalidRequest, detail, errors, retry_after_s: None }
    }

    /// No valid key or client secret.
    pub(super) fn unauthorized() -> Self {
        Self::new(ProblemCode::Unauthorized, "send a valid key as \"Authorization: Bearer …\"")
    }

    /// There is no such thing.
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(ProblemCode::NotFound, format!("there is no such {what}"))
    }

    /// Come back after so many seconds.
    pub(super) fn after(mut self, retry_after_s: u64) -> Self {
        self.retry_after_s = Some(retry_after_s);
        self
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let problem = Problem::new(self.code, self.detail, &request_id::current(), self.errors);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.code == ProblemCode::Unauthorized {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Invalid(errors) => Self::fields(errors),
            AppError::OrderIdReused => Self::new(
                ProblemCode::OrderIdReused,
                "a payment of this account has this order_id and was created by another body",
            ),
            AppError::IdempotencyKeyReused => Self::new(
                ProblemCode::IdempotencyKeyReused,
                "this Idempotency-Key came with another body before",
            ),
            AppError::NotCancelable(why) => Self::new(ProblemCode::NotCancelable, why),
            AppError::NotConfirmable(why) => Self::new(ProblemCode::NotConfirmable, why),
            AppError::NotRefundable(why) => Self::new(ProblemCode::NotRefundable, why),
            AppError::NotResolvable(why) => Self::new(ProblemCode::NotResolvable, why),
            AppError::NotSupported(why) => {
                let errors = vec![FieldError::new("method.type", "not_supported", why.clone())];
                Self { errors, ..Self::new(ProblemCode::NotSupported, why) }
            }
            AppError::RefundIdReused => Self::new(
                ProblemCode::IdempotencyKeyReused,
                "a refund of this payment has this refund_id and was asked for by another body",
            ),
            AppError::NotFound => Self::not_found("payment, refund or event"),
            AppError::NoSuchAccount(account) => {
                let why = format!("the payment's account {account} is no longer configured");
                Self::new(ProblemCode::GatewayError, why)
            }
            AppError::MovedOn => Self::new(ProblemCode::NotReady, "the payment keeps changing").after(1),
            AppError::Busy => Self::new(ProblemCode::NotReady, "too much is waiting to be written").after(1),
            AppError::Ledger(error) => {
                // A ledger in trouble fails every request; each tells its id, and the log the reason once in a while.
                static TOLD: Seldom = Seldom::new();
                if TOLD.is_due() {
                    tracing::error!(error, "the ledger failed");
                } else {
                    tracing::debug!(error, "the ledger failed");
                }
                Self::new(ProblemCode::NotReady, "the ledger cannot be used now").after(5)
            }
            AppError::Broken(error) => {
                tracing::error!(error, "a fault of the signer");
                Self::new(ProblemCode::Internal, "the signer failed; the request id is in its log")
            }
        }
    }
}

/// For paths that are not there.
pub(super) async fn no_such_path(OriginalUri(uri): OriginalUri) -> Refused {
    Refused::new(ProblemCode::NotFound, format!("there is no {}", uri.path()))
}

/// For paths that are there, with another method.
pub(super) async fn no_such_method(OriginalUri(uri): OriginalUri) -> Refused {
    Refused::new(ProblemCode::MethodNotAllowed, format!("{} does not take this method", uri.path()))
}
