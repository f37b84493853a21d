//! Every review says why, and what was seen.

use countersign_tests::{
    BLUEOCEAN_ALIPAY_QRCODE, HICOIN_H5, JUBAO_ALIPAY_WAP, JUBAO_WECHAT_H5, Payment, World, eventually,
};
use serde_json::{Value, json};

use super::{cancel, open, order_no, paid_otherwise, resolve, told};
use crate::judge::{names, near, time};

const WAY: countersign_tests::Way = BLUEOCEAN_ALIPAY_QRCODE;

/// The one sum that was seen, checked for its shape.
async fn the_one_seen(world: &World, payment: &Payment, reason: &str) -> Value {
    let shown = world.api.payment(&payment.id).await;
    let review = &shown["review"];
    assert_eq!(names(review), ["reason", "seen"]);
    assert_eq!(review["reason"], reason, "{shown}");
    assert!(shown["resolution"].is_null(), "{shown}");
    let seen = review["seen"].as_array().expect("a list");
    assert_eq!(seen.len(), 1, "told twice, and one sum all the same: {shown}");
    assert_eq!(names(&seen[0]), ["amount", "at", "gateway_order_no", "order_no", "source", "transaction_id"]);
    assert_eq!(seen[0]["order_no"], order_no(payment));
    near(time(&seen[0]["at"]), jiff::Timestamp::now(), 30);
    let event = world.merchant.until_taken(&payment.id, "payment.review").await;
    assert_eq!(event.body["data"]["review"]["reason"], reason);
    // Nothing of it is the payer's business.
    let path = format!("/v1/checkout/{}", payment.id);
    let view = world.api.checkout_get(&path, &payment.secret).await.expect(200);
    assert!(view.get("review").is_none() && view.get("resolution").is_none(), "{view}");
    seen[0].clone()
}

#[tokio::test]
async fn another_amount() {
    let world = World::start().await;
    for way in [BLUEOCEAN_ALIPAY_QRCODE, JUBAO_WECHAT_H5, HICOIN_H5] {
        let payment = paid_otherwise(&world, &way, &json!({"amount": 999})).await;
        super::sync(&world, &payment).await;
        let seen = the_one_seen(&world, &payment, "amount_differs").await;
        assert_eq!(seen["amount"], json!({"value": 999, "currency": way.currency}));
        assert_eq!(seen["source"], "query", "the query confirmed it: {seen}");
        let booked = world.gateways.order(way.gateway, order_no(&payment)).await;
        assert_eq!(seen["gateway_order_no"], booked["gateway_order_no"]);
    }
}

#[tokio::test]
async fn an_amount_that_only_a_notification_names() {
    let world = World::start().await;
    let payment = paid_otherwise(&world, &WAY, &json!({"amount": 1001, "book": false})).await;
    let seen = the_one_seen(&world, &payment, "amount_differs").await;
    assert_eq!((&seen["amount"]["value"], &seen["source"]), (&json!(1001), &json!("notification")));
}

#[tokio::test]
async fn another_currency() {
    let world = World::start().await;
    let payment = paid_otherwise(&world, &WAY, &json!({"currency": "USD"})).await;
    let seen = the_one_seen(&world, &payment, "currency_differs").await;
    assert_eq!(seen["amount"], json!({"value": 1000, "currency": "USD"}));
}

#[tokio::test]
async fn money_after_a_cancel() {
    let world = World::start().await;
    // Jubao closes nothing: whoever has the page can pay still.
    let payment = open(&world, &JUBAO_WECHAT_H5).await;
    assert_eq!(cancel(&world, &payment).await.expect(200)["status"], "canceled");
    world.gateways.pay("jubao", order_no(&payment), &json!({})).await;
    let review = world.api.until_status(&payment.id, "review").await;
    assert!(!review["paid_at"].is_null(), "{review}");
    let seen = the_one_seen(&world, &payment, "paid_after_cancel").await;
    assert_eq!(seen["amount"]["value"], 1000);
}

