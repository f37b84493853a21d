//! One payment's way through the storm: its shop, its payer and its forger, each going on until there is an answer.

mod afterwards;
mod buying;
mod forging;
mod paying;

use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use countersign_tests::keys;
use serde_json::{Value, json};

use crate::books::text;
use crate::flights::Flight;
use crate::stage::Stage;
use crate::story::Story;

/// One journey under way.
#[derive(Clone)]
pub(crate) struct Trip {
    stage: Arc<Stage>,
    story: Story,
}

/// The payment as its shop knows it.
#[derive(Clone, Debug)]
struct Known {
    id: String,
    secret: String,
}

impl Trip {
    pub(crate) fn new(stage: Arc<Stage>, story: Story) -> Self {
        Self { stage, story }
    }

    /// The whole way.
    pub(crate) async fn travel(self) {
        let plan = Arc::clone(&self.story.plan);
        self.story.note(format!("{plan:?}"));
        let Some(known) = self.create().await else { return };
        tokio::join!(self.buy(&known), self.give_up(&known), self.look_often(&known), self.forge(&known));
        self.refund(&known).await;
        self.replay(&known).await;
        self.story.note("the journey is over");
    }

    /// The shop looks at its payment.
    async fn look(&self, known: &Known) -> Option<Value> {
        let path = format!("/v1/payments/{}", known.id);
        let answer = self
            .stage
            .insist(Flight::Look, &self.story, |api| {
                api.request(Method::GET, &path).bearer_auth(keys::API_KEY)
            })
            .await?;
        self.shown(&answer.reply, answer.asked_at, &[])
    }

    /// The shop gives the payment up, when it planned to.
    async fn give_up(&self, known: &Known) {
        let Some(after_ms) = self.story.plan.cancels_after_ms else { return };
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        self.post(Flight::Cancel, known, "cancel", &["not_cancelable"]).await;
    }

    /// The shop asks for a look at the gateway.
    async fn look_often(&self, known: &Known) {
        for nth in 0..self.story.plan.syncs {
            tokio::time::sleep(Duration::from_millis(100 + 400 * nth)).await;
            self.post(Flight::Sync, known, "sync", &[]).await;
        }
    }

    /// The shop's `POST` to one of a payment's verbs, which may be refused with these codes.
    async fn post(&self, flight: Flight, known: &Known, verb: &str, may_refuse: &[&str]) -> Option<Value> {
        let path = format!("/v1/payments/{}/{verb}", known.id);
        let body = json!({}).to_string();
        let answer = self.stage.insist(flight, &self.story, |api| api.merchant_post(&path, &body)).await?;
        self.shown(&answer.reply, answer.asked_at, may_refuse)
    }

    /// The payment that an answer shows; another answer than that is a complaint, unless it has one of these codes.
    fn shown(&self, reply: &countersign_tests::Reply, asked_at: u128, may_refuse: &[&str]) -> Option<Value> {
        let body: Value = serde_json::from_str(&reply.text).unwrap_or_default();
        if reply.status.is_success() && body["revision"].is_i64() {
            self.story.saw(&body, asked_at);
            return Some(body);
        }
        let code = text(&body["code"]);
        if !may_refuse.contains(&code.as_str()) {
            self.story.complain(format!("an answer that nobody expects: {} {}", reply.status, reply.text));
        }
        None
    }
}
