//! What no machine may settle: why, what was seen, and what the merchant decides about it.

mod decisions;
mod reasons;
mod refusals;

use countersign_tests::{Payment, Reply, Way, World, eventually};
use serde_json::{Value, json};

fn order_no(payment: &Payment) -> &str {
    payment.body["order_id"].as_str().expect("an order number")
}

async fn resolve(world: &World, payment: &Payment, body: &Value) -> Reply {
    world.api.post(&format!("/v1/payments/{}/resolve", payment.id), body).await
}

async fn sync(world: &World, payment: &Payment) -> Value {
    world.api.post(&format!("/v1/payments/{}/sync", payment.id), &json!({})).await.expect(200)
}

async fn cancel(world: &World, payment: &Payment) -> Reply {
    world.api.post(&format!("/v1/payments/{}/cancel", payment.id), &json!({})).await
}

/// An order that waits for its payer.
async fn open(world: &World, way: &Way) -> Payment {
    let payment = world.api.create(&world.order(way)).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    payment
}

/// A payment in review because it was paid in this manner.
async fn paid_otherwise(world: &World, way: &Way, how: &Value) -> Payment {
    let payment = open(world, way).await;
    world.gateways.pay(way.gateway, order_no(&payment), how).await;
    world.api.until_status(&payment.id, "review").await;
    payment
}

/// Waits until so many events of this type about the payment were taken.
async fn told(world: &World, payment: &Payment, kind: &str, times: usize) -> Vec<Value> {
    eventually(&format!("{times} webhooks {kind} arrive"), async || {
        let arrived = world.merchant.about(&payment.id).into_iter();
        let found: Vec<_> = arrived.filter(|w| w.taken && w.body["type"] == kind).map(|w| w.body).collect();
        (found.len() >= times).then_some(found)
    })
    .await
}
