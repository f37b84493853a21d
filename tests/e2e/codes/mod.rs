//! Every published code of every gateway, thrown into the call it belongs to: what becomes of the payment is what the
//! code's class demands, and never success.

mod dotwallet;
mod hicoin;
mod orders;
mod refunds;

use countersign_tests::{Payment, Way, World};
use serde_json::{Value, json};

use crate::judge;

/// A code that no document has: nothing is known.
const UNHEARD_OF: i64 = 987_654;

/// The published codes of a document's table, with the call that each is printed for, where there is one.
fn published(table: &str) -> Vec<(i64, String)> {
    let table: Value = serde_json::from_str(table).expect("the table is JSON");
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let rows = table["codes"].as_array().expect("a list").iter();
    let numbered = rows.filter(|row| row["code"] != "");
    numbered.map(|row| (text(row, "code").parse().expect("a number"), text(row, "call"))).collect()
}

/// A world that asks only when it is told to, so that no question meets a code that is meant for another payment.
async fn quiet_world() -> World {
    let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
    world.fill_wallet().await;
    world
}

/// Lets the next call of this name be refused with a code.
async fn throw(world: &World, gateway: &str, endpoint: &str, code: i64) {
    let fault = json!({"endpoint": endpoint, "fault": "code", "code": code, "message": "thrown"});
    world.gateways.fault(gateway, fault).await;
}

/// Confirms a payment into a code.
async fn confirmed_into(world: &World, way: &Way, code: i64) -> (Payment, Value) {
    throw(world, way.gateway, way.submit, code).await;
    let payment = world.api.create(&world.order(way)).await;
    let view = world.api.confirm(&payment).await;
    (payment, view)
}

/// Asserts that a refusal of this class has left the payment where the class demands, and told why.
fn comes_to(view: &Value, class: &str, code: i64) {
    let expected = match class {
        "query" => "processing",
        "reauthorize" => "requires_action",
        _ => "failed",
    };
    assert_eq!(view["status"], expected, "{code} is {class}: {view}");
    judge::failure(&view["failure"], class);
    assert_eq!(view["failure"]["gateway_code"], code.to_string(), "{view}");
    assert_eq!(view["next_action"].is_null(), expected != "requires_action", "{view}");
}

/// Asks now.
async fn sync(world: &World, payment: &Payment) -> Value {
    world.api.post(&format!("/v1/payments/{}/sync", payment.id), &json!({})).await.expect(200)
}
