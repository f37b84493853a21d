//! The shop's webhook address: it fails, is busy, hangs and redirects, and keeps a book of everything that came.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use countersign_tests::keys;
use tokio::net::TcpListener;

use crate::books::Arrival;
use crate::dice::Dice;
use crate::flights::{Flight, Flights};
use crate::weather::Mood;

/// Longer than the signer waits for an answer.
const HANG: Duration = Duration::from_secs(4);

/// What the shop does before it answers takes up to so long, so that kills come upon it.
const PAUSE_MS_MAX: u64 = 40;

/// The running shop.
#[derive(Debug)]
pub(crate) struct Shop {
    /// Where webhooks go.
    pub(crate) url: String,
    state: Door,
    server: tokio::task::JoinHandle<()>,
}

#[derive(Clone, Debug)]
struct Door {
    kept: Arc<Mutex<Kept>>,
    flights: Flights,
}

#[derive(Debug)]
struct Kept {
    arrivals: Vec<Arrival>,
    mood: Mood,
    dice: Dice,
}

/// What the shop does with a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Takes,
    Fails,
    IsBusy,
    Hangs,
    Redirects,
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shop {
    /// Opens it, in a good mood.
    pub(crate) async fn open(seed: u64, flights: Flights) -> Self {
        let kept = Kept { arrivals: Vec::new(), mood: Mood::default(), dice: Dice::of(seed, "shop", 0) };
        let state = Door { kept: Arc::new(Mutex::new(kept)), flights };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}/hooks", listener.local_addr().expect("it is bound"));
        let routes = Router::new()
            .route("/hooks", post(take))
            .route("/elsewhere", post(elsewhere))
            .with_state(state.clone());
        let server = tokio::spawn(async move {
            axum::serve(listener, routes).await.expect("axum serves for ever");
        });
        Self { url, state, server }
    }

    /// How it takes webhooks from now on.
    pub(crate) fn set_mood(&self, mood: Mood) {
        self.state.with(|kept| kept.mood = mood);
    }

    /// Everything that came.
    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        self.state.with(|kept| kept.arrivals.clone())
    }

    /// How many deliveries came, and how many of them were taken.
    pub(crate) fn count(&self) -> (usize, usize) {
        self.state
            .with(|kept| (kept.arrivals.len(), kept.arrivals.iter().filter(|arrival| arrival.taken).count()))
    }
}

impl Door {
    fn with<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> T {
        work(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Kept {
    fn deed(&mut self) -> Deed {
        let Mood { fails, is_busy, hangs, redirects } = self.mood;
        let takes = 100 - fails - is_busy - hangs - redirects;
        self.dice.weighed(&[
            (takes, Deed::Takes),
            (fails, Deed::Fails),
            (is_busy, Deed::IsBusy),
            (hangs, Deed::Hangs),
            (redirects, Deed::Redirects),
        ])
    }
}

async fn take(State(door): State<Door>, headers: HeaderMap, raw: Bytes) -> Response {
    let _ticket = door.flights.begin(Flight::Webhook);
    let arrival = arrival(&headers, &raw);
    let pause_ms = door.with(|kept| kept.dice.between(0, PAUSE_MS_MAX));
    let deed = door.with(|kept| {
        let deed = kept.deed();
        kept.arrivals.push(Arrival { taken: deed == Deed::Takes && arrival.verified, ..arrival });
        deed
    });
    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
    match deed {
        Deed::Takes => StatusCode::NO_CONTENT.into_response(),
        Deed::Fails => (StatusCode::INTERNAL_SERVER_ERROR, "the shop is on fire").into_response(),
        Deed::IsBusy => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")], "").into_response(),
        Deed::Redirects => (StatusCode::TEMPORARY_REDIRECT, [("location", "/elsewhere")], "").into_response(),
        Deed::Hangs => {
            tokio::time::sleep(HANG).await;
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Nobody may come here: what is signed for one address must not be carried to another.
async fn elsewhere(State(door): State<Door>, headers: HeaderMap, raw: Bytes) -> StatusCode {
    let arrival = arrival(&headers, &raw);
    door.with(|kept| kept.arrivals.push(Arrival { redirected: true, ..arrival }));
    StatusCode::NO_CONTENT
}

fn arrival(headers: &HeaderMap, raw: &Bytes) -> Arrival {
    let text = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap_or_default());
    let judge = standardwebhooks::Webhook::new(keys::WEBHOOK_SECRET).expect("a secret of the right form");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    Arrival {
        event: text("webhook-id").to_owned(),
        timestamp_s: text("webhook-timestamp").parse().unwrap_or(0),
        arrived_at_s: i64::try_from(now.as_secs()).unwrap_or(0),
        verified: judge.verify(raw, headers).is_ok(),
        raw: raw.to_vec(),
        taken: false,
        redirected: false,
    }
}
