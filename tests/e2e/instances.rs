//! Several signers on one ledger behave like one, and one like several that take turns.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use countersign_tests::{
    Api, BLUEOCEAN_ALIPAY_QRCODE, DOTWALLET_AUTOPAY, HICOIN_H5, JUBAO_WECHAT_H5, Payment, World, eventually,
};
use serde_json::json;

/// A client of each signer, past the balancer.
fn apis(world: &mut World) -> Vec<Api> {
    world.signers().iter().map(|signer| Api::new(&signer.url)).collect()
}

#[tokio::test]
async fn every_signer_takes_its_turns() {
    let mut world = World::start().await;
    let mut payments = Vec::new();
    for _ in 0..4 {
        payments.push(world.api.create(&world.order(&JUBAO_WECHAT_H5)).await.id);
    }
    for signer in world.signers() {
        eventually("the signer tells of a payment", async || {
            let said = signer.said();
            payments.iter().any(|id| said.contains(id)).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn what_one_signer_has_answered_every_signer_knows() {
    let mut world = World::start().await;
    for writer in apis(&mut world) {
        let payment = writer.create(&world.order(&BLUEOCEAN_ALIPAY_QRCODE)).await;
        let view = writer.confirm(&payment).await;
        for reader in apis(&mut world) {
            assert_eq!(reader.payment(&payment.id).await["revision"], view["revision"]);
            assert_eq!(reader.events().await.len(), writer.events().await.len());
        }
    }
}

#[tokio::test]
async fn a_payer_who_waits_at_one_signer_hears_what_another_was_told() {
    let mut world = World::start().await;
    let apis = apis(&mut world);
    let (one, other) = (apis[0].clone(), apis.last().expect("there is a signer"));
    let payment = one.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let revision = one.confirm(&payment).await["revision"].clone();
    let path = format!("/v1/checkout/{}?after_revision={revision}&wait_s=25", payment.id);
    let secret = payment.secret.clone();
    let waiting = tokio::spawn(async move {
        let asked = Instant::now();
        (one.checkout_get(&path, &secret).await.expect(200), asked.elapsed())
    });
    other.post(&format!("/v1/payments/{}/cancel", payment.id), &json!({})).await.expect(200);
    let (view, waited) = waiting.await.expect("the payer is answered");
    assert_eq!(view["status"], "canceled", "{view}");
    assert!(waited < Duration::from_secs(20), "long before the wait was over: {waited:?}");
}

#[tokio::test]
async fn pressed_at_every_signer_at_once_a_payment_is_ordered_once() {
    let mut world = World::start().await;
    let apis = apis(&mut world);
    let order = world.order(&HICOIN_H5);
    let presses: Vec<_> = (0..20)
        .map(|turn| {
            let (api, order) = (apis[turn % apis.len()].clone(), order.clone());
            tokio::spawn(async move {
                let payment = Payment::of(api.post("/v1/payments", &order).await.json());
                api.confirm(&payment).await;
                payment.id
            })
        })
        .collect();
    let mut ids = Vec::new();
    for press in presses {
        ids.push(press.await.expect("every press is answered"));
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "one order number is one payment");
    world.api.until_status(&ids[0], "requires_action").await;
    assert_eq!(world.gateways.journal("hicoin", "preOrder").await.len(), 1);
}

#[tokio::test]
async fn an_event_is_delivered_once_however_many_signers_deliver() {
    let world = World::start().await;
    world.fill_wallet().await;
    let mut payments = Vec::new();
    for _ in 0..10 {
        let payment = world.api.create(&world.order(&DOTWALLET_AUTOPAY)).await;
        world.api.confirm(&payment).await;
        payments.push(payment);
    }
    for payment in &payments {
        world.merchant.until_taken(&payment.id, "payment.succeeded").await;
    }
    let mut deliveries = HashMap::new();
    for webhook in world.merchant.all() {
        *deliveries.entry(webhook.id).or_insert(0) += 1;
    }
    assert!(deliveries.len() >= payments.len());
    assert!(deliveries.values().all(|times| *times == 1), "{deliveries:?}");
}

#[tokio::test]
async fn a_payment_whose_signer_dies_is_finished_by_one_that_lives_or_comes_next() {
    let mut world = World::start().await;
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    world.gateways.fault(way.gateway, json!({"endpoint": way.submit, "fault": "hang_after"})).await;
    let apis = apis(&mut world);
    let dying = apis.last().expect("there is a signer").clone();
    let payment = dying.create(&world.order(&way)).await;
    let (path, secret) = (format!("/v1/checkout/{}/confirm", payment.id), payment.secret.clone());
    let press = tokio::spawn(async move {
        dying.try_send(dying.checkout_request(&path, &secret, &way.confirmation())).await.is_ok()
    });
    eventually("the order arrives at the gateway", async || {
        (!world.gateways.journal(way.gateway, way.submit).await.is_empty()).then_some(())
    })
    .await;
    if world.store().instances() == 1 {
        world.kill_signer().await;
        world.start_signer().await;
    } else {
        world.signers().last_mut().expect("there is a signer").kill().await;
    }
    assert!(!press.await.expect("the press ends"), "nobody can have answered");
    let found = world.api.until_status(&payment.id, "requires_action").await;
    assert_eq!(found["next_action"]["type"], "qr_code", "{found}");
    assert_eq!(world.gateways.orders(way.gateway).await.len(), 1);
    world.gateways.pay(way.gateway, payment.body["order_id"].as_str().expect("a number"), &json!({})).await;
    world.api.until_status(&payment.id, "succeeded").await;
}

#[tokio::test]
async fn connections_that_are_cut_lose_nothing_and_order_nothing_twice() {
    let world = World::start().await;
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    let (mut cut, nothing) = (0, json!({}));
    for _ in 0..15 {
        let order = world.order(&way);
        let number = order["order_id"].as_str().expect("a number");
        let payment = eventually("the payment is made", async || {
            // While a request is on its way, so that it is hit in different places.
            let (reply, count) =
                tokio::join!(world.api.post("/v1/payments", &order), world.cut_connections());
            cut += count;
            matches!(reply.status.as_u16(), 200 | 201).then(|| Payment::of(reply.json()))
        })
        .await;
        eventually("the payment is ordered", async || {
            let (_, count) = tokio::join!(world.api.try_confirm(&payment, &nothing), world.cut_connections());
            cut += count;
            let now = world.api.payment(&payment.id).await;
            (now["status"] == "requires_action").then_some(())
        })
        .await;
        world.gateways.pay(way.gateway, number, &json!({})).await;
        let paid = world.api.until_status(&payment.id, "succeeded").await;
        world.merchant.until_taken(&payment.id, "payment.succeeded").await;
        let events = paid["events"].as_array().expect("events");
        let told = |kind| events.iter().filter(|event| event["type"] == kind).count();
        assert_eq!((told("payment.requires_action"), told("payment.succeeded")), (1, 1), "{paid}");
        assert_eq!(paid["attempts"].as_array().map(Vec::len), Some(1), "{paid}");
    }
    assert_eq!(cut > 0, world.store().is_shared(), "a file is not reached by connections");
    assert_eq!(world.gateways.orders(way.gateway).await.len(), 15);
    let listed = world.api.get("/v1/payments?limit=100").await.expect(200);
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(15));
}
