//! Answers that are lost, late or unreadable; gateways that are down; a signer that loses power.

use std::time::Instant;

use countersign_tests::{Payment, Way, World, eventually, holds_while};
use serde_json::{Value, json};

use super::journey::what_arrived;

super::suite! {
    every way: [
        an_answer_that_is_lost_after_the_order_was_booked_is_made_good,
        an_order_that_may_not_have_arrived_is_never_called_failed,
        a_gateway_that_is_down_is_tried_again_under_the_same_number,
        a_signer_that_loses_power_asks_and_never_orders_again,
        a_signer_that_loses_power_before_the_order_was_taken_uses_no_other_number,
        a_gateway_that_hangs_is_no_error_of_the_backend_that_confirms_while_creating,
        a_client_that_hangs_up_changes_nothing,
    ],
    ways that notify: [
        a_gateway_that_cannot_be_asked_leaves_the_payment_processing,
        a_notification_that_overtakes_the_answer_is_not_overtaken_again,
        what_a_notification_told_survives_a_power_cut,
    ],
}

/// How an answer can be lost once the order is booked.
const LOST_AFTER: [&str; 4] = ["drop_after", "hang_after", "status_500_after", "garbage_after"];
/// How a request can get lost before.
const LOST_BEFORE: [&str; 3] = ["drop_before", "hang", "status_500_before"];

fn order_no(payment: &Payment) -> String {
    payment.body["order_id"].as_str().expect("an order number").to_owned()
}

/// The payment whose order the gateway has, although the signer has no answer, comes to what it should.
async fn is_made_good(world: &World, way: &Way, payment: &Payment) {
    let order_no = order_no(payment);
    if !way.notifies {
        let paid = world.api.until_status(&payment.id, "succeeded").await;
        let booked = world.gateways.order(way.gateway, &order_no).await;
        assert_eq!(paid["gateway_order_no"], booked["gateway_order_no"]);
        assert_eq!(paid["transaction_id"], booked["transaction_id"]);
        return;
    }
    if way.finds_by_our_number {
        let found = world.api.until_status(&payment.id, "requires_action").await;
        assert_eq!(found["next_action"]["type"], json!(way.shows), "the query brings what the payer needs");
    } else {
        assert_eq!(world.api.payment(&payment.id).await["status"], "processing", "there is no way to ask");
    }
    let replies = world.gateways.pay(way.gateway, &order_no, &json!({})).await;
    assert_eq!(replies, [way.taken()]);
    let paid = world.api.until_status(&payment.id, "succeeded").await;
    let booked = world.gateways.order(way.gateway, &order_no).await;
    assert_eq!(paid["gateway_order_no"], booked["gateway_order_no"]);
}

async fn an_answer_that_is_lost_after_the_order_was_booked_is_made_good(way: Way) {
    let world = World::start().await;
    world.fill_wallet().await;
    let mut faults = LOST_AFTER.to_vec();
    faults.extend(way.signs_answers.then_some("bad_sign"));
    let mut payments = Vec::new();
    for fault in &faults {
        world.gateways.fault(way.gateway, json!({"endpoint": way.submit, "fault": fault})).await;
        // Nor may the first query help, so that what the signer makes of the lost answer is seen.
        world.gateways.fault(way.gateway, json!({"endpoint": way.query, "fault": "status_500_before"})).await;
        let payment = world.api.create(&world.order(&way)).await;
        let asked = Instant::now();
        let view = world.api.confirm(&payment).await;
        assert_eq!(view["status"], "processing", "{fault}: {view}");
        assert!(view["next_action"].is_null() && asked.elapsed().as_secs() < 10, "{fault}: {view}");
        payments.push(payment);
    }
    world.gateways.clear_faults(way.gateway).await;
    for payment in &payments {
        is_made_good(&world, &way, payment).await;
    }
    assert_eq!(what_arrived(&world, &way).await, (faults.len(), faults.len()), "nothing was ordered twice");
}

