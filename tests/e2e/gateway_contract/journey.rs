//! From creation to money, and the many ways of pressing the button.

use std::collections::HashSet;

use countersign_tests::{Way, World, eventually};
use serde_json::{Value, json};

use super::wire;
use crate::judge::{names, near, time};

super::suite! {
    every method: [goes_from_creation_to_money_and_every_step_is_right],
    every way: [
        confirming_twenty_times_at_once_places_one_order,
        confirming_again_after_the_money_came_changes_nothing,
        the_backend_can_confirm_and_can_do_it_while_creating,
    ],
    ways that notify: [a_lost_notification_is_made_good_by_asking],
}

async fn goes_from_creation_to_money_and_every_step_is_right(way: Way) {
    let world = World::start().await;
    world.fill_wallet().await;
    let order = world.order(&way);
    let payment = world.api.create(&order).await;
    created_right(&payment.body, &order, &way);

    let view = world.api.confirm(&payment).await;
    let order_no = order["order_id"].as_str().expect("an order number");
    let calls = world.gateways.journal(way.gateway, way.submit).await;
    assert_eq!(calls.len(), 1, "{calls:?}");
    wire::placed_as_documented(&world, &calls[0], &order, order_no);
    wire::next_action_is_right(&world, &view, &calls[0]).await;
    let booked = world.gateways.order(way.gateway, order_no).await;
    assert_eq!(view["status"], way.status_when_confirmed());
    if way.notifies {
        let replies = world.gateways.pay(way.gateway, order_no, &json!({})).await;
        assert_eq!(replies, [way.taken()]);
        let queries = world.gateways.journal(way.gateway, way.query).await;
        let asked = queries.last().expect("what a notification says is confirmed by a query");
        let gateway_order_no = booked["gateway_order_no"].as_str().expect("a number");
        wire::asked_as_documented(asked, way.gateway, order_no, gateway_order_no);
    }

    let paid = world.api.payment(&payment.id).await;
    let booked = world.gateways.order(way.gateway, order_no).await;
    paid_right(&paid, &booked, &way);
    the_merchant_was_told(&world, &paid).await;
}

fn created_right(body: &Value, order: &Value, way: &Way) {
    assert_eq!(
        names(body),
        [
            "account",
            "amount",
            "amount_refunded",
            "client_secret",
            "created_at",
            "description",
            "expires_at",
            "failure",
            "gateway",
            "gateway_order_no",
            "id",
            "late",
            "livemode",
            "metadata",
            "method",
            "next_action",
            "order_id",
            "paid_at",
            "resolution",
            "return_url",
            "review",
            "revision",
            "status",
            "subject",
            "transaction_id",
            "updated_at",
        ]
    );
    for name in ["account", "order_id", "amount", "subject", "description", "return_url", "metadata"] {
        assert_eq!(body[name], order[name], "{name}");
    }
    assert!(body["id"].as_str().is_some_and(|id| id.starts_with("pay_")));
    assert!(body["client_secret"].as_str().is_some_and(|secret| secret.starts_with("cs_")));
    assert_eq!((&body["status"], &body["revision"]), (&json!("created"), &json!(1)));
    assert_eq!((&body["livemode"], &body["late"]), (&json!(false), &json!(false)));
    assert_eq!((&body["gateway"], &body["method"]["type"]), (&json!(way.gateway), &json!(way.method)));
    for name in ["next_action", "failure", "gateway_order_no", "transaction_id", "paid_at", "amount_refunded"]
    {
        assert!(body[name].is_null(), "{name}");
    }
    let created = time(&body["created_at"]);
    near(created, jiff::Timestamp::now(), 30);
    assert_eq!(time(&body["expires_at"]).as_second() - created.as_second(), way.lasts_s());
    for secret in ["access_token", "auth_code"] {
        assert!(body["method"].get(secret).is_none(), "{body}");
    }
}

fn paid_right(paid: &Value, booked: &Value, way: &Way) {
    assert_eq!(paid["status"], "succeeded");
    assert_eq!(paid["amount"], json!({"value": 1000, "currency": way.currency}));
    assert_eq!(paid["gateway_order_no"], booked["gateway_order_no"]);
    assert!(paid["next_action"].is_null() && paid["failure"].is_null() && paid["late"] == false, "{paid}");
    near(time(&paid["paid_at"]), time(&booked["paid_at"]), 3);
    match way.gateway {
        // Jubao and Hicoin have no number of their own for the transaction.
        "dotwallet" | "blueocean" => assert_eq!(paid["transaction_id"], booked["transaction_id"]),
        _ => assert!(paid["transaction_id"].is_null()),
    }
    assert_eq!((&paid["amount_refunded"], &paid["refunds"]), (&Value::Null, &json!([])));
    let attempts = paid["attempts"].as_array().expect("the attempts");
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0]["order_no"], paid["order_id"], "the first one is sent as the merchant chose it");
}

