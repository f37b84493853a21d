//! What can go wrong in the shop, and how it is told: to the operator at start, to the page as problem+json.

use std::path::PathBuf;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::signer_error::SignerError;

/// Why the shop cannot open. Every message names the setting.
#[derive(Debug)]
pub enum StartError {
    /// The listener has no address.
    Listener(std::io::Error),
    /// An address in the settings cannot be used.
    Address {
        /// The setting.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A folder in the settings is not there.
    Folder {
        /// The setting.
        key: &'static str,
        /// The folder that was looked for.
        path: PathBuf,
    },
    /// The webhook secret is not base64.
    WebhookSecret,
    /// The API key cannot be sent in a header.
    ApiKey,
    /// The HTTP client could not be made.
    Client(String),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Listener(error) => write!(f, "shop: the listener has no address: {error}"),
            Self::Address { key, reason } => write!(f, "{key}: {reason}"),
            Self::Folder { key, path } => write!(f, "{key}: there is no folder {}", path.display()),
            Self::WebhookSecret => f.write_str("shop.webhook_secret: expected whsec_ followed by base64"),
            Self::ApiKey => f.write_str("shop.api_key: expected printable ASCII, and at least one character"),
            Self::Client(reason) => write!(f, "shop: cannot make an HTTP client: {reason}"),
        }
    }
}

impl std::error::Error for StartError {}

/// Why a call of the page, or a webhook, was not served.
#[derive(Debug)]
pub(super) enum ShopError {
    /// The request is not one that the shop understands.
    Malformed { code: &'static str, detail: String },
    /// The shop does not have what was asked for.
    Unknown { code: &'static str, detail: String },
    /// A webhook that was not signed by the signer, or not lately.
    Unsigned { detail: String },
    /// A signed webhook about something that the shop did not order.
    Mismatch { detail: String },
    /// The visitor has too many pages open that follow their orders, or all visitors together have.
    TooManyFollowers,
    /// A browser called on behalf of another site.
    OtherSite,
    /// The signer did not do what the shop asked of it.
    Signer(SignerError),
}

impl From<SignerError> for ShopError {
    fn from(error: SignerError) -> Self {
        Self::Signer(error)
    }
}

impl From<JsonRejection> for ShopError {
    fn from(rejection: JsonRejection) -> Self {
        Self::Malformed { code: "invalid_request", detail: rejection.body_text() }
    }
}

impl IntoResponse for ShopError {
    fn into_response(self) -> Response {
        let (status, code, detail) = match self {
            Self::Malformed { code, detail } => (StatusCode::UNPROCESSABLE_ENTITY, code, detail),
            Self::Unknown { code, detail } => (StatusCode::NOT_FOUND, code, detail),
            Self::Unsigned { detail } => (StatusCode::UNAUTHORIZED, "webhook_not_verified", detail),
            Self::Mismatch { detail } => (StatusCode::UNPROCESSABLE_ENTITY, "webhook_mismatch", detail),
            Self::TooManyFollowers => (
                StatusCode::SERVICE_UNAVAILABLE,
                "too_many_followers",
                "too many pages follow their orders just now".to_owned(),
            ),
            Self::OtherSite => {
                (StatusCode::FORBIDDEN, "other_site", "this call is only for the shop's own pages".to_owned())
            }
            Self::Signer(error) => (error.status(), error.code(), error.to_string()),
        };
        let body = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or("Error"),
            "status": status.as_u16(),
            "code": code,
            "detail": detail,
        });
        let content_type = HeaderValue::from_static("application/problem+json");
        (status, [(header::CONTENT_TYPE, content_type)], Json(body)).into_response()
    }
}
