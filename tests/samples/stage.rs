//! One sample with a signer and simulators of its own, and the payer at the gateway.

use std::collections::BTreeMap;

use countersign_tests::{Payment, Process, World, eventually, keys};
use serde_json::{Value, json};

use crate::post_office::PostOffice;
use crate::sample::Sample;
use crate::visitor::Visitor;

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) post: PostOffice,
    sample: Sample,
    settings: BTreeMap<String, String>,
    shop: Process,
    said_before: String,
}

impl Stage {
    pub(crate) async fn of(sample: Sample) -> Self {
        Self::with(sample, &[]).await
    }

    /// With further variables in the sample's environment.
    pub(crate) async fn with(sample: Sample, more: &[(&str, &str)]) -> Self {
        let post = PostOffice::open().await;
        let world = World::with(|settings| {
            settings.set("webhook.url", post.url.as_str());
            // The shop's page is at an address that nobody knows yet.
            settings.set("server.allowed_origins", vec!["*"]);
        })
        .await;
        let checkout = crate::sample::root().join("wasm/dist");
        let settings = [
            ("COUNTERSIGN_URL", world.api.url.as_str()),
            ("COUNTERSIGN_API_KEY", keys::API_KEY),
            ("WEBHOOK_SECRET", keys::WEBHOOK_SECRET),
            ("PUBLIC_URL", "http://shop.example"),
            ("DATABASE", world.dir().join("orders.db").to_str().expect("a readable name")),
            ("CHECKOUT_DIR", checkout.to_str().expect("a readable name")),
        ]
        .iter()
        .chain(more)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
        let shop = started(sample, &settings).await;
        post.lead_to(Some(&shop.url));
        Self { world, post, sample, settings, shop, said_before: String::new() }
    }

    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::of(&self.shop.url)
    }

    pub(crate) fn url(&self) -> &str {
        &self.shop.url
    }

    /// Everything the sample has said, before restarts too.
    pub(crate) fn said(&self) -> String {
        format!("{}{}", self.said_before, self.shop.said())
    }

    /// How often it was about to send the goods.
    pub(crate) fn fulfilled(&self, order_id: &str) -> usize {
        self.said().matches(&format!("fulfil {order_id}")).count()
    }

    /// Ends the sample as a power cut would.
    pub(crate) async fn kill_shop(&mut self) {
        self.post.lead_to(None);
        self.shop.kill().await;
        self.said_before.push_str(&self.shop.said());
    }

    pub(crate) async fn start_shop(&mut self) {
        self.shop = started(self.sample, &self.settings).await;
        self.post.lead_to(Some(&self.shop.url));
    }

    /// The payer confirms in the page and pays at the gateway.
    pub(crate) async fn pays(&self, opened: &Value, how: &Value) {
        self.confirms(opened).await;
        let order_id = opened["orderId"].as_str().expect("an order number");
        self.world.gateways.pay("blueocean", order_id, how).await;
    }

    pub(crate) async fn confirms(&self, opened: &Value) {
        let payment = payment(opened);
        let shown = self.world.api.try_confirm(&payment, &json!({})).await.expect(200);
        assert_eq!(shown["next_action"]["type"], "qr_code", "{shown}");
    }

    /// Waits until the shop's own books show this status.
    pub(crate) async fn until(&self, visitor: &Visitor, opened: &Value, status: &str) -> Value {
        eventually(&format!("the order is {status}"), async || {
            let order = self.order(visitor, opened).await;
            (order["status"] == status).then_some(order)
        })
        .await
    }

    pub(crate) async fn order(&self, visitor: &Visitor, opened: &Value) -> Value {
        let id = opened["orderId"].as_str().expect("an order number");
        visitor.get(&format!("/orders/{id}")).await.expect(200)
    }

    /// Has the signer send an event again, once it knows that it arrived: one that is on its way goes out just once.
    pub(crate) async fn redeliver(&self, event_id: &str) {
        eventually("the signer knows that the event arrived", async || {
            let events = self.world.api.events().await;
            let event = events.into_iter().find(|event| event["id"] == event_id)?;
            (event["delivery"]["state"] == "delivered").then_some(())
        })
        .await;
        self.world.api.post(&format!("/v1/events/{event_id}/redeliver"), &json!({})).await.expect(200);
    }

    /// How many payments the signer has for this order.
    pub(crate) async fn payments(&self, order_id: &str) -> usize {
        let list = self.world.api.get(&format!("/v1/payments?order_id={order_id}")).await.expect(200);
        list["data"].as_array().expect("a list").len()
    }

    /// Nobody was told what only this backend knows: neither the browser nor the log.
    pub(crate) fn keeps_its_secrets(&self, visitor: &Visitor) {
        for secret in [keys::API_KEY, keys::WEBHOOK_SECRET, keys::BLUEOCEAN_KEY] {
            assert!(!visitor.heard().contains(secret), "the browser was told {secret}");
            assert!(!self.said().contains(secret), "the log has {secret}");
        }
        assert!(!self.said().contains("cs_"), "the log has a client secret:\n{}", self.said());
    }
}

/// What the browser holds, as the tests' client of the checkout API takes it.
pub(crate) fn payment(opened: &Value) -> Payment {
    Payment::of(json!({"id": opened["paymentId"], "client_secret": opened["clientSecret"]}))
}

async fn started(sample: Sample, settings: &BTreeMap<String, String>) -> Process {
    sample.start(settings).await.unwrap_or_else(|ended| panic!("the sample did not start: {ended:?}"))
}
