//! The shop creates the payment, and the buttons are pressed.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Known, Trip};
use crate::books::text;
use crate::flights::Flight;
use crate::plan::{Payer, Press};

impl Trip {
    /// Creates the payment, with all copies of the request at once.
    pub(super) async fn create(&self) -> Option<Known> {
        let plan = &self.story.plan;
        let mut copies = JoinSet::new();
        for _ in 0..plan.copies {
            let trip = self.clone();
            copies.spawn(async move { trip.create_once().await });
        }
        if plan.contradicts_itself {
            let trip = self.clone();
            copies.spawn(async move {
                trip.contradict().await;
                None
            });
        }
        let known = copies.join_all().await;
        known.into_iter().flatten().next()
    }

    async fn create_once(&self) -> Option<Known> {
        let plan = &self.story.plan;
        let order = plan.order().to_string();
        let answer = self
            .stage
            .insist(Flight::Create, &self.story, |api| {
                let request = api.merchant_post("/v1/payments", &order);
                if plan.keyed { request.header("idempotency-key", &plan.order_id) } else { request }
            })
            .await?;
        let reply = &answer.reply;
        let body: Value = serde_json::from_str(&reply.text).unwrap_or_default();
        if !matches!(reply.status.as_u16(), 200 | 201) {
            self.story.complain(format!("could not be created: {} {}", reply.status, reply.text));
            return None;
        }
        self.story.created(reply, answer.asked_at);
        Some(Known { id: text(&body["id"]), secret: text(&body["client_secret"]) })
    }

    /// The same order number with another amount, once the true one is there: it must be refused.
    async fn contradict(&self) {
        let plan = &self.story.plan;
        if self.create_once().await.is_none() {
            return;
        }
        let mut order = plan.order();
        order["amount"]["value"] = json!(plan.amount + 1);
        let order = order.to_string();
        let answer = self
            .stage
            .insist(Flight::Create, &self.story, |api| api.merchant_post("/v1/payments", &order))
            .await;
        if let Some(answer) = answer.filter(|answer| answer.reply.status != 409) {
            self.story.complain(format!("another amount was not refused: {}", answer.reply.text));
        }
    }

    /// Presses all planned buttons at once, and then the payer does what they do.
    pub(super) async fn buy(&self, known: &Known) {
        let plan = &self.story.plan;
        let mut presses = JoinSet::new();
        for press in &plan.presses {
            let (trip, known, press) = (self.clone(), known.clone(), *press);
            presses.spawn(async move { trip.press(&known, press).await });
        }
        presses.join_all().await;
        if plan.is_bait() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(plan.payer_waits_ms)).await;
        if plan.payer != Payer::Never {
            self.pay(known).await;
        }
        if let Some(result) = plan.hint {
            self.come_back(known, result).await;
        }
    }

    /// Confirms; gives what is shown then.
    pub(super) async fn press(&self, known: &Known, press: Press) -> Option<Value> {
        if press == Press::Backend {
            return self.post(Flight::Confirm, known, "confirm", &["not_confirmable"]).await;
        }
        let path = format!("/v1/checkout/{}/confirm", known.id);
        let body = self.story.plan.way.confirmation();
        let answer = self
            .stage
            .insist(Flight::Confirm, &self.story, |api| api.checkout_request(&path, &known.secret, &body))
            .await?;
        self.shown(&answer.reply, answer.asked_at, &[])
    }

    async fn come_back(&self, known: &Known, result: &str) {
        let path = format!("/v1/checkout/{}/returned", known.id);
        let body = json!({"result": result});
        let answer = self
            .stage
            .insist(Flight::Returned, &self.story, |api| api.checkout_request(&path, &known.secret, &body))
            .await;
        if let Some(answer) = answer {
            self.shown(&answer.reply, answer.asked_at, &[]);
        }
    }
}
