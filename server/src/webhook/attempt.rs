//! One try to deliver an event: signed anew, sent byte for byte as signed, answered within a time and a size.

use std::time::Duration;

use http::HeaderMap;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use url::Url;

use super::failure::Failure;
use super::{client, retry_after, sign};
use crate::clock;
use crate::config::WebhookSettings;
use crate::secret::Secret;
use crate::store::Delivery;

/// What is read of the merchant's answer, for nothing but to keep the connection.
const ANSWER_BYTES_MAX: usize = 4096;

/// Sends events to one address.
pub(super) struct Sender {
    client: reqwest::Client,
    url: Url,
    secrets: Vec<Secret>,
    timeout_s: u64,
}

impl Sender {
    /// To `url`, by these settings; `guarded` refuses private addresses.
    ///
    /// # Errors
    /// When the TLS roots of this machine cannot be read.
    pub(super) fn new(url: Url, settings: &WebhookSettings, guarded: bool) -> Result<Self, reqwest::Error> {
        let (secrets, timeout_s) = (settings.secrets.clone(), settings.timeout_s);
        Ok(Self { client: client::client(guarded)?, url, secrets, timeout_s })
    }

    /// Sends an event. Looking the name up, connecting, sending and reading the answer have one time for all of it.
    pub(super) async fn send(&self, delivery: &Delivery) -> Result<(), Failure> {
        let limit = Duration::from_secs(self.timeout_s);
        match tokio::time::timeout(limit, self.exchange(delivery)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::timed_out(self.timeout_s)),
        }
    }

    async fn exchange(&self, delivery: &Delivery) -> Result<(), Failure> {
        let timestamp_s = clock::now_ms().div_euclid(1000);
        let signature = sign::signature(&self.secrets, delivery.id.as_str(), timestamp_s, &delivery.body);
        let request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", delivery.id.as_str())
            .header("webhook-timestamp", timestamp_s)
            .header("webhook-signature", signature)
            .body(delivery.body.clone());
        let response = request.send().await.map_err(Failure::unreachable)?;
        let status = response.status();
        if !status.is_success() {
            return Err(Failure::answered(status, wait_ms(response.headers())));
        }
        // Until its answer has ended, the merchant's program may still fail.
        read_to_the_end(response).await.map_err(|_| Failure::broken_off(status))
    }
}

/// What the answer says about trying again; the longest where it says several things.
fn wait_ms(headers: &HeaderMap) -> Option<i64> {
    let now_ms = clock::now_ms();
    let values = headers.get_all(RETRY_AFTER).iter();
    values.filter_map(|value| retry_after::parse(value.to_str().ok()?, now_ms)).max()
}

/// Reads an answer, as much as can be wanted of it.
async fn read_to_the_end(mut response: reqwest::Response) -> Result<(), reqwest::Error> {
    let mut read = 0;
    while let Some(chunk) = response.chunk().await? {
        read += chunk.len();
        if read > ANSWER_BYTES_MAX {
            break;
        }
    }
    Ok(())
}