#[tokio::test]
async fn an_order_that_was_closed_and_is_said_to_be_paid() {
    let world = World::start().await;
    let payment = open(&world, &WAY).await;
    // The question that the notification raises has no answer at first.
    world.gateways.fault("blueocean", json!({"endpoint": "query", "fault": "drop_before"})).await;
    world.gateways.pay("blueocean", order_no(&payment), &json!({"book": false})).await;
    let path = format!("/blueocean/orders/{}/close", order_no(&payment));
    world.gateways.ask(axum::http::Method::POST, &path, &json!({})).await;
    world.api.until_status(&payment.id, "review").await;
    let seen = the_one_seen(&world, &payment, "closed_but_paid").await;
    assert_eq!(seen["source"], "notification");
}

#[tokio::test]
async fn a_payment_that_was_paid_twice_stays_paid_and_says_so() {
    let world = World::start().await;
    let way = JUBAO_ALIPAY_WAP;
    let fault = json!({"endpoint": "apply_pay", "fault": "code_after", "code": 4006});
    world.gateways.fault(way.gateway, fault).await;
    let payment = world.api.create(&world.order(&way)).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "failed");
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    let second = format!("{}r2", order_no(&payment));
    world.gateways.pay(way.gateway, order_no(&payment), &json!({})).await;
    let paid = world.api.until_status(&payment.id, "succeeded").await;
    assert!(paid["review"].is_null(), "{paid}");
    world.gateways.pay(way.gateway, &second, &json!({})).await;
    told(&world, &payment, "payment.review", 1).await;
    let twice = world.api.payment(&payment.id).await;
    assert_eq!((&twice["status"], &twice["review"]["reason"]), (&json!("succeeded"), &json!("paid_twice")));
    let seen = twice["review"]["seen"].as_array().expect("a list");
    let numbers: Vec<_> = seen.iter().map(|sum| sum["order_no"].as_str().expect("a number")).collect();
    assert_eq!(numbers, [order_no(&payment), &second]);
    resolve(&world, &payment, &json!({"outcome": "paid"})).await.problem(409, "not_resolvable");
}

#[tokio::test]
async fn a_payment_of_which_nobody_can_tell() {
    let world = World::with(|settings| {
        settings.set("payments.expires_in_s", 4);
        settings.set("polling.settling_s", vec![1, 1]);
    })
    .await;
    // The answer that had the gateway's number is lost, and there is no other to ask by.
    world.gateways.fault("jubao", json!({"endpoint": "apply_pay", "fault": "drop_after"})).await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "processing");
    let review = world.api.until_status(&payment.id, "review").await;
    assert_eq!(review["review"], json!({"reason": "unresolved", "seen": []}), "{review}");
    told(&world, &payment, "payment.review", 1).await;
    // The gateway's own word still settles it, without anybody's decision.
    world.gateways.pay("jubao", order_no(&payment), &json!({})).await;
    let paid = world.api.until_status(&payment.id, "succeeded").await;
    assert!(paid["review"].is_null() && paid["resolution"].is_null(), "{paid}");
}

#[tokio::test]
async fn a_refund_of_which_nobody_can_tell_is_told_too() {
    let world = World::with(|settings| {
        settings.set("polling.open_s", vec![1]);
        settings.set("polling.settling_s", vec![2, 1]);
    })
    .await;
    let payment = open(&world, &WAY).await;
    world.gateways.pay("blueocean", order_no(&payment), &json!({})).await;
    world.api.until_status(&payment.id, "succeeded").await;
    for endpoint in ["refund", "refundquery"] {
        let fault = json!({"endpoint": endpoint, "fault": "drop_before", "times": 1000});
        world.gateways.fault("blueocean", fault).await;
    }
    let path = format!("/v1/payments/{}/refunds", payment.id);
    assert_eq!(world.api.post(&path, &json!({})).await.expect(201)["status"], "processing");
    told(&world, &payment, "payment.review", 1).await;
    let after = eventually("the refund is for a person", async || {
        let now = world.api.payment(&payment.id).await;
        (now["refunds"][0]["status"] == "review").then_some(now)
    })
    .await;
    assert_eq!(
        (&after["status"], &after["review"]["reason"]),
        (&json!("succeeded"), &json!("refund_unresolved"))
    );
}
