//! RFC 9457 problems: how an answer says that a request was not carried out.

use crate::closed::closed_set;

closed_set! {
    /// The closed set of problem codes.
    ProblemCode {
        /// 400: the body is not JSON.
        InvalidJson = "invalid_json",
        /// 401: no valid key or client secret.
        Unauthorized = "unauthorized",
        /// 403: a browser origin that is not allowed.
        OriginNotAllowed = "origin_not_allowed",
        /// 404: there is no such thing.
        NotFound = "not_found",
        /// 405: there is such a path, for another method.
        MethodNotAllowed = "method_not_allowed",
        /// 409: this `order_id` was used with another body.
        OrderIdReused = "order_id_reused",
        /// 409: this idempotency key was used with another body.
        IdempotencyKeyReused = "idempotency_key_reused",
        /// 409: paid, or perhaps paid, or over already.
        NotCancelable = "not_cancelable",
        /// 409: over already.
        NotConfirmable = "not_confirmable",
        /// 409: not paid, wholly refunded, or another refund is under way.
        NotRefundable = "not_refundable",
        /// 409: not in review, or decided otherwise before.
        NotResolvable = "not_resolvable",
        /// 413: too many bytes.
        BodyTooLarge = "body_too_large",
        /// 415: not `application/json`.
        UnsupportedMediaType = "unsupported_media_type",
        /// 422: fields that do not fit; `errors` names each.
        InvalidRequest = "invalid_request",
        /// 422: the gateway has no such call.
        NotSupported = "not_supported",
        /// 429: too many requests; see `retry-after`.
        RateLimited = "rate_limited",
        /// 500: the signer is at fault.
        Internal = "internal",
        /// 502: the gateway answered in a way that leaves nothing to show.
        GatewayError = "gateway_error",
        /// 503: not able to serve now.
        NotReady = "not_ready",
    }
}

impl ProblemCode {
    /// The HTTP status that goes with the code.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidJson => 400,
            Self::Unauthorized => 401,
            Self::OriginNotAllowed => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::OrderIdReused
            | Self::IdempotencyKeyReused
            | Self::NotCancelable
            | Self::NotConfirmable
            | Self::NotRefundable
            | Self::NotResolvable => 409,
            Self::BodyTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::InvalidRequest | Self::NotSupported => 422,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::GatewayError => 502,
            Self::NotReady => 503,
        }
    }

    /// A short sentence, the same for every occurrence.
    pub const fn title(self) -> &'static str {
        match self {
            Self::InvalidJson => "The body is not valid JSON",
            Self::Unauthorized => "The key or client secret is missing or wrong",
            Self::OriginNotAllowed => "This origin is not allowed",
            Self::NotFound => "There is no such resource",
            Self::MethodNotAllowed => "This method is not allowed here",
            Self::OrderIdReused => "The order_id was used with another body",
            Self::IdempotencyKeyReused => "The idempotency key was used with another body",
            Self::NotCancelable => "The payment cannot be canceled",
            Self::NotConfirmable => "The payment cannot be confirmed",
            Self::NotRefundable => "The payment cannot be refunded now",
            Self::NotResolvable => "There is nothing to decide about the payment",
            Self::BodyTooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The content type is not application/json",
            Self::InvalidRequest => "Some fields do not fit",
            Self::NotSupported => "The gateway has no such call",
            Self::RateLimited => "Too many requests",
            Self::Internal => "The signer failed",
            Self::GatewayError => "The gateway could not be used",
            Self::NotReady => "The signer is not ready",
        }
    }
}

/// One field that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FieldError {
    /// Where, as a dotted path: `amount.value`, `method.openid`.
    pub field: String,
    /// What kind of misfit, stable: `required`, `unknown_field`, `wrong_type`, `out_of_range`, …
    pub code: String,
    /// What is expected, for a person.
    pub detail: String,
}

impl FieldError {
    /// A misfit of `field`.
    pub fn new(field: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.to_owned(), detail: detail.into() }
    }
}

/// The body of an `application/problem+json` answer.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Problem {
    /// `urn:countersign:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code's sentence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// The stable code.
    pub code: ProblemCode,
    /// The request's id, also in the header `x-request-id`.
    pub request_id: String,
    /// The fields that do not fit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// A problem of this code.
    pub fn new(
        code: ProblemCode,
        detail: impl Into<String>,
        request_id: &str,
        errors: Vec<FieldError>,
    ) -> Self {
        Self {
            kind: format!("urn:countersign:problem:{code}"),
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            code,
            request_id: request_id.to_owned(),
            errors,
        }
    }
}
