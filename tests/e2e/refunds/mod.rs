//! Giving money back: BlueOcean's refunds and Hicoin's payouts.

mod doubt;
mod portal;
mod refusals;
mod same_again;
mod under_way;
mod whole_and_parts;

use countersign_tests::{Api, BLUEOCEAN_ALIPAY_QRCODE, HICOIN_H5, Payment, Reply, Way, World, eventually};
use serde_json::{Value, json};

/// The two gateways that money can be given back at.
const BOTH: [Way; 2] = [BLUEOCEAN_ALIPAY_QRCODE, HICOIN_H5];

/// The simulators' name of the call that gives money back.
fn refund_call(way: &Way) -> &'static str {
    if way.gateway == "hicoin" { "transfers" } else { "refund" }
}

/// The simulators' name of the call that asks what became of it.
fn refund_query(way: &Way) -> &'static str {
    if way.gateway == "hicoin" { "gettransferinfo" } else { "refundquery" }
}

/// A payment that was paid.
async fn paid(world: &World, way: &Way) -> Payment {
    let payment = world.api.create(&world.order(way)).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    world.gateways.pay(way.gateway, order_no(&payment), &json!({})).await;
    world.api.until_status(&payment.id, "succeeded").await;
    payment
}

fn order_no(payment: &Payment) -> &str {
    payment.body["order_id"].as_str().expect("a number")
}

fn refunds_path(payment: &Payment) -> String {
    format!("/v1/payments/{}/refunds", payment.id)
}

async fn refund(world: &World, payment: &Payment, body: &Value) -> Reply {
    world.api.post(&refunds_path(payment), body).await
}

/// A refund request for a part.
fn part(way: &Way, value: i64) -> Value {
    json!({"amount": {"value": value, "currency": way.currency}})
}

fn id(refund: &Value) -> &str {
    refund["id"].as_str().unwrap_or_else(|| panic!("a refund without id: {refund}"))
}

/// The refund as the merchant can look it up.
async fn look_up(api: &Api, payment: &Payment, refund: &str) -> Value {
    api.get(&format!("{}/{refund}", refunds_path(payment))).await.expect(200)
}

async fn until_refund(world: &World, payment: &Payment, refund: &str, status: &str) -> Value {
    let mut last = Value::Null;
    let what = format!("{refund} becomes {status}");
    let found = tokio::time::timeout(
        countersign_tests::PATIENCE,
        eventually(&what, async || {
            last = look_up(&world.api, payment, refund).await;
            (last["status"] == status).then(|| last.clone())
        }),
    );
    match found.await {
        Ok(found) => found,
        Err(_) => panic!("did not happen in time: {what}: {last}"),
    }
}

/// What the gateway's own book says went back for an order: our numbers and the amounts.
async fn booked(world: &World, way: &Way, payment: &Payment) -> Vec<(String, i64)> {
    let entry = |refund: &Value, number: &str, amount: &str| {
        let number = refund[number].as_str().expect("a number").to_owned();
        (number, refund[amount].as_i64().expect("an amount"))
    };
    if way.gateway == "hicoin" {
        let ours = |payout: &&Value| {
            payout["out_trade_no"].as_str().is_some_and(|number| number.starts_with(order_no(payment)))
        };
        let payouts = world.gateways.payouts().await;
        return payouts.iter().filter(ours).map(|p| entry(p, "out_trade_no", "total_amount")).collect();
    }
    let order = world.gateways.order(way.gateway, order_no(payment)).await;
    let refunds = order["refunds"].as_array().expect("refunds");
    refunds.iter().map(|refund| entry(refund, "refund_no", "amount")).collect()
}

/// How often the gateway was asked to give back.
async fn asked(world: &World, way: &Way) -> usize {
    world.gateways.journal(way.gateway, refund_call(way)).await.len()
}

/// The events of this type about a payment, as they were delivered.
async fn told(world: &World, payment: &Payment, kind: &str, times: usize) -> Vec<Value> {
    eventually(&format!("{times} webhooks {kind} arrive"), async || {
        let arrived = world.merchant.about(&payment.id);
        let found: Vec<_> =
            arrived.into_iter().filter(|w| w.taken && w.body["type"] == kind).map(|w| w.body).collect();
        (found.len() >= times).then_some(found)
    })
    .await
}

/// Asserts that a part of 400 went back once, and that the merchant was told.
async fn once_in_the_book(world: &World, way: &Way, payment: &Payment) {
    assert_eq!(booked(world, way, payment).await, [(format!("{}f1", order_no(payment)), 400)]);
    let after = world.api.payment(&payment.id).await;
    assert_eq!(after["amount_refunded"]["value"], 400, "{after}");
    assert_eq!(told(world, payment, "payment.refunded", 1).await.len(), 1);
}
