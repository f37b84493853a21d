//! What the signer tells: the event as far as this shop reads it, believed only when its signature fits.

use axum::http::HeaderMap;
use serde::Deserialize;
use standardwebhooks::Webhook;

use crate::refusal::Refusal;

#[derive(Deserialize)]
pub(crate) struct Event {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) data: Payment,
}

#[derive(Deserialize)]
pub(crate) struct Payment {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) order_id: String,
    pub(crate) amount: Amount,
    pub(crate) status: String,
    pub(crate) revision: i64,
}

#[derive(Deserialize)]
pub(crate) struct Amount {
    pub(crate) value: i64,
    pub(crate) currency: String,
}

/// The event and its id. It takes the bytes as they came: parsing them and writing them again breaks the signature.
pub(crate) fn verified(
    verifier: &Webhook,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(String, Event), Refusal> {
    verifier.verify(body, headers).map_err(|error| Refusal::new(401, "bad_signature", &error.to_string()))?;
    let id = headers.get(standardwebhooks::HEADER_WEBHOOK_ID).and_then(|id| id.to_str().ok());
    let event = serde_json::from_slice(body)
        .map_err(|error| Refusal::new(400, "bad_request", &format!("The event cannot be read: {error}")))?;
    Ok((id.unwrap_or_default().to_owned(), event))
}
