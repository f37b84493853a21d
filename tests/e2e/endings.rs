//! Decisions that the signer takes itself: never on what has changed meanwhile, and never in silence.

use countersign_tests::{
    BLUEOCEAN_ALIPAY_QRCODE, HICOIN_H5, JUBAO_WECHAT_H5, Payment, Way, World, eventually,
};
use serde_json::{Value, json};

fn order_no(payment: &Payment) -> &str {
    payment.body["order_id"].as_str().expect("a number")
}

async fn open(world: &World, way: &Way) -> Payment {
    let payment = world.api.create(&world.order(way)).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    payment
}

async fn cancel(world: &World, payment: &Payment) -> countersign_tests::Reply {
    world.api.post(&format!("/v1/payments/{}/cancel", payment.id), &json!({})).await
}

fn was_told(world: &World, payment: &Payment, kind: &str) -> bool {
    world.merchant.about(&payment.id).iter().any(|webhook| webhook.body["type"] == kind)
}

/// Four seconds to pay in, and nobody asks before they are over.
async fn unasked_until_the_end() -> World {
    World::with(|settings| {
        settings.set("payments.expires_in_s", 4);
        settings.set("polling.open_s", vec![600]);
    })
    .await
}

#[tokio::test]
async fn what_is_paid_while_it_is_asked_about_is_not_canceled() {
    let world = World::start().await;
    for way in [BLUEOCEAN_ALIPAY_QRCODE, JUBAO_WECHAT_H5, HICOIN_H5] {
        let payment = open(&world, &way).await;
        // The payer pays, and the gateway notifies, between the question and its answer.
        let fault = json!({"endpoint": way.query, "fault": "notify_before_answer"});
        world.gateways.fault(way.gateway, fault).await;
        cancel(&world, &payment).await.problem(409, "not_cancelable");
        world.api.until_status(&payment.id, "succeeded").await;
        assert!(!was_told(&world, &payment, "payment.canceled"));
        assert!(!was_told(&world, &payment, "payment.review"));
    }
}

#[tokio::test]
async fn what_is_paid_while_its_time_runs_out_does_not_expire() {
    let world = unasked_until_the_end().await;
    let mut payments = Vec::new();
    for way in [BLUEOCEAN_ALIPAY_QRCODE, JUBAO_WECHAT_H5, HICOIN_H5] {
        let fault = json!({"endpoint": way.query, "fault": "notify_before_answer"});
        world.gateways.fault(way.gateway, fault).await;
        payments.push(open(&world, &way).await);
    }
    for payment in &payments {
        let paid = world.api.until_status(&payment.id, "succeeded").await;
        assert_eq!(paid["late"], false, "{paid}");
        assert!(!was_told(&world, payment, "payment.expired"), "{paid}");
    }
}

#[tokio::test]
async fn what_is_submitted_while_it_is_given_up_is_one_or_the_other() {
    let world = World::start().await;
    for _ in 0..20 {
        let payment = world.api.create(&world.order(&BLUEOCEAN_ALIPAY_QRCODE)).await;
        let before = world.gateways.journal("blueocean", "pay").await.len();
        let confirmation = json!({});
        let (canceled, confirmed) =
            tokio::join!(cancel(&world, &payment), world.api.try_confirm(&payment, &confirmation));
        let submitted = world.gateways.journal("blueocean", "pay").await.len() - before;
        assert!(canceled.status == 200 || canceled.status == 409, "{}", canceled.text);
        assert_eq!(confirmed.status, 200, "{}", confirmed.text);
        let after = world.api.payment(&payment.id).await;
        match submitted {
            0 => assert_eq!(after["status"], "canceled"),
            _ => {
                let order = world.gateways.order("blueocean", order_no(&payment)).await;
                let given_up = after["status"] == "canceled" && order["status"] == "closed";
                assert!(given_up || after["status"] == "requires_action", "{after} {order}");
            }
        }
    }
}

