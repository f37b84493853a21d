//! The worker that delivers events: takes what is due, sends it, notes the outcome.

use std::sync::Arc;
use std::time::Duration;

use rand::Rng as _;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use url::Url;

use super::attempt::Sender;
use super::failure::{Failure, Kind};
use super::pace::Pace;
use super::schedule::Schedule;
use crate::clock;
use crate::config::WebhookSettings;
use crate::ledger::Turn;
use crate::store::{Delivery, NextTry, RefusedDelivery, Store, StoreError};

/// How often the outbox is looked at when nothing ends.
const TICK: Duration = Duration::from_millis(200);
/// After one delivery has ended, others that end by then are noted before the outbox is looked at again.
const GATHER: Duration = Duration::from_millis(5);
/// How much longer an event is held than its delivery may take: time to note what came of it.
const NOTING_MS: i64 = 10_000;

/// Counts a delivery under a word of a closed set.
pub(crate) type Count = Box<dyn Fn(&'static str) + Send + Sync>;

/// Delivers events to the merchant.
pub(crate) struct Dispatcher {
    parts: Arc<Parts>,
    hold_ms: i64,
}

struct Parts {
    store: Store,
    sender: Sender,
    schedule: Schedule,
    count: Count,
}

impl Dispatcher {
    /// A worker for these settings, to `url`; `guarded` refuses private addresses.
    ///
    /// # Errors
    /// When the TLS roots of this machine cannot be read.
    pub(crate) fn new(
        store: Store,
        url: Url,
        settings: &WebhookSettings,
        guarded: bool,
        count: Count,
    ) -> Result<Self, reqwest::Error> {
        let sender = Sender::new(url, settings, guarded)?;
        let schedule = Schedule::new(&settings.schedule_s);
        let hold_ms = i64::try_from(settings.timeout_s).unwrap_or(60) * 1000 + NOTING_MS;
        Ok(Self { parts: Arc::new(Parts { store, sender, schedule, count }), hold_ms })
    }

    /// Delivers until `stop` turns true, and then what is under way.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        let (mut pace, mut under_way, mut ledger_fails) = (Pace::default(), JoinSet::new(), false);
        while !*stop.borrow() {
            match self.take(pace.room(under_way.len())).await {
                Ok(due) => {
                    ledger_fails = false;
                    for delivery in due {
                        let parts = Arc::clone(&self.parts);
                        under_way.spawn(async move { parts.deliver(delivery).await });
                    }
                }
                Err(error) if !ledger_fails => {
                    ledger_fails = true;
                    tracing::error!(%error, "the outbox could not be read; it is tried again and again");
                }
                Err(_) => {}
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(TICK) => {}
                Some(ended) = under_way.join_next() => {
                    learn(&mut pace, ended);
                    tokio::time::sleep(GATHER).await;
                    while let Some(ended) = under_way.try_join_next() {
                        learn(&mut pace, ended);
                    }
                }
            }
        }
        under_way.join_all().await;
    }

    async fn take(&self, room: usize) -> Result<Vec<Delivery>, StoreError> {
        match i64::try_from(room) {
            Ok(room) if room > 0 => {
                self.parts.store.take_due_events(clock::now_ms(), self.hold_ms, room).await
            }
            _ => Ok(Vec::new()),
        }
    }
}

fn learn(pace: &mut Pace, ended: Result<Result<(), Kind>, JoinError>) {
    match ended {
        Ok(outcome) => pace.learn(outcome),
        // Its event is taken again when the hold is over.
        Err(error) => tracing::error!(%error, "a delivery was not carried out"),
    }
}

impl Parts {
    async fn deliver(&self, delivery: Delivery) -> Result<(), Kind> {
        let sent_at_ms = clock::now_ms();
        let outcome = self.sender.send(&delivery).await;
        (self.count)(outcome.as_ref().map_or_else(|failure| failure.kind.as_str(), |()| "delivered"));
        let noted = match &outcome {
            Ok(()) => {
                tracing::debug!(event = %delivery.id, number = delivery.number, "webhook delivered");
                self.store.event_delivered(&delivery.id, clock::now_ms()).await
            }
            Err(failure) => self.note_failure(&delivery, failure, sent_at_ms).await,
        };
        match noted {
            Ok(turn) => tell(turn, outcome.as_ref().err()),
            Err(error) => {
                tracing::error!(event = %delivery.id, %error, "what came of a delivery could not be noted; it is sent again");
            }
        }
        outcome.map_err(|failure| failure.kind)
    }

    async fn note_failure(
        &self,
        delivery: &Delivery,
        failure: &Failure,
        sent_at_ms: clock::UnixMs,
    ) -> Result<Option<Turn>, StoreError> {
        let now_ms = clock::now_ms();
        let jitter = rand::rng().random_range(-1000..=1000);
        let next = self.schedule.next(delivery, failure, sent_at_ms, now_ms, jitter);
        let (number, error) = (delivery.number, failure.text.as_str());
        tracing::debug!(event = %delivery.id, number, error, "webhook not delivered");
        let refused = RefusedDelivery {
            id: delivery.id.clone(),
            number,
            next,
            refusal: self.schedule.refusal(failure, now_ms),
        };
        let turn = self.store.event_refused(refused).await?;
        if matches!(next, NextTry::Never { .. }) {
            tracing::error!(event = %delivery.id, number, error, "an event was given up; it can be had from GET /v1/events, and delivered again");
        }
        Ok(turn)
    }
}

/// Says what has changed about the endpoint: once each, not with every try.
fn tell(turn: Option<Turn>, failure: Option<&Failure>) {
    let error = failure.map_or("", |failure| failure.text.as_str());
    match turn {
        Some(Turn::Failing) => {
            tracing::warn!(error, "the webhook endpoint fails; it is probed until it takes an event");
        }
        Some(Turn::Recovered { since_ms }) => {
            let failed_for_s = (clock::now_ms() - since_ms) / 1000;
            tracing::info!(failed_for_s, "the webhook endpoint takes events again");
        }
        Some(Turn::Disabled) => {
            tracing::error!(
                "the webhook endpoint said 410 Gone; events wait until POST /v1/webhook_endpoint/enable or another webhook.url"
            );
        }
        None => {}
    }
}
