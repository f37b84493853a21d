//! Orders that nobody is to pay any more: closed, taken back at the till, never lost.

mod bar_codes;
mod closing;
mod taking_back;

use countersign_tests::{BLUEOCEAN_ALIPAY_QRCODE, BLUEOCEAN_MICROPAY, Payment, Reply, World, bar_code};
use serde_json::{Value, json};

/// The shortest times there are.
async fn hurried() -> World {
    World::with(|settings| {
        settings.set("payments.expires_in_s", 4);
        settings.set("payments.micropay_expires_in_s", 4);
    })
    .await
}

/// An order that waits for a payer to scan its code.
async fn open(world: &World) -> Payment {
    let payment = world.api.create(&world.order(&BLUEOCEAN_ALIPAY_QRCODE)).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    payment
}

/// A payment at a till, of which the simulator's bar code says what comes of it.
async fn at_the_till(world: &World, outcome: &str) -> Payment {
    let mut order = world.order(&BLUEOCEAN_MICROPAY);
    let order_id = order["order_id"].as_str().expect("a number").to_owned();
    order["method"]["auth_code"] = json!(bar_code(&order_id, outcome));
    world.api.create(&order).await
}

async fn cancel(world: &World, payment: &Payment) -> Reply {
    world.api.post(&format!("/v1/payments/{}/cancel", payment.id), &json!({})).await
}

async fn sync(world: &World, payment: &Payment) -> Value {
    world.api.post(&format!("/v1/payments/{}/sync", payment.id), &json!({})).await.expect(200)
}

fn order_no(payment: &Payment) -> &str {
    payment.body["order_id"].as_str().expect("a number")
}

/// Where the order stands in BlueOcean's book.
async fn state(world: &World, payment: &Payment) -> String {
    let order = world.gateways.order("blueocean", order_no(payment)).await;
    order["status"].as_str().expect("a state").to_owned()
}

/// The calls of this name that reached BlueOcean.
async fn calls(world: &World, endpoint: &str) -> Vec<Value> {
    world.gateways.journal("blueocean", endpoint).await
}
