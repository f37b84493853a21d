//! What the merchant is told: every change, in order, signed, until it is taken.

mod answers;
mod endpoint;
mod fate;

use countersign_tests::{DOTWALLET_AUTOPAY, JUBAO_WECHAT_H5, Payment, Webhook, World, eventually, keys};
use serde_json::{Value, json};

use crate::judge::{names, time};

async fn paid(world: &World) -> Payment {
    let order = world.order(&JUBAO_WECHAT_H5);
    let payment = world.api.create(&order).await;
    world.api.confirm(&payment).await;
    world.gateways.pay("jubao", order["order_id"].as_str().expect("a number"), &json!({})).await;
    world.api.until_status(&payment.id, "succeeded").await;
    payment
}

/// A payment with one event, `payment.canceled`.
async fn told_once(world: &World) -> Payment {
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    world.api.post(&format!("/v1/payments/{}/cancel", payment.id), &json!({})).await.expect(200);
    payment
}

/// The only event of a payment, as it is pulled.
async fn event_of(world: &World, payment: &Payment) -> Value {
    let events = world.api.events().await;
    events.into_iter().find(|event| event["data"]["id"] == payment.id).expect("its event")
}

fn types(webhooks: &[Webhook]) -> Vec<String> {
    webhooks.iter().map(|webhook| webhook.body["type"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The events of a payment as it tells them itself.
async fn own_events(world: &World, id: &str) -> Vec<(Value, Value)> {
    let payment = world.api.payment(id).await;
    let events = payment["events"].as_array().expect("events");
    events.iter().map(|event| (event["id"].clone(), event["type"].clone())).collect()
}

#[tokio::test]
async fn every_change_of_status_arrives_once_and_in_order() {
    let world = World::start().await;
    world.fill_wallet().await;
    let mut payments = Vec::new();
    for _ in 0..5 {
        payments.push(paid(&world).await.id);
    }
    let automatic = world.api.create(&world.order(&DOTWALLET_AUTOPAY)).await;
    world.api.confirm(&automatic).await;
    payments.push(automatic.id);
    for id in &payments {
        world.merchant.until_taken(id, "payment.succeeded").await;
        let told = world.merchant.about(id);
        let expected = own_events(&world, id).await;
        let arrived: Vec<_> = told.iter().map(|w| (json!(w.id), w.body["type"].clone())).collect();
        assert_eq!(arrived, expected, "each once, in its order");
        let mut revision = 0;
        for webhook in &told {
            let data = &webhook.body["data"];
            assert_eq!(
                webhook.body["type"],
                format!("payment.{}", data["status"].as_str().expect("a status"))
            );
            let now = data["revision"].as_i64().expect("a revision");
            assert!(now > revision, "{told:?}");
            revision = now;
        }
        let kinds = types(&told);
        assert!(kinds.windows(2).all(|pair| pair[0] != pair[1]), "{kinds:?}");
        assert_eq!(kinds.last().map(String::as_str), Some("payment.succeeded"));
    }
    assert!(types(&world.merchant.about(&payments[0])).contains(&"payment.requires_action".to_owned()));
}

#[tokio::test]
async fn a_webhook_is_signed_and_says_what_the_interface_promises() {
    let world = World::start().await;
    let payment = paid(&world).await;
    let webhook = world.merchant.until_taken(&payment.id, "payment.succeeded").await;
    assert!(webhook.verifies_with(keys::WEBHOOK_SECRET));
    assert!(!webhook.verifies_with(keys::WEBHOOK_SECRET_NEXT));
    assert_eq!(names(&webhook.body), ["data", "timestamp", "type"]);
    time(&webhook.body["timestamp"]);
    let header = |name: &str| webhook.headers[name].to_str().expect("a text").to_owned();
    assert!(header("content-type").starts_with("application/json"));
    assert!(header("webhook-signature").starts_with("v1,"));
    let text = String::from_utf8(webhook.raw.clone()).expect("UTF-8");
    for secret in [&payment.secret, keys::API_KEY, "cs_", "client_secret", "attempts"] {
        assert!(!text.contains(secret), "{text}");
    }
    // A body that was changed on the way is not believed.
    let mut changed = webhook.clone();
    let place = changed.raw.iter().position(|byte| *byte == b'1').expect("a digit");
    changed.raw[place] = b'2';
    assert!(!changed.verifies_with(keys::WEBHOOK_SECRET));
}

#[tokio::test]
async fn a_refused_webhook_comes_again_with_the_same_id_and_a_fresh_time() {
    let world = World::start().await;
    world.merchant.fail_next(3);
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    world.api.confirm(&payment).await;
    world.merchant.until_taken(&payment.id, "payment.requires_action").await;
    let told = world.merchant.about(&payment.id);
    let first_event: Vec<&Webhook> = told.iter().filter(|webhook| webhook.id == told[0].id).collect();
    assert_eq!(first_event.len(), 4, "three refusals and one that was taken");
    assert!(first_event.iter().all(|webhook| webhook.raw == told[0].raw), "the same bytes");
    assert!(first_event.iter().all(|webhook| webhook.verifies_with(keys::WEBHOOK_SECRET)));
    assert!(first_event.windows(2).all(|pair| pair[0].timestamp_s <= pair[1].timestamp_s));
    assert!(first_event[3].timestamp_s > first_event[0].timestamp_s, "signed anew each time");
    // What came later waited its turn.
    let expected = own_events(&world, &payment.id).await;
    let taken: Vec<_> =
        told.iter().filter(|w| w.taken).map(|w| (json!(w.id), w.body["type"].clone())).collect();
    assert_eq!(taken, expected);
}

#[tokio::test]
async fn one_payments_refused_webhook_does_not_hold_up_anothers() {
    let world = World::with(|settings| settings.set("webhook.schedule_s", vec![600])).await;
    world.merchant.fail_next(1);
    let held = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    world.api.post(&format!("/v1/payments/{}/cancel", held.id), &json!({})).await.expect(200);
    eventually("the first delivery is refused", async || {
        (!world.merchant.about(&held.id).is_empty()).then_some(())
    })
    .await;
    let other = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    world.api.post(&format!("/v1/payments/{}/cancel", other.id), &json!({})).await.expect(200);
    world.merchant.until_taken(&other.id, "payment.canceled").await;
    assert_eq!(world.merchant.about(&held.id).len(), 1);
    // And by order it is sent although its time has not come.
    let event = world.merchant.about(&held.id)[0].id.clone();
    let reply = world.api.post(&format!("/v1/events/{event}/redeliver"), &json!({})).await;
    assert!(reply.status.is_success(), "{}", reply.text);
    world.merchant.until_taken(&held.id, "payment.canceled").await;
}

#[tokio::test]
async fn what_was_not_taken_survives_a_power_cut() {
    let mut world = World::start().await;
    world.merchant.fail_next(1000);
    let payment = paid(&world).await;
    eventually("a delivery is refused", async || (!world.merchant.all().is_empty()).then_some(())).await;
    world.kill_signer().await;
    let refused = world.merchant.about(&payment.id);
    world.merchant.fail_next(0);
    world.start_signer().await;
    world.merchant.until_taken(&payment.id, "payment.succeeded").await;
    let taken: Vec<_> = world
        .merchant
        .about(&payment.id)
        .into_iter()
        .filter(|webhook| webhook.taken)
        .map(|webhook| (json!(webhook.id), webhook.body["type"].clone()))
        .collect();
    assert_eq!(taken, own_events(&world, &payment.id).await, "each once, in order");
    assert_eq!(json!(refused[0].id), taken[0].0, "the id did not change");
}

#[tokio::test]
async fn during_a_rotation_either_secret_verifies() {
    let world = World::with(|settings| {
        settings.set("webhook.secrets", vec!["env:WEBHOOK_SECRET_NEXT", "env:WEBHOOK_SECRET"]);
        settings.env.insert("WEBHOOK_SECRET_NEXT".into(), keys::WEBHOOK_SECRET_NEXT.into());
    })
    .await;
    let payment = paid(&world).await;
    let webhook = world.merchant.until_taken(&payment.id, "payment.succeeded").await;
    assert!(webhook.verifies_with(keys::WEBHOOK_SECRET_NEXT) && webhook.verifies_with(keys::WEBHOOK_SECRET));
    let signatures = webhook.headers["webhook-signature"].to_str().expect("a text").to_owned();
    let signatures: Vec<&str> = signatures.split(' ').collect();
    assert!(signatures.len() == 2 && signatures.iter().all(|one| one.starts_with("v1,")), "{signatures:?}");
    // In the order of the list: the first secret signs first.
    for (signature, secret) in signatures.iter().zip([keys::WEBHOOK_SECRET_NEXT, keys::WEBHOOK_SECRET]) {
        let mut alone = webhook.clone();
        alone.headers.insert("webhook-signature", signature.parse().expect("a header"));
        assert!(alone.verifies_with(secret));
    }
}
