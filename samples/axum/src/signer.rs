//! Calls to the signer: the only place that uses the API key.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::orders::{self, Order};
use crate::settings::Settings;

/// What the shop keeps of the signer's answer; it has more fields than these.
#[derive(Deserialize)]
pub(crate) struct Opened {
    pub(crate) id: String,
    pub(crate) client_secret: String,
}

/// Why there is no payment.
pub(crate) struct SignerError {
    pub(crate) message: String,
    /// Whether asking again would get the same answer.
    pub(crate) is_definite: bool,
}

pub(crate) struct Signer {
    http: reqwest::Client,
}

impl Signer {
    pub(crate) fn new() -> reqwest::Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20));
        Ok(Self { http: http.redirect(reqwest::redirect::Policy::none()).build()? })
    }

    /// Creates the payment for an order. The signer answers the same order number with the same payment, so this may be
    /// called again after a time-out, a crash or a second press, and there is still one payment.
    pub(crate) async fn create_payment(
        &self,
        settings: &Settings,
        order: &Order,
    ) -> Result<Opened, SignerError> {
        let body = json!({
            "account": settings.account,
            "order_id": order.id,
            "amount": {"value": order.value, "currency": order.currency},
            "subject": orders::item(&order.sku).map_or(order.sku.as_str(), |item| item.name),
            "method": {"type": settings.method},
            "return_url": format!("{}/?order={}", settings.public_url, order.id),
        });
        self.post(settings, "/v1/payments", &body).await
    }

    /// A new client secret; the one before it stops working.
    pub(crate) async fn renew_secret(
        &self,
        settings: &Settings,
        payment_id: &str,
    ) -> Result<Opened, SignerError> {
        self.post(settings, &format!("/v1/payments/{payment_id}/client_secret"), &json!({})).await
    }

    async fn post(&self, settings: &Settings, path: &str, body: &Value) -> Result<Opened, SignerError> {
        let request = self.http.post(format!("{}{path}", settings.signer_url)).bearer_auth(&settings.api_key);
        let request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        let answer = request.send().await.map_err(SignerError::unreachable)?;
        let status = answer.status();
        let text = answer.text().await.map_err(SignerError::unreachable)?;
        if !status.is_success() {
            // A problem names its code, its fields and the request, for whoever mends it; there is no secret in one.
            let message = format!("the signer answered {status}: {text}");
            return Err(SignerError { message, is_definite: !status.is_server_error() });
        }
        serde_json::from_str(&text).map_err(|error| SignerError {
            message: format!("the signer's answer cannot be read: {error}"),
            is_definite: false,
        })
    }
}

impl SignerError {
    #[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
    fn unreachable(error: reqwest::Error) -> Self {
        Self { message: format!("the signer cannot be reached: {error}"), is_definite: false }
    }
}
