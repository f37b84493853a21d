//! The worker that delivers events: takes what is due, sends it, notes the outcome.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use http::header::CONTENT_TYPE;
use rand::Rng as _;
use tokio::sync::watch;
use url::Url;

use super::{client, sign};
use crate::clock;
use crate::config::WebhookSettings;
use crate::secret::Secret;
use crate::store::{Delivery, Store, StoreError};

/// How often the outbox is looked at.
const TICK: Duration = Duration::from_millis(200);
/// Deliveries at one time.
const AT_ONCE: usize = 16;
/// What is read of the merchant's answer, for nothing but to keep the connection.
const ANSWER_BYTES_MAX: usize = 4096;

/// Delivers events to the merchant.
pub(crate) struct Dispatcher {
    store: Store,
    client: reqwest::Client,
    url: Url,
    secrets: Vec<Secret>,
    schedule_s: Vec<i64>,
    timeout_s: u64,
}

impl Dispatcher {
    /// A worker for these settings; `None` without an address.
    ///
    /// # Errors
    /// When the TLS roots of this machine cannot be read.
    pub(crate) fn new(
        store: Store,
        settings: &WebhookSettings,
        guarded: bool,
    ) -> Result<Option<Self>, reqwest::Error> {
        let Some(url) = settings.url.clone() else { return Ok(None) };
        let client = client::client(Duration::from_secs(settings.timeout_s), guarded)?;
        Ok(Some(Self {
            store,
            client,
            url,
            secrets: settings.secrets.clone(),
            schedule_s: settings.schedule_s.clone(),
            timeout_s: settings.timeout_s,
        }))
    }

    /// Delivers until `stop` turns true.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let delivered = match self.deliver_due().await {
                Ok(number) => number,
                Err(error) => {
                    tracing::error!(%error, "the outbox could not be read or written");
                    0
                }
            };
            // The next event of a payment becomes due when the one before it has arrived.
            if delivered == 0 {
                tokio::select! {
                    _ = stop.changed() => {}
                    () = tokio::time::sleep(TICK) => {}
                }
            }
        }
    }

    /// Delivers what is due; gives how many arrived.
    async fn deliver_due(&self) -> Result<usize, StoreError> {
        let hold_ms = i64::try_from(self.timeout_s).unwrap_or(60) * 1000 + 30_000;
        let limit = i64::try_from(AT_ONCE).unwrap_or(1);
        let due = self.store.take_due_events(clock::now_ms(), hold_ms, limit).await?;
        let sent = stream::iter(due).map(|delivery| self.deliver(delivery)).buffer_unordered(AT_ONCE);
        let outcomes: Vec<Result<bool, StoreError>> = sent.collect().await;
        outcomes.into_iter().try_fold(0, |number, outcome| Ok(number + usize::from(outcome?)))
    }

    async fn deliver(&self, delivery: Delivery) -> Result<bool, StoreError> {
        let outcome = self.send(&delivery).await;
        let now_ms = clock::now_ms();
        match outcome {
            Ok(()) => {
                tracing::debug!(event = %delivery.id, number = delivery.number, "webhook delivered");
                self.store.event_delivered(&delivery.id, now_ms).await?;
                Ok(true)
            }
            Err(error) => {
                let next_at_ms = self.next_attempt(delivery.number, now_ms);
                tracing::warn!(event = %delivery.id, number = delivery.number, error, given_up = next_at_ms.is_none(), "webhook not delivered");
                self.store.event_failed(&delivery.id, error, next_at_ms).await?;
                Ok(false)
            }
        }
    }

    async fn send(&self, delivery: &Delivery) -> Result<(), String> {
        let timestamp_s = clock::now_ms() / 1000;
        let signature = sign::signature(&self.secrets, delivery.id.as_str(), timestamp_s, &delivery.body);
        let mut response = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", delivery.id.as_str())
            .header("webhook-timestamp", timestamp_s)
            .header("webhook-signature", signature)
            .body(delivery.body.clone())
            .send()
            .await
            .map_err(|e| e.without_url().to_string())?;
        let status = response.status();
        let mut read = 0;
        while let Ok(Some(chunk)) = response.chunk().await {
            read += chunk.len();
            if read > ANSWER_BYTES_MAX {
                break;
            }
        }
        if status.is_success() { Ok(()) } else { Err(format!("HTTP status {}", status.as_u16())) }
    }

    /// When to try again after the `number`th try, with a jitter of ±10 %.
    fn next_attempt(&self, number: i64, now_ms: i64) -> Option<i64> {
        let nth = usize::try_from(number - 1).ok()?;
        let delay_ms = self.schedule_s.get(nth)? * 1000;
        let jitter = rand::rng().random_range(-delay_ms / 10..=delay_ms / 10);
        Some(now_ms + delay_ms + jitter)
    }
}
