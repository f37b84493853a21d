//! A gateway on loopback that gives the same answer to every request, or one for each path, and keeps what it was sent.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::Uri;
use countersign_core::{Currency, Method, MethodType, Money};
use url::Url;

use super::order::Order;
use crate::ledger::{Circumstances, Claim};
use crate::upstream::{Upstream, UpstreamSettings};

type Seen = Arc<Mutex<Vec<(String, Bytes)>>>;
type Answers = Arc<Mutex<Vec<(&'static str, Vec<u8>)>>>;

/// The address, and what was sent to it: path with query, and body.
pub(crate) struct Scripted {
    pub(crate) url: Url,
    seen: Seen,
}

impl Scripted {
    /// Answers `body`.
    pub(crate) async fn answering(body: Vec<u8>) -> Self {
        Self::by_path(vec![("", body)]).await
    }

    /// Answers with the first entry that still stands and whose text is in the path; an entry that stands before
    /// another for the same path answers once. Nothing, which no gateway says, where there is none.
    pub(crate) async fn by_path(answers: Vec<(&'static str, Vec<u8>)>) -> Self {
        let seen = Seen::default();
        let handler = |State((seen, answers)): State<(Seen, Answers)>, uri: Uri, sent: Bytes| async move {
            seen.lock().unwrap().push((uri.to_string(), sent));
            let mut answers = answers.lock().unwrap();
            let fits = |answer: &(&'static str, Vec<u8>)| uri.path().contains(answer.0);
            let Some(at) = answers.iter().position(fits) else { return Vec::new() };
            let followed = answers[at + 1..].iter().any(|next| next.0 == answers[at].0);
            if followed { answers.remove(at).1 } else { answers[at].1.clone() }
        };
        let answers = Arc::new(Mutex::new(answers));
        let router = Router::new().fallback(handler).with_state((Arc::clone(&seen), answers));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, seen }
    }

    /// What was sent so far: path with query, and body as text.
    pub(crate) fn seen(&self) -> Vec<(String, String)> {
        let text = |(uri, body): &(String, Bytes)| (uri.clone(), String::from_utf8(body.to_vec()).unwrap());
        self.seen.lock().unwrap().iter().map(text).collect()
    }
}

/// A client without patience. Every test has a thread of its own, and reads the machine's TLS roots once.
pub(crate) fn upstream() -> Upstream {
    thread_local!(static CLIENT: Upstream = {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let settings = UpstreamSettings { connect_timeout_s: 2, timeout_s: 2, answer_bytes_max: 65_536 };
        Upstream::new(&settings).unwrap()
    });
    CLIENT.with(Upstream::clone)
}

/// An order as the wire files know it.
pub(crate) fn order(kind: MethodType, order_no: &str, value: i64, currency: &str) -> Order {
    Order {
        order_no: order_no.into(),
        amount: Money::new(value, Currency::parse(currency).unwrap()).unwrap(),
        subject: "测试商品".into(),
        description: None,
        method: Method::bare(kind),
        return_url: Some("https://shop.example/r".into()),
        notify_url: "https://shop.example/n?a=1&b=2".into(),
        expires_at_ms: 1_704_067_800_000,
        consent_return_url: "https://shop.example/r".into(),
        circumstances: Circumstances::default(),
    }
}

/// A claim's name, for tables.
pub(crate) fn name(claim: &Claim) -> String {
    let json = serde_json::to_value(claim).unwrap();
    json["claim"].as_str().unwrap().to_owned()
}