async fn an_order_that_may_not_have_arrived_is_never_called_failed(way: Way) {
    let world = World::start().await;
    world.fill_wallet().await;
    for fault in LOST_BEFORE {
        world.gateways.fault(way.gateway, json!({"endpoint": way.submit, "fault": fault})).await;
    }
    let mut payments = Vec::new();
    for _ in LOST_BEFORE {
        let payment = world.api.create(&world.order(&way)).await;
        assert_eq!(world.api.confirm(&payment).await["status"], "processing");
        payments.push(payment);
    }
    let started = Instant::now();
    holds_while(
        "three seconds pass",
        async || {
            for payment in &payments {
                let status = world.api.payment(&payment.id).await["status"].clone();
                assert!(status != "failed" && status != "expired", "{status}");
            }
        },
        async || (started.elapsed().as_secs() >= 3).then_some(()),
    )
    .await;
    // Whoever presses again does not order again under another number.
    for payment in &payments {
        let view = world.api.confirm(payment).await;
        assert_ne!(view["status"], "failed");
        let attempts = world.api.payment(&payment.id).await["attempts"].clone();
        assert_eq!(attempts.as_array().map(Vec::len), Some(1), "{attempts}");
    }
    let numbers: Vec<_> =
        world.gateways.orders(way.gateway).await.iter().map(|o| o["order_no"].clone()).collect();
    for payment in &payments {
        let number = &payment.body["order_id"];
        assert!(numbers.iter().filter(|other| *other == number).count() <= 1, "{numbers:?}");
    }
    assert!(numbers.len() <= payments.len(), "{numbers:?}");
}

async fn a_gateway_that_is_down_is_tried_again_under_the_same_number(way: Way) {
    let mut world = World::start().await;
    world.gateways.stop().await;
    let payment = world.api.create(&world.order(&way)).await;
    let view = world.api.confirm(&payment).await;
    assert_eq!(view["status"], "processing", "a gateway that is down has refused nothing");
    world.gateways.start_again().await;
    world.set_callback().await;
    world.fill_wallet().await;
    let expected = way.status_when_confirmed();
    let found = world.api.until_status(&payment.id, expected).await;
    let orders = world.gateways.orders(way.gateway).await;
    assert_eq!(orders.len(), 1, "{orders:?}");
    assert_eq!(orders[0]["order_no"], payment.body["order_id"]);
    assert_eq!(found["attempts"].as_array().map(Vec::len), Some(1), "{found}");
    if way.notifies {
        assert!(!found["next_action"].is_null());
        world.gateways.pay(way.gateway, &order_no(&payment), &json!({})).await;
        world.api.until_status(&payment.id, "succeeded").await;
    }
}

async fn a_signer_that_loses_power_asks_and_never_orders_again(way: Way) {
    let mut world = World::start().await;
    world.fill_wallet().await;
    world.gateways.fault(way.gateway, json!({"endpoint": way.submit, "fault": "hang_after"})).await;
    let payment = world.api.create(&world.order(&way)).await;
    let (api, pressed) = (world.api.clone(), payment.clone());
    let press = tokio::spawn(async move {
        let path = format!("/v1/checkout/{}/confirm", pressed.id);
        api.try_send(api.checkout_request(&path, &pressed.secret, &way.confirmation())).await.is_ok()
    });
    eventually("the order arrives at the gateway", async || {
        (!world.gateways.journal(way.gateway, way.submit).await.is_empty()).then_some(())
    })
    .await;
    world.kill_signer().await;
    assert!(!press.await.expect("the press ends"), "nobody can have answered");
    world.start_signer().await;
    let after = world.api.payment(&payment.id).await;
    assert!(after["status"] != "created" && after["status"] != "failed", "{after}");
    // Pressed again at once: the order that may be there is not made again.
    let view = world.api.confirm(&payment).await;
    assert_ne!(view["status"], "failed");
    is_made_good(&world, &way, &payment).await;
    assert_eq!(what_arrived(&world, &way).await, (1, 1));
}

async fn a_client_that_hangs_up_changes_nothing(way: Way) {
    let world = World::start().await;
    world.fill_wallet().await;
    // The gateway answers after a while only because the first call is lost with its connection.
    world.gateways.fault(way.gateway, json!({"endpoint": way.submit, "fault": "hang_after"})).await;
    let payment = world.api.create(&world.order(&way)).await;
    let (api, pressed) = (world.api.clone(), payment.clone());
    let press = tokio::spawn(async move { api.confirm(&pressed).await });
    eventually("the order arrives at the gateway", async || {
        (!world.gateways.journal(way.gateway, way.submit).await.is_empty()).then_some(())
    })
    .await;
    press.abort();
    is_made_good(&world, &way, &payment).await;
    assert_eq!(what_arrived(&world, &way).await, (1, 1));
}

