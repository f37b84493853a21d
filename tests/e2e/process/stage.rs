//! A signer of its own beside a world's simulators and merchant, started by another program where a test needs that.

use std::path::Path;

use axum::http::Method;
use axum::http::header::AUTHORIZATION;
use countersign_tests::{
    Api, Ended, Payment, Process, Reply, Settings, Way, World, eventually, keys, signer,
};
use serde_json::Value;
use tempfile::TempDir;

/// What came of asking for a payment.
pub(super) enum Asked {
    /// It was answered as done.
    Done(Payment),
    /// It was answered as not possible now.
    NotNow,
    /// It was not answered.
    Unanswered,
}

/// A signer, its ledger, and the world it is in.
pub(super) struct Stage {
    pub(super) world: World,
    /// What the signer is configured with; changes count from the next start.
    pub(super) settings: Settings,
    /// The program that starts the signer, with its arguments; none as a rule.
    pub(super) launcher: Vec<String>,
    /// The signer's interface; valid while it runs.
    pub(super) api: Api,
    signer: Option<Process>,
    dir: TempDir,
}

impl Stage {
    /// Everything but the signer; its ledger will be a file of its own.
    pub(super) async fn new() -> Self {
        let world = World::start().await;
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut settings = world.settings.clone();
        settings.set("server.listen", "127.0.0.1:0");
        settings.leave_out("server", "public_url");
        settings.set("store.url", format!("sqlite:{}", dir.path().join("ledger.db").display()));
        Self { world, settings, launcher: Vec::new(), api: Api::new(""), signer: None, dir }
    }

    /// The same with the signer running.
    pub(super) async fn running() -> Self {
        let mut stage = Self::new().await;
        stage.start().await;
        stage
    }

    /// The folder of the ledger.
    pub(super) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Starts the signer, at the address it had before.
    pub(super) async fn start(&mut self) {
        eventually("the signer starts", async || match self.try_start().await {
            Ok(()) => Some(()),
            // Another test's connection may hold the port for a moment.
            Err(ended) if ended.stderr.contains("cannot listen") => None,
            Err(ended) => panic!("the signer did not start: {ended:?}"),
        })
        .await;
    }

    /// Starts the signer, which may end instead.
    pub(super) async fn try_start(&mut self) -> Result<(), Ended> {
        let process = self.try_start_another().await?;
        self.api = Api::new(&process.url);
        self.settings.set("server.listen", process.url.trim_start_matches("http://"));
        self.signer = Some(process);
        Ok(())
    }

    /// Starts a signer beside the one there is.
    pub(super) async fn try_start_another(&self) -> Result<Process, Ended> {
        let file = self.dir().join("countersign.toml");
        // Where the folder is read-only the file is there already.
        let _ = std::fs::write(&file, self.settings.text());
        let program = [signer().display().to_string(), "serve".to_owned(), "--config".to_owned()];
        let file = file.display().to_string();
        let words: Vec<&str> =
            self.launcher.iter().chain(&program).chain([&file]).map(String::as_str).collect();
        let ready = "countersign is ready on ";
        Process::start(words[0].as_ref(), &words[1..], &self.settings.env, ready).await
    }

    /// The signer.
    pub(super) fn signer(&mut self) -> &mut Process {
        self.signer.as_mut().expect("the signer is running")
    }

    /// Ends the signer as a power cut would.
    pub(super) async fn kill(&mut self) {
        self.signer.take().expect("the signer is running").kill().await;
    }

    /// Asks the signer to stop and waits for its end.
    pub(super) async fn stop(&mut self) -> Ended {
        self.signer().terminate();
        self.ended().await
    }

    /// Waits until the signer has ended.
    pub(super) async fn ended(&mut self) -> Ended {
        self.signer.take().expect("the signer was running").wait().await
    }

    /// A create request with a new order number.
    pub(super) fn order(&self, way: &Way) -> Value {
        self.world.order(way)
    }

    /// Asks for a payment and takes whatever comes.
    pub(super) async fn ask(&self, order: &Value) -> Asked {
        let request = self.api.merchant_post("/v1/payments", &order.to_string());
        match self.api.try_send(request).await {
            Ok(reply) if reply.status.is_success() => Asked::Done(Payment::of(reply.json())),
            Ok(reply) => {
                not_ready(&reply);
                Asked::NotNow
            }
            Err(_) => Asked::Unanswered,
        }
    }

    /// The payment with this order's number, as far as there is one.
    pub(super) async fn find(&self, order: &Value) -> Option<Value> {
        let number = order["order_id"].as_str().expect("a number");
        let found = self.api.get(&format!("/v1/payments?order_id={number}")).await.expect(200);
        let found = found["data"].as_array().expect("a list").clone();
        assert!(found.len() <= 1, "one payment an order: {found:?}");
        found.into_iter().next()
    }

    /// Asserts that every payment answered as done is there, and every other one is there as a whole or not at all.
    pub(super) async fn audit(&self, done: &[Payment], others: &[Value]) {
        for payment in done {
            let kept = self.api.payment(&payment.id).await;
            for name in ["order_id", "amount", "method", "created_at"] {
                assert_eq!(kept[name], payment.body[name], "what was answered is there: {kept}");
            }
        }
        for order in others {
            if let Some(kept) = self.find(order).await {
                let whole = self.api.payment(kept["id"].as_str().expect("an id")).await;
                assert_eq!(whole["amount"], order["amount"], "wholly there: {whole}");
            }
            // Asked again, it comes about once.
            let again = self.api.post("/v1/payments", order).await;
            assert!([200, 201].contains(&again.status.as_u16()), "{}", again.text);
        }
    }

    /// Whether the signer says that it can serve.
    pub(super) async fn is_ready(&self) -> bool {
        let asked = self.api.request(Method::GET, "/readyz");
        let reply = self.api.send(asked).await;
        if !reply.status.is_success() {
            not_ready(&reply);
        }
        reply.status.is_success()
    }

    /// Waits until the signer says that it can serve, or that it cannot.
    pub(super) async fn until_ready(&self, ready: bool) {
        eventually(&format!("/readyz says {ready}"), async || (self.is_ready().await == ready).then_some(()))
            .await;
    }

    /// Asserts that the process is up.
    pub(super) async fn is_up(&self) {
        assert_eq!(self.api.send(self.api.request(Method::GET, "/healthz")).await.status.as_u16(), 200);
    }

    /// How many orders the gateway has, and how often it was asked to place one.
    pub(super) async fn at_gateway(&self, way: &Way) -> (usize, usize) {
        let gateways = &self.world.gateways;
        (gateways.orders(way.gateway).await.len(), gateways.journal(way.gateway, way.submit).await.len())
    }

    /// A merchant's request without a body.
    pub(super) async fn post(&self, path: &str) -> Reply {
        let request = self.api.request(Method::POST, path);
        self.api.send(request.header(AUTHORIZATION, format!("Bearer {}", keys::API_KEY))).await
    }
}

/// Asserts that an answer says "not now", and when to come again.
pub(super) fn not_ready(reply: &Reply) {
    reply.problem(503, "not_ready");
    let wait: u64 = reply.header("retry-after").parse().expect("a number of seconds");
    assert!((1..=60).contains(&wait), "{wait}");
}

/// The one line with which a process says why it ends.
pub(super) fn last_words(ended: &Ended) -> &str {
    let lines: Vec<_> = ended.stderr.lines().filter(|line| line.starts_with("countersign:")).collect();
    assert_eq!(lines.len(), 1, "one clear line: {ended:?}");
    lines[0]
}