#[tokio::test]
async fn a_closing_that_failed_is_made_again() {
    let world = unasked_until_the_end().await;
    let payment = open(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    let fault = json!({"endpoint": "close", "fault": "status_500_before", "times": 2});
    world.gateways.fault("blueocean", fault).await;
    world.api.until_status(&payment.id, "expired").await;
    eventually("the order is closed after all", async || {
        let order = world.gateways.order("blueocean", order_no(&payment)).await;
        (order["status"] == "closed").then_some(())
    })
    .await;
    assert_eq!(world.gateways.journal("blueocean", "close").await.len(), 3);
    assert_eq!(world.api.payment(&payment.id).await["status"], "expired");
}

#[tokio::test]
async fn a_notification_for_a_canceled_payment_that_nobody_confirms_ends_with_a_person() {
    let world = World::with(|settings| settings.set("polling.settling_s", vec![1, 1])).await;
    let mut order = world.order(&JUBAO_WECHAT_H5);
    order["expires_in_s"] = json!(6);
    let payment = world.api.create(&order).await;
    world.api.confirm(&payment).await;
    cancel(&world, &payment).await.expect(200);
    let fault = json!({"endpoint": "query", "fault": "status_500_before", "times": 1000});
    world.gateways.fault("jubao", fault).await;
    world.gateways.pay("jubao", order_no(&payment), &json!({})).await;
    assert_eq!(world.api.payment(&payment.id).await["status"], "canceled", "one word is not enough");
    let review = world.api.until_status(&payment.id, "review").await;
    assert_eq!(review["review"]["reason"], "unresolved", "{review}");
    assert_eq!(review["review"]["seen"][0]["source"], "notification");
    world.merchant.until_taken(&payment.id, "payment.review").await;
}

#[tokio::test]
async fn an_order_that_nobody_can_be_asked_about_ends_with_a_person() {
    let world = World::with(|settings| {
        settings.set("payments.expires_in_s", 4);
        settings.set("polling.settling_s", vec![1, 1]);
    })
    .await;
    let mut payments = Vec::new();
    for way in [BLUEOCEAN_ALIPAY_QRCODE, JUBAO_WECHAT_H5, HICOIN_H5] {
        payments.push(open(&world, &way).await);
        let fault = json!({"endpoint": way.query, "fault": "garbage_after", "times": 1000});
        world.gateways.fault(way.gateway, fault).await;
    }
    for payment in &payments {
        let review = world.api.until_status(&payment.id, "review").await;
        assert_eq!(review["review"], json!({"reason": "unresolved", "seen": []}), "{review}");
        assert!(review["next_action"].is_null(), "nobody shall pay it now: {review}");
        world.merchant.until_taken(&payment.id, "payment.review").await;
    }
}

#[tokio::test]
async fn payments_of_an_account_that_is_gone_are_neither_forgotten_nor_asked_about_for_ever() {
    let mut world = World::with(|settings| {
        settings.set("payments.expires_in_s", 6);
        settings.set("polling.settling_s", vec![1, 1]);
    })
    .await;
    let created = world.api.create(&world.order(&BLUEOCEAN_ALIPAY_QRCODE)).await;
    let waiting = open(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    world.stop_signer().await;
    world.settings.leave_out("accounts", "hk");
    world.start_signer().await;
    let sync = world.api.post(&format!("/v1/payments/{}/sync", waiting.id), &json!({})).await;
    sync.problem(502, "gateway_error");
    world.api.until_status(&created.id, "expired").await;
    let review = world.api.until_status(&waiting.id, "review").await;
    assert_eq!(review["review"]["reason"], "unresolved", "{review}");
    for (payment, kind) in [(&created, "payment.expired"), (&waiting, "payment.review")] {
        world.merchant.until_taken(&payment.id, kind).await;
    }
}

#[tokio::test]
async fn a_sync_says_what_the_gateway_said() {
    let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
    let payment = open(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    let sync = async || world.api.post(&format!("/v1/payments/{}/sync", payment.id), &Value::Null).await;
    assert_eq!(sync().await.header("x-gateway-word"), "told not paid yet");
    world.gateways.fault("blueocean", json!({"endpoint": "query", "fault": "status_500_before"})).await;
    assert!(sync().await.header("x-gateway-word").starts_with("not-told "));
    world.gateways.pay("blueocean", order_no(&payment), &json!({"notify": false})).await;
    assert_eq!(sync().await.header("x-gateway-word"), "told paid");
}