async fn a_gateway_that_cannot_be_asked_leaves_the_payment_processing(way: Way) {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&way)).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    let fault = json!({"endpoint": way.query, "fault": "status_500_before", "times": 1000});
    world.gateways.fault(way.gateway, fault).await;
    let replies = world.gateways.pay(way.gateway, &order_no(&payment), &json!({})).await;
    assert_eq!(replies, [way.taken()], "what it says is kept");
    let asked = world.gateways.journal(way.gateway, way.query).await.len();
    holds_while(
        "the signer keeps asking",
        async || assert_eq!(status(&world, &payment).await, "processing"),
        async || (world.gateways.journal(way.gateway, way.query).await.len() > asked + 1).then_some(()),
    )
    .await;
    world.gateways.clear_faults(way.gateway).await;
    let paid = world.api.until_status(&payment.id, "succeeded").await;
    assert_eq!(paid["late"], false);
}

async fn a_notification_that_overtakes_the_answer_is_not_overtaken_again(way: Way) {
    let world = World::start().await;
    let fault = json!({"endpoint": way.submit, "fault": "notify_before_answer"});
    world.gateways.fault(way.gateway, fault).await;
    let payment = world.api.create(&world.order(&way)).await;
    let view = world.api.confirm(&payment).await;
    assert!(matches!(view["status"].as_str(), Some("succeeded" | "processing")), "{view}");
    assert!(view["next_action"].is_null(), "nobody is asked to pay twice: {view}");
    let paid = world.api.until_status(&payment.id, "succeeded").await;
    assert!(paid["next_action"].is_null() && paid["failure"].is_null(), "{paid}");
    world.merchant.until_taken(&payment.id, "payment.succeeded").await;
    assert_eq!(world.gateways.orders(way.gateway).await.len(), 1);
}

async fn status(world: &World, payment: &Payment) -> Value {
    world.api.payment(&payment.id).await["status"].clone()
}

async fn a_signer_that_loses_power_before_the_order_was_taken_uses_no_other_number(way: Way) {
    let mut world = World::start().await;
    world.fill_wallet().await;
    world.gateways.fault(way.gateway, json!({"endpoint": way.submit, "fault": "hang"})).await;
    let payment = world.api.create(&world.order(&way)).await;
    let (api, pressed) = (world.api.clone(), payment.clone());
    let press = tokio::spawn(async move {
        let path = format!("/v1/checkout/{}/confirm", pressed.id);
        api.try_send(api.checkout_request(&path, &pressed.secret, &way.confirmation())).await.is_ok()
    });
    eventually("the order arrives at the gateway", async || {
        (!world.gateways.journal(way.gateway, way.submit).await.is_empty()).then_some(())
    })
    .await;
    world.kill_signer().await;
    assert!(!press.await.expect("the press ends"), "nobody can have answered");
    world.start_signer().await;
    for _ in 0..5 {
        let view = world.api.confirm(&payment).await;
        assert!(view["status"] != "failed" && view["status"] != "created", "{view}");
        world.api.post(&format!("/v1/payments/{}/sync", payment.id), &json!({})).await.expect(200);
    }
    let attempts = world.api.payment(&payment.id).await["attempts"].clone();
    assert_eq!(attempts.as_array().map(Vec::len), Some(1), "{attempts}");
    let orders = world.gateways.orders(way.gateway).await;
    assert!(orders.iter().all(|order| order["order_no"] == payment.body["order_id"]), "{orders:?}");
}

async fn a_gateway_that_hangs_is_no_error_of_the_backend_that_confirms_while_creating(way: Way) {
    let world = World::start().await;
    world.fill_wallet().await;
    world.gateways.fault(way.gateway, json!({"endpoint": way.submit, "fault": "hang_after"})).await;
    let mut order = world.order(&way);
    order["confirm"] = json!(true);
    let payment = world.api.create(&order).await;
    assert_eq!(payment.body["status"], "processing");
    is_made_good(&world, &way, &payment).await;
    assert_eq!(what_arrived(&world, &way).await, (1, 1));
}

async fn what_a_notification_told_survives_a_power_cut(way: Way) {
    let mut world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
    let payment = world.api.create(&world.order(&way)).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    let fault = json!({"endpoint": way.query, "fault": "status_500_before", "times": 1000});
    world.gateways.fault(way.gateway, fault).await;
    let replies = world.gateways.pay(way.gateway, &order_no(&payment), &json!({})).await;
    world.kill_signer().await;
    assert_eq!(replies, [way.taken()]);
    world.start_signer().await;
    assert_eq!(status(&world, &payment).await, "processing", "what was acknowledged is known");
    world.gateways.clear_faults(way.gateway).await;
    let synced = world.api.post(&format!("/v1/payments/{}/sync", payment.id), &json!({})).await.expect(200);
    assert_eq!(synced["status"], "succeeded");
}
