//! What bookkeeping takes from the ledger, compared with what the gateways booked and what the API says.

mod extract;
mod other_money;
mod questions;
mod summary;

use std::collections::BTreeMap;

use axum::http::Method;
use countersign_tests::{
    BLUEOCEAN_ALIPAY_QRCODE, DOTWALLET_AUTOPAY, Ended, HICOIN_H5, JUBAO_WECHAT_H5, Payment, Way, World, run,
    signer,
};
use serde_json::{Value, json};

/// Everything there will be in a test.
const ALWAYS: [&str; 4] = ["--from", "2020-01-01", "--to", "2120-01-01"];

/// Runs a command on the world's configuration. The environment is empty: no secret is needed.
async fn command(world: &World, name: &str, arguments: &[&str]) -> Ended {
    let file = world.dir().join("countersign.toml");
    let file = file.to_str().expect("a readable name");
    let arguments = [&[name, "--config", file], arguments].concat();
    run(&signer(), &arguments, &BTreeMap::new()).await
}

/// The records of a CSV text, read by a reader that has nothing to do with its writer.
fn csv_records(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    reader.deserialize().map(|record| record.expect("a record like the first line")).collect()
}

fn json_records(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("an object on every line")).collect()
}

/// A day at a shop: paid, paid in part back, paid twice over another sum, given up, open.
struct Day {
    /// 10.00 CNY, paid.
    paid: Payment,
    /// 10.00 HKD, paid, 3.00 by us and 2.00 by the portal back.
    given_back: Payment,
    /// 10.00 CNY asked, 9.99 paid.
    other_amount: Payment,
    /// Given up by the merchant.
    canceled: Payment,
    /// Waits for its payer.
    open: Payment,
}

async fn day(world: &World) -> Day {
    world.fill_wallet().await;
    let automatic = world.api.create(&world.order(&DOTWALLET_AUTOPAY)).await;
    world.api.confirm(&automatic).await;
    let paid = confirmed(world, &JUBAO_WECHAT_H5).await;
    pay(world, &JUBAO_WECHAT_H5, &paid, &json!({"times": 2})).await;
    let coin = confirmed(world, &HICOIN_H5).await;
    pay(world, &HICOIN_H5, &coin, &json!({})).await;
    let given_back = confirmed(world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    pay(world, &BLUEOCEAN_ALIPAY_QRCODE, &given_back, &json!({})).await;
    let part = json!({"amount": {"value": 300, "currency": "HKD"}, "refund_id": "R-1"});
    world.api.post(&format!("/v1/payments/{}/refunds", given_back.id), &part).await.expect(201);
    let portal = format!("/blueocean/orders/{}/refund", order_no(&given_back));
    world.gateways.ask(Method::POST, &portal, &json!({"amount": 200})).await;
    world.api.post(&format!("/v1/payments/{}/sync", given_back.id), &json!({})).await.expect(200);
    let other_amount = confirmed(world, &JUBAO_WECHAT_H5).await;
    world.gateways.pay("jubao", order_no(&other_amount), &json!({"amount": 999})).await;
    world.api.until_status(&other_amount.id, "review").await;
    let canceled = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    world.api.post(&format!("/v1/payments/{}/cancel", canceled.id), &json!({})).await.expect(200);
    let open = confirmed(world, &JUBAO_WECHAT_H5).await;
    Day { paid, given_back, other_amount, canceled, open }
}

async fn confirmed(world: &World, way: &Way) -> Payment {
    let payment = world.api.create(&world.order(way)).await;
    world.api.confirm(&payment).await;
    payment
}

async fn pay(world: &World, way: &Way, payment: &Payment, how: &Value) {
    world.gateways.pay(way.gateway, order_no(payment), how).await;
    world.api.until_status(&payment.id, "succeeded").await;
}

fn order_no(payment: &Payment) -> &str {
    payment.body["order_id"].as_str().expect("a number")
}

/// What a gateway's own book says came in and went back.
async fn booked(world: &World, gateway: &str) -> (i64, i64) {
    let orders = world.gateways.orders(gateway).await;
    let sum = |name: &str| orders.iter().filter_map(|order| order[name].as_i64()).sum();
    (sum("paid_amount"), sum("refunded_amount"))
}
