//! The merchant's webhook address: verifies with the public crate, remembers what came, fails when told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{MerchantAnswer, eventually, keys};

/// One delivery that arrived.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`, in seconds.
    pub timestamp_s: i64,
    /// The body as it came.
    pub raw: Vec<u8>,
    /// The body as JSON.
    pub body: Value,
    /// All headers.
    pub headers: HeaderMap,
    /// Whether it was answered with success.
    pub taken: bool,
    /// When it arrived.
    pub arrived: Instant,
}

impl Webhook {
    /// Whether a secret verifies it.
    ///
    /// # Panics
    /// When the secret is none.
    pub fn verifies_with(&self, secret: &str) -> bool {
        let webhook = standardwebhooks::Webhook::new(secret).expect("a secret of the right form");
        webhook.verify(&self.raw, &self.headers).is_ok()
    }
}

/// The running receiver.
#[derive(Debug)]
pub struct Merchant {
    /// Where webhooks go.
    pub url: String,
    kept: Arc<Mutex<Kept>>,
    server: tokio::task::JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Kept {
    webhooks: Vec<Webhook>,
    failures_left: usize,
    answers: VecDeque<MerchantAnswer>,
    always: Option<MerchantAnswer>,
}

impl Drop for Merchant {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Merchant {
    pub(crate) async fn open() -> Self {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}/hooks", listener.local_addr().expect("it is bound"));
        let routes = Router::new().route("/hooks", post(take)).with_state(Arc::clone(&kept));
        let server = tokio::spawn(async move {
            axum::serve(listener, routes).await.expect("axum serves for ever");
        });
        Self { url, kept, server }
    }

    /// Answers the next `times` deliveries with a 500.
    pub fn fail_next(&self, times: usize) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).failures_left = times;
    }

    /// Gives these answers next, before any other.
    pub fn answer_next(&self, answers: impl IntoIterator<Item = MerchantAnswer>) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).answers.extend(answers);
    }

    /// Gives this answer to everything; `None` for the usual one.
    pub fn answer_always(&self, answer: Option<MerchantAnswer>) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).always = answer;
    }

    /// Everything that arrived.
    pub fn all(&self) -> Vec<Webhook> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).webhooks.clone()
    }

    /// What arrived about a payment, refused deliveries too.
    pub fn about(&self, payment: &str) -> Vec<Webhook> {
        self.all().into_iter().filter(|webhook| webhook.body["data"]["id"] == payment).collect()
    }

    /// Waits until this type of event was taken for the payment.
    pub async fn until_taken(&self, payment: &str, kind: &str) -> Webhook {
        let what = format!("the webhook {kind} of {payment} arrives");
        eventually(&what, async || {
            self.about(payment).into_iter().find(|webhook| webhook.taken && webhook.body["type"] == kind)
        })
        .await
    }
}

async fn take(State(kept): State<Arc<Mutex<Kept>>>, headers: HeaderMap, raw: Bytes) -> Response {
    answer(&kept, headers, &raw).give().await
}

fn answer(kept: &Mutex<Kept>, headers: HeaderMap, raw: &[u8]) -> MerchantAnswer {
    let text = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap_or_default());
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let usual = match kept.failures_left {
        0 => StatusCode::NO_CONTENT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    kept.failures_left = kept.failures_left.saturating_sub(1);
    let scripted = kept.answers.pop_front().or_else(|| kept.always.clone());
    let answer = scripted.unwrap_or(MerchantAnswer::Status(usual.as_u16()));
    let webhook = Webhook {
        id: text("webhook-id").to_owned(),
        timestamp_s: text("webhook-timestamp").parse().unwrap_or(0),
        raw: raw.to_vec(),
        body: serde_json::from_slice(raw).unwrap_or_default(),
        headers: headers.clone(),
        taken: answer.is_success(),
        arrived: Instant::now(),
    };
    // An unsigned one is not taken, and so never counts as arrived.
    let signed = webhook.verifies_with(keys::WEBHOOK_SECRET);
    let taken = webhook.taken && signed;
    kept.webhooks.push(Webhook { taken, ..webhook });
    if signed { answer } else { MerchantAnswer::Status(StatusCode::UNAUTHORIZED.as_u16()) }
}
