//! Time that runs out, and money that comes all the same. The shortest time a payment can have is a minute.

use std::time::Duration;

use countersign_tests::{
    BLUEOCEAN_ALIPAY_QRCODE, DOTWALLET_AUTOPAY, HICOIN_H5, JUBAO_WECHAT_H5, Payment, Way, World,
};
use serde_json::{Value, json};

use crate::judge::{near, time};

/// A payment that has a minute.
async fn created(world: &World, way: &Way) -> Payment {
    let mut order = world.order(way);
    order["expires_in_s"] = json!(60);
    world.api.create(&order).await
}

async fn open(world: &World, way: &Way) -> Payment {
    let payment = created(world, way).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    payment
}

fn order_no(payment: &Payment) -> &str {
    payment.body["order_id"].as_str().expect("a number")
}

/// Waits for the time to run out, and gives the payment when it has this status.
async fn after_its_time(world: &World, payment: &Payment, status: &str) -> Value {
    let left = time(&payment.body["expires_at"]).duration_since(jiff::Timestamp::now());
    let left = Duration::try_from(left).unwrap_or_default();
    tokio::time::sleep(left).await;
    world.api.until_status(&payment.id, status).await
}

#[tokio::test]
async fn payments_run_out_of_time_and_money_that_comes_late_still_counts() {
    let world = World::start().await;
    let unconfirmed = created(&world, &JUBAO_WECHAT_H5).await;
    let jubao = open(&world, &JUBAO_WECHAT_H5).await;
    let hicoin = open(&world, &HICOIN_H5).await;
    let blueocean = open(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    let consent = created(&world, &DOTWALLET_AUTOPAY).await;
    assert_eq!(world.api.confirm(&consent).await["status"], "requires_action");

    for payment in [&unconfirmed, &jubao, &hicoin, &blueocean, &consent] {
        let expired = after_its_time(&world, payment, "expired").await;
        assert!(expired["next_action"].is_null() && expired["failure"].is_null(), "{expired}");
        assert!(expired["updated_at"].as_str() >= expired["expires_at"].as_str(), "{expired}");
        world.merchant.until_taken(&payment.id, "payment.expired").await;
        let confirm = world.api.post(&format!("/v1/payments/{}/confirm", payment.id), &json!({})).await;
        confirm.problem(409, "not_confirmable");
        let cancel = world.api.post(&format!("/v1/payments/{}/cancel", payment.id), &json!({})).await;
        cancel.problem(409, "not_cancelable");
    }
    the_gateway_was_asked_at_the_end(&world, &jubao, "jubao", "query").await;
    the_gateway_was_asked_at_the_end(&world, &blueocean, "blueocean", "query").await;
    the_gateway_was_asked_at_the_end(&world, &hicoin, "hicoin", "queryOrder").await;

    for (payment, way) in [(&jubao, JUBAO_WECHAT_H5), (&hicoin, HICOIN_H5)] {
        let replies = world.gateways.pay(way.gateway, order_no(payment), &json!({})).await;
        assert_eq!(replies, [json!({"status": 200, "body": "SUCCESS"})]);
        came_late(&world, payment).await;
    }
    // Without any word from the gateway it is found by asking.
    world.gateways.pay("blueocean", order_no(&blueocean), &json!({"notify": false})).await;
    world.api.post(&format!("/v1/payments/{}/sync", blueocean.id), &json!({})).await.expect(200);
    came_late(&world, &blueocean).await;
}

/// The last question came when the time was over.
async fn the_gateway_was_asked_at_the_end(world: &World, payment: &Payment, gateway: &str, query: &str) {
    let asked = world.gateways.journal(gateway, query).await;
    let ended = time(&world.api.payment(&payment.id).await["expires_at"]);
    let about = asked.iter().filter(|entry| time(&entry["at"]) >= ended);
    assert!(about.count() > 0, "{gateway} was not asked after {ended}: {asked:?}");
}

async fn came_late(world: &World, payment: &Payment) {
    let paid = world.api.until_status(&payment.id, "succeeded").await;
    assert_eq!(paid["late"], true, "{paid}");
    near(time(&paid["paid_at"]), jiff::Timestamp::now(), 30);
    let told = world.merchant.until_taken(&payment.id, "payment.succeeded").await;
    assert_eq!(told.body["data"]["late"], true);
}

#[tokio::test]
async fn a_payment_whose_outcome_is_unknown_does_not_expire_unasked() {
    let world = World::start().await;
    let open = open(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    let paid = created(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    world.api.confirm(&paid).await;
    world.gateways.fault("jubao", json!({"endpoint": "apply_pay", "fault": "drop_after"})).await;
    let unknown = created(&world, &JUBAO_WECHAT_H5).await;
    assert_eq!(world.api.confirm(&unknown).await["status"], "processing");
    // Nobody can be asked any more, and one payer has paid.
    let fault = json!({"endpoint": "query", "fault": "status_500_before", "times": 1000});
    world.gateways.fault("blueocean", fault).await;
    world.gateways.pay("blueocean", order_no(&paid), &json!({})).await;
    let left = time(&unknown.body["expires_at"]).duration_since(jiff::Timestamp::now());
    tokio::time::sleep(Duration::try_from(left).unwrap_or_default()).await;
    let asked = world.gateways.journal("blueocean", "query").await.len();
    countersign_tests::holds_while(
        "the signer keeps asking",
        async || {
            for payment in [&open, &paid, &unknown] {
                let now = world.api.payment(&payment.id).await;
                let open =
                    ["requires_action", "processing"].contains(&now["status"].as_str().unwrap_or_default());
                assert!(open, "as long as it is asked about: {now}");
            }
        },
        async || (world.gateways.journal("blueocean", "query").await.len() >= asked + 4).then_some(()),
    )
    .await;
    // As soon as the gateway answers, each comes to what it is.
    world.gateways.clear_faults("blueocean").await;
    let paid = world.api.until_status(&paid.id, "succeeded").await;
    assert_eq!(paid["late"], false, "it never was expired");
    world.api.until_status(&open.id, "expired").await;
    let replies = world.gateways.pay("jubao", order_no(&unknown), &json!({})).await;
    assert_eq!(replies, [json!({"status": 200, "body": "SUCCESS"})]);
    world.api.until_status(&unknown.id, "succeeded").await;
}

#[tokio::test]
async fn a_charge_that_may_have_gone_through_does_not_expire_because_the_look_up_knows_nothing() {
    // Whether DotWallet's look-up finds automatic payments is written nowhere; here it does not.
    let world =
        World::with_simulators(|settings| settings.set("dotwallet.search_finds_autopay", false), |_| {})
            .await;
    world.fill_wallet().await;
    let mut payments = Vec::new();
    for fault in [
        json!({"endpoint": "pay_small_money", "fault": "drop_after"}),
        json!({"endpoint": "pay_small_money", "fault": "code", "code": 10039}),
    ] {
        world.gateways.fault("dotwallet", fault).await;
        let payment = created(&world, &DOTWALLET_AUTOPAY).await;
        assert_eq!(world.api.confirm(&payment).await["status"], "processing");
        payments.push(payment);
    }
    let left = time(&payments[1].body["expires_at"]).duration_since(jiff::Timestamp::now());
    tokio::time::sleep(Duration::try_from(left).unwrap_or_default()).await;
    let asked = world.gateways.journal("dotwallet", "search_order").await.len();
    countersign_tests::holds_while(
        "the signer has asked when the time was over",
        async || {
            for payment in &payments {
                let now = world.api.payment(&payment.id).await;
                let unknown = ["processing", "review"].contains(&now["status"].as_str().unwrap_or_default());
                assert!(unknown, "money may have been taken: {now}");
            }
        },
        async || (world.gateways.journal("dotwallet", "search_order").await.len() >= asked + 4).then_some(()),
    )
    .await;
}
