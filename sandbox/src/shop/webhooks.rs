//! Where the signer tells the shop what a payment came to.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde::Deserialize;
use standardwebhooks::Webhook;

use super::Shop;
use super::config::Secret;
use super::error::{ShopError, StartError};
use super::signer::{Amount, Failure};

const BODY_BYTES_MAX: usize = 256 * 1024;

/// A webhook's body, as far as the shop reads it.
#[derive(Debug, Deserialize)]
pub(super) struct Event {
    #[serde(rename = "type")]
    pub(super) event_type: String,
    pub(super) timestamp: String,
    pub(super) data: Payment,
}

/// The payment that a webhook is about.
#[derive(Debug, Deserialize)]
pub(super) struct Payment {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) order_id: String,
    pub(super) amount: Amount,
    pub(super) status: String,
    pub(super) revision: u64,
    #[serde(default)]
    pub(super) paid_at: Option<String>,
    #[serde(default)]
    pub(super) amount_refunded: Option<Amount>,
    #[serde(default)]
    pub(super) failure: Option<Failure>,
}

/// Reads the secret, `whsec_` and base64 behind it. An empty one would let anybody sign.
pub(super) fn verifier(secret: &Secret) -> Result<Webhook, StartError> {
    match secret.expose().strip_prefix("whsec_") {
        Some(key) if !key.is_empty() => Webhook::new(secret.expose()).map_err(|_| StartError::WebhookSecret),
        _ => Err(StartError::WebhookSecret),
    }
}

pub(super) fn routes() -> Router<Arc<Shop>> {
    Router::new().route("/hooks/payments", post(receive)).layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

/// Verifies over the bytes as they came, then reads them: nothing of an unsigned body is looked at.
async fn receive(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ShopError> {
    shop.webhook.verify(&body, &headers).map_err(|error| {
        tracing::warn!(reason = %error, "refused a webhook");
        ShopError::Unsigned { detail: error.to_string() }
    })?;
    let event: Event = serde_json::from_slice(&body)
        .map_err(|error| ShopError::Malformed { code: "webhook_malformed", detail: error.to_string() })?;
    let webhook_id =
        headers.get(standardwebhooks::HEADER_WEBHOOK_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();

    shop.orders.hear(webhook_id, &event)?;
    tracing::info!(
        order.id = event.data.order_id,
        event.kind = event.event_type,
        payment.revision = event.data.revision,
        "heard of a payment"
    );
    Ok(StatusCode::NO_CONTENT)
}