async fn the_merchant_was_told(world: &World, paid: &Value) {
    let id = paid["id"].as_str().expect("an id");
    let told = world.merchant.until_taken(id, "payment.succeeded").await;
    let mut data = paid.clone();
    let data = data.as_object_mut().expect("a payment");
    for name in ["attempts", "events", "refunds"] {
        data.remove(name);
    }
    assert_eq!(told.body["data"].as_object(), Some(&*data));
    assert_eq!(names(&told.body), ["data", "timestamp", "type"]);
    let succeeded = world.merchant.about(id);
    let succeeded = succeeded.iter().filter(|webhook| webhook.body["type"] == "payment.succeeded");
    assert_eq!(succeeded.count(), 1);
}

async fn confirming_twenty_times_at_once_places_one_order(way: Way) {
    let world = World::start().await;
    world.fill_wallet().await;
    let payment = world.api.create(&world.order(&way)).await;
    let presses = (0..20).map(|press| {
        let (api, payment) = (world.api.clone(), payment.clone());
        tokio::spawn(async move {
            if press % 2 == 0 {
                api.confirm(&payment).await
            } else {
                api.post(&format!("/v1/payments/{}/confirm", payment.id), &json!({})).await.expect(200)
            }
        })
    });
    let mut seen = HashSet::new();
    for press in presses.collect::<Vec<_>>() {
        let view = press.await.expect("every press is answered");
        assert_ne!(view["status"], "failed");
        seen.insert((view["status"].to_string(), view["next_action"].to_string()));
    }
    let (calls, orders) = what_arrived(&world, &way).await;
    assert_eq!((calls, orders), (1, 1));
    let last = world.api.confirm(&payment).await;
    let last = (last["status"].to_string(), last["next_action"].to_string());
    assert!(seen.contains(&last), "{seen:?}");
    // All see the same page; none may see another one.
    let actions: HashSet<_> =
        seen.iter().map(|(_, action)| action).filter(|action| *action != "null").collect();
    assert!(actions.len() <= 1, "{actions:?}");
}

/// Calls that place an order, and orders in the book.
pub(super) async fn what_arrived(world: &World, way: &Way) -> (usize, usize) {
    let calls = world.gateways.journal(way.gateway, way.submit).await;
    (calls.len(), world.gateways.orders(way.gateway).await.len())
}

async fn confirming_again_after_the_money_came_changes_nothing(way: Way) {
    let world = World::start().await;
    world.fill_wallet().await;
    let payment = world.api.create(&world.order(&way)).await;
    world.api.confirm(&payment).await;
    if way.notifies {
        let order_no = payment.body["order_id"].as_str().expect("an order number");
        world.gateways.pay(way.gateway, order_no, &json!({})).await;
    }
    let paid = world.api.until_status(&payment.id, "succeeded").await;
    for _ in 0..3 {
        let again = world.api.confirm(&payment).await;
        assert_eq!((&again["status"], &again["revision"]), (&json!("succeeded"), &paid["revision"]));
        let path = format!("/v1/payments/{}/confirm", payment.id);
        let again = world.api.post(&path, &json!({})).await.expect(200);
        assert_eq!((&again["status"], &again["revision"]), (&json!("succeeded"), &paid["revision"]));
    }
    assert_eq!(what_arrived(&world, &way).await, (1, 1));
}

async fn the_backend_can_confirm_and_can_do_it_while_creating(way: Way) {
    let world = World::start().await;
    world.fill_wallet().await;
    let expected = way.status_when_confirmed();
    let first = world.api.create(&world.order(&way)).await;
    let path = format!("/v1/payments/{}/confirm", first.id);
    let confirmed = world.api.post(&path, &json!({})).await.expect(200);
    assert_eq!(confirmed["status"], expected);
    assert!(confirmed.get("client_secret").is_none());

    let mut order = world.order(&way);
    order["confirm"] = json!(true);
    let second = world.api.create(&order).await;
    assert_eq!(second.body["status"], expected);
    let view =
        world.api.checkout_get(&format!("/v1/checkout/{}", second.id), &second.secret).await.expect(200);
    assert_eq!(view["status"], expected);
    assert_eq!(what_arrived(&world, &way).await, (2, 2));
    // The same request again finds the payment in its present state and sends nothing.
    let again = world.api.post("/v1/payments", &order).await.expect(200);
    assert_eq!((&again["id"], &again["status"]), (&second.body["id"], &json!(expected)));
    assert_eq!(what_arrived(&world, &way).await, (2, 2));
}

async fn a_lost_notification_is_made_good_by_asking(way: Way) {
    let world = World::start().await;
    let order = world.order(&way);
    let payment = world.api.create(&order).await;
    world.api.confirm(&payment).await;
    let order_no = order["order_id"].as_str().expect("an order number");
    let replies = world.gateways.pay(way.gateway, order_no, &json!({"notify": false})).await;
    assert!(replies.is_empty());
    let paid = world.api.until_status(&payment.id, "succeeded").await;
    paid_right(&paid, &world.gateways.order(way.gateway, order_no).await, &way);
    // The notification that comes after all is taken and changes nothing.
    let replies = world.gateways.pay(way.gateway, order_no, &json!({})).await;
    assert_eq!(replies, [way.taken()]);
    assert_eq!(world.api.payment(&payment.id).await["revision"], paid["revision"]);
    eventually("the webhook arrives", async || {
        world.merchant.about(&payment.id).iter().any(|w| w.body["type"] == "payment.succeeded").then_some(())
    })
    .await;
}
