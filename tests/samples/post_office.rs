//! Where the signer's webhooks go on their way to the sample: it hands them on byte for byte, remembers each, and can
//! hold them back. So the sample may start after the signer, move, and be told the same thing again.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use countersign_tests::{Api, Reply, eventually};
use serde_json::Value;
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};
use tokio::net::TcpListener;

/// One delivery: what was signed, and the signature.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) id: String,
    pub(crate) timestamp: String,
    pub(crate) signature: String,
    pub(crate) raw: Vec<u8>,
    /// The sample's answer; nothing when it was held back.
    pub(crate) answered: Option<u16>,
}

impl Letter {
    pub(crate) fn body(&self) -> Value {
        serde_json::from_slice(&self.raw).expect("an event is JSON")
    }

    /// The same event with another body, signed anew at a time.
    pub(crate) fn signed_anew(&self, id: &str, timestamp_s: i64, body: &Value, secret: &str) -> Self {
        let raw = body.to_string().into_bytes();
        let signature =
            Webhook::new(secret).expect("a secret").sign(id, timestamp_s, &raw).expect("a signature");
        Self { id: id.to_owned(), timestamp: timestamp_s.to_string(), signature, raw, answered: None }
    }
}

#[derive(Default)]
struct Desk {
    /// Where the sample is; nobody while it is down.
    to: Option<String>,
    holds_back: bool,
    letters: Vec<Letter>,
}

pub(crate) struct PostOffice {
    /// The signer's `webhook.url`.
    pub(crate) url: String,
    desk: Arc<Mutex<Desk>>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl PostOffice {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}/hooks", listener.local_addr().expect("it is bound"));
        let desk = Arc::<Mutex<Desk>>::default();
        let routes = Router::new().route("/hooks", post(pass_on)).with_state(Arc::clone(&desk));
        let server =
            tokio::spawn(async move { axum::serve(listener, routes).await.expect("it serves for ever") });
        Self { url, desk, server }
    }

    /// Hands everything on to this address from now on.
    pub(crate) fn lead_to(&self, sample: Option<&str>) {
        self.with(|desk| desk.to = sample.map(str::to_owned));
    }

    /// Takes what comes from now on and hands nothing on.
    pub(crate) fn hold_back(&self) {
        self.with(|desk| desk.holds_back = true);
    }

    /// Every delivery of this type about a payment, those that were held back too.
    pub(crate) fn about(&self, payment_id: &str, kind: &str) -> Vec<Letter> {
        let mut letters = self.with(|desk| desk.letters.clone());
        letters.retain(|letter| {
            let body = letter.body();
            body["type"] == kind && body["data"]["id"] == payment_id
        });
        letters
    }

    /// Waits until so many of them have come.
    pub(crate) async fn until(&self, payment_id: &str, kind: &str, times: usize) -> Vec<Letter> {
        eventually(&format!("{kind} comes {times} times"), async || {
            let letters = self.about(payment_id, kind);
            (letters.len() >= times).then_some(letters)
        })
        .await
    }

    /// Brings a letter to the sample by hand.
    pub(crate) async fn bring(&self, letter: &Letter) -> Reply {
        let to = self.with(|desk| desk.to.clone()).expect("the sample is running");
        send(&to, letter).await
    }

    fn with<T>(&self, work: impl FnOnce(&mut Desk) -> T) -> T {
        work(&mut self.desk.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn pass_on(State(desk): State<Arc<Mutex<Desk>>>, headers: HeaderMap, raw: Bytes) -> StatusCode {
    let text = |name: &str| headers[name].to_str().expect("a text").to_owned();
    let mut letter = Letter {
        id: text(HEADER_WEBHOOK_ID),
        timestamp: text(HEADER_WEBHOOK_TIMESTAMP),
        signature: text(HEADER_WEBHOOK_SIGNATURE),
        raw: raw.to_vec(),
        answered: None,
    };
    let (to, holds_back) = {
        let desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
        (desk.to.clone(), desk.holds_back)
    };
    letter.answered = match to {
        _ if holds_back => None,
        Some(to) => Some(send(&to, &letter).await.status.as_u16()),
        None => Some(503),
    };
    let status = letter.answered.unwrap_or(204);
    desk.lock().unwrap_or_else(PoisonError::into_inner).letters.push(letter);
    StatusCode::from_u16(status).expect("a status")
}

async fn send(to: &str, letter: &Letter) -> Reply {
    let api = Api::new(to);
    let request = api.request(axum::http::Method::POST, "/hooks/payments");
    let request = request.header("content-type", "application/json").header(HEADER_WEBHOOK_ID, &letter.id);
    let request = request.header(HEADER_WEBHOOK_TIMESTAMP, &letter.timestamp);
    let request = request.header(HEADER_WEBHOOK_SIGNATURE, &letter.signature);
    api.send(request.body(letter.raw.clone())).await
}
