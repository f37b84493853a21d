//! The demo's only peculiarity: it listens to the simulators of the gateways, which tell what they heard and said.
//!
//! A real shop has no such thing, and needs none: without `shop.simulators_url` nothing of this runs, and all that its
//! page then lacks are the lines between signer and gateway in "what just happened".

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use tokio::task::JoinHandle;
use url::Url;

use super::Shop;
use super::happenings::{Actor, Happening, Kind, Outcome};

const WAIT_S: u64 = 20;
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// What the simulators overheard since.
#[derive(Deserialize)]
struct Overheard {
    last: u64,
    lines: Vec<Line>,
}

/// One line of their talk; they keep everything else of a message to themselves.
#[derive(Deserialize)]
struct Line {
    at: Timestamp,
    gateway: String,
    did: Did,
    endpoint: String,
    /// The shop's number of an order, with something behind it for a further attempt or a refund.
    number: String,
    http_status: u16,
    accepted: bool,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Did {
    Called,
    Paid,
    Notified,
}

/// Listens as long as this is kept.
pub(super) struct Listening(JoinHandle<()>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Begins to listen to the simulators at this address.
pub(super) fn listen(shop: Arc<Shop>, simulators: &Url) -> Result<Listening, reqwest::Error> {
    let http = reqwest::Client::builder().no_proxy().timeout(CALL_TIMEOUT).build()?;
    let address = format!("{}/_control/overheard", simulators.as_str().trim_end_matches('/'));
    Ok(Listening(tokio::spawn(async move {
        let mut heard = 0;
        loop {
            match ask(&http, &format!("{address}?after={heard}&wait_s={WAIT_S}")).await {
                // They were started anew, and count from the beginning.
                Some(Overheard { last, .. }) if last < heard => heard = 0,
                Some(Overheard { last, lines }) => {
                    heard = last;
                    lines.into_iter().for_each(|line| note(&shop, line));
                }
                None => tokio::time::sleep(PAUSE_AFTER_FAILURE).await,
            }
        }
    })))
}

async fn ask(http: &reqwest::Client, address: &str) -> Option<Overheard> {
    let body = http.get(address).send().await.ok()?.error_for_status().ok()?.bytes().await.ok()?;
    serde_json::from_slice(&body).ok()
}

fn note(shop: &Shop, line: Line) {
    let (kind, from, to) = match line.did {
        Did::Called => (Kind::Call, Actor::Signer, Actor::Gateway),
        Did::Paid => (Kind::Paid, Actor::Payer, Actor::Gateway),
        Did::Notified => (Kind::Notification, Actor::Gateway, Actor::Signer),
    };
    let what = format!("{} {}", line.gateway, line.endpoint);
    let status = StatusCode::from_u16(line.http_status).ok();
    let happening = Happening::now(kind, from, to, what.trim()).answered(status);
    let outcome = if line.accepted { Outcome::Accepted } else { Outcome::Refused };
    shop.orders.overhear(&line.number, Happening { at: line.at, outcome, ..happening });
}
