//! What comes after the money: it goes back, and old notifications come again.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use super::{Known, Trip};
use crate::books::text;
use crate::flights::Flight;
use crate::plan::Share;

/// How often the shop looks whether it was paid before it gives the refund up.
const LOOKS: u32 = 25;
/// How often a refund is asked for again while another one is under way.
const TRIES: u32 = 12;

impl Trip {
    /// Gives the planned parts back, once the payment is paid.
    pub(super) async fn refund(&self, known: &Known) {
        let plan = &self.story.plan;
        if plan.refunds.is_empty() || !self.is_paid(known).await {
            return;
        }
        for (nth, share) in plan.refunds.iter().enumerate() {
            self.refund_share(known, &format!("R{}", nth + 1), *share).await;
        }
    }

    async fn is_paid(&self, known: &Known) -> bool {
        for _ in 0..LOOKS {
            match self.look(known).await.map(|payment| text(&payment["status"])).as_deref() {
                Some("succeeded") => return true,
                Some("created" | "requires_action" | "processing") => {}
                _ => return false,
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        false
    }

    async fn refund_share(&self, known: &Known, number: &str, share: Share) {
        let plan = &self.story.plan;
        let mut body = json!({"refund_id": number, "reason": "torture"});
        if let Share::Part(thousandths) = share {
            let value = (plan.amount * thousandths / 1_000).max(1);
            body["amount"] = json!({"value": value, "currency": plan.way.currency});
        }
        let (path, body) = (format!("/v1/payments/{}/refunds", known.id), body.to_string());
        let key = format!("{}-{number}", plan.order_id);
        for _ in 0..TRIES {
            let asked = self.stage.insist(Flight::Refund, &self.story, |api| {
                let request = api.merchant_post(&path, &body);
                if plan.keyed { request.header("idempotency-key", &key) } else { request }
            });
            let Some(answer) = asked.await else { return };
            let reply = &answer.reply;
            let told: Value = serde_json::from_str(&reply.text).unwrap_or_default();
            match (reply.status.as_u16(), told["code"].as_str()) {
                (200 | 201, _) => return self.story.refunded(number, plan.keyed, reply),
                // Another one is under way, or everything is gone already.
                (409, Some("not_refundable")) => tokio::time::sleep(Duration::from_millis(500)).await,
                (422, Some("invalid_request")) => return,
                _ => {
                    return self
                        .story
                        .complain(format!("a refund was answered {} {}", reply.status, reply.text));
                }
            }
        }
    }

    /// The gateway says again what it said long ago: that it was paid.
    pub(super) async fn replay(&self, known: &Known) {
        let plan = &self.story.plan;
        if !plan.replays || !plan.way.notifies {
            return;
        }
        let Some(payment) = self.look(known).await else { return };
        if !matches!(payment["status"].as_str(), Some("succeeded" | "refunded")) {
            return;
        }
        let Some(last) = payment["attempts"].as_array().and_then(|attempts| attempts.last()) else { return };
        let path = format!("/{}/orders/{}/pay", plan.way.gateway, text(&last["order_no"]));
        let _ticket = self.stage.flights.begin(Flight::Pay);
        let again = json!({"book": false, "times": 2});
        let reply = self.stage.gateways.try_ask(Method::POST, &path, &again).await;
        self.story.note(format!("an old notification comes again: {}", reply.text));
    }
}
