//! What all journeys share: the way to the signer, which is often gone, and to the simulators, which never are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use countersign_tests::{Api, Browser, Control, Reply};
use reqwest::RequestBuilder;

use crate::books::Forged;
use crate::flights::{Flight, Flights};
use crate::story::Story;

/// How long a client goes on in calm weather when it hears nothing. In the storm it does not give up.
const PERSISTENCE: Duration = Duration::from_secs(30);
/// The longest pause of a client between two tries.
const PAUSE_MS_MAX: u64 = 400;

/// The stage.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) api: Api,
    pub(crate) gateways: Control,
    pub(crate) browser: Browser,
    pub(crate) flights: Flights,
    answered: AtomicU64,
    calm_since: OnceLock<Instant>,
    forged: Mutex<Vec<Forged>>,
}

/// An answer, and when it was asked for.
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    pub(crate) asked_at: u128,
}

impl Stage {
    pub(crate) fn new(api: Api, gateways: Control, flights: Flights) -> Self {
        Self {
            api,
            gateways,
            browser: Browser::default(),
            flights,
            answered: AtomicU64::new(0),
            calm_since: OnceLock::new(),
            forged: Mutex::default(),
        }
    }

    /// The signer is no longer killed.
    pub(crate) fn calm_down(&self) {
        // Once it is calm, it stays so.
        let _ = self.calm_since.set(Instant::now());
    }

    /// Whether a client that began to ask at this moment has waited long enough.
    fn is_hopeless(&self, began: Instant) -> bool {
        self.calm_since.get().is_some_and(|calm| calm.max(&began).elapsed() > PERSISTENCE)
    }

    /// How many answers to requests that change something there were so far.
    pub(crate) fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Asks until there is an answer, as a client does that retries: the same request each time. `None` when there never
    /// is one, which is written down as a complaint.
    pub(crate) async fn insist(
        &self,
        flight: Flight,
        story: &Story,
        request: impl Fn(&Api) -> RequestBuilder,
    ) -> Option<Answer> {
        let began = Instant::now();
        let mut pause_ms = 10;
        loop {
            let asked_at = story.now();
            let ticket = self.flights.begin(flight);
            let answer = self.api.try_send(request(&self.api)).await;
            drop(ticket);
            let counts = answer.is_ok() && flight.changes_something();
            self.answered.fetch_add(u64::from(counts), Ordering::Relaxed);
            match answer {
                Ok(reply) if reply.status == 500 => {
                    story.complain(format!("{} was answered 500: {}", flight.name(), reply.text));
                }
                Ok(reply) if reply.status.is_server_error() => {
                    story.note(format!("{} was answered {}", flight.name(), reply.status));
                }
                Ok(reply) => {
                    story.note(format!("{} -> {} {}", flight.name(), reply.status.as_u16(), brief(&reply)));
                    return Some(Answer { reply, asked_at });
                }
                Err(_) => {}
            }
            if self.is_hopeless(began) {
                story.complain(format!("{} was never answered", flight.name()));
                return None;
            }
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            pause_ms = (pause_ms * 2).min(PAUSE_MS_MAX);
        }
    }

    /// A forged notification was answered.
    pub(crate) fn forged(&self, forged: Forged) {
        self.forged.lock().unwrap_or_else(PoisonError::into_inner).push(forged);
    }

    /// All forgeries and their answers.
    pub(crate) fn all_forged(&self) -> Vec<Forged> {
        self.forged.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What an answer says, for the story.
fn brief(reply: &Reply) -> String {
    let body: serde_json::Value = serde_json::from_str(&reply.text).unwrap_or_default();
    let word = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    match body["revision"].as_i64() {
        Some(revision) => format!("{} at revision {revision}", word("status")),
        None if body["code"].is_string() => format!("{}: {}", word("code"), word("detail")),
        None => format!("{} {}", word("id"), word("status")),
    }
}
