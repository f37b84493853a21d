//! What only Jubao has: channels by number, requests without `version`, and a query by a number that may be lost.

use countersign_tests::{JUBAO_WECHAT_H5, Payment, World, fields, form, jubao_sign, keys};
use reqwest::Method;
use serde_json::{Value, json};

fn channel(world: &World, number: &Value) -> Value {
    let mut order = world.order(&JUBAO_WECHAT_H5);
    order["method"] = json!({"type": "jubao_channel", "pay_channel_id": number});
    order
}

/// A notification of `status` for this order, signed.
async fn notified(world: &World, order_no: &str, order_sn: &str, status: &str) {
    let mut told = fields(&[
        ("mch_id", keys::JUBAO_MCH_ID),
        ("out_trade_no", order_no),
        ("order_sn", order_sn),
        ("total_fee", "1000"),
        ("status", status),
        ("nonce_str", "O2r8GjZ46e"),
    ]);
    told.insert("sign".into(), jubao_sign(&told, keys::JUBAO_KEY));
    assert_eq!(world.api.notify("shop", &form(&told)).await.text, "SUCCESS");
}

/// A payment whose answer was lost after the gateway had booked the order, with both numbers.
async fn with_lost_answer(world: &World) -> (Payment, String, String) {
    world.gateways.fault("jubao", json!({"endpoint": "apply_pay", "fault": "drop_after"})).await;
    let order = world.order(&JUBAO_WECHAT_H5);
    let order_no = order["order_id"].as_str().expect("an order number").to_owned();
    let payment = world.api.create(&order).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "processing");
    let booked = world.gateways.order("jubao", &order_no).await;
    let order_sn = booked["gateway_order_no"].as_str().expect("the gateway's number").to_owned();
    (payment, order_no, order_sn)
}

#[tokio::test]
async fn any_channel_is_paid_by_its_number() {
    let world = World::start().await;
    for number in [101, 201, 304] {
        let order = channel(&world, &json!(number));
        let payment = world.api.create(&order).await;
        let view = world.api.confirm(&payment).await;
        assert_eq!(
            (&view["status"], &view["next_action"]["purpose"]),
            (&json!("requires_action"), &json!("pay"))
        );
        world.gateways.pay("jubao", order["order_id"].as_str().expect("a number"), &json!({})).await;
        let paid = world.api.until_status(&payment.id, "succeeded").await;
        assert_eq!(paid["method"], order["method"]);
    }
    let sent = world.gateways.journal("jubao", "apply_pay").await;
    let numbers: Vec<String> = sent.iter().map(Value::to_string).collect();
    for (number, request) in ["101", "201", "304"].iter().zip(&numbers) {
        assert!(
            request.contains(&format!("pay_channel_id={number}&"))
                || request.contains(&format!("\"{number}\"")),
            "{request}"
        );
    }
}

#[tokio::test]
async fn a_channel_that_is_no_number_is_refused_before_anything_is_sent() {
    let world = World::start().await;
    for number in [json!(null), json!("304"), json!(0), json!(1_000_000), json!(3.5)] {
        let refused = world.api.post("/v1/payments", &channel(&world, &number)).await;
        let problem = refused.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["field"], "method.pay_channel_id", "{number}: {problem}");
    }
    assert!(world.gateways.journal("jubao", "apply_pay").await.is_empty());
}

#[tokio::test]
async fn a_number_that_was_lost_comes_with_a_notification_of_any_state() {
    let world = World::start().await;
    let (payment, order_no, order_sn) = with_lost_answer(&world).await;
    notified(&world, &order_no, &order_sn, "1").await;
    let known = world.api.payment(&payment.id).await;
    assert_eq!((&known["status"], &known["gateway_order_no"]), (&json!("processing"), &json!(order_sn)));
    // From here on the gateway can be asked: money it took without a notification is found.
    world.gateways.pay("jubao", &order_no, &json!({"notify": false})).await;
    world.api.until_status(&payment.id, "succeeded").await;
}

#[tokio::test]
async fn a_refund_is_learnt_although_every_earlier_word_was_lost() {
    let world = World::start().await;
    let (payment, order_no, order_sn) = with_lost_answer(&world).await;
    world.gateways.pay("jubao", &order_no, &json!({"notify": false})).await;
    world.gateways.ask(Method::POST, &format!("/jubao/orders/{order_no}/refund"), &json!({})).await;
    notified(&world, &order_no, &order_sn, "3").await;
    world.api.until_status(&payment.id, "refunded").await;
}

#[tokio::test]
async fn an_order_number_that_is_known_already_is_never_called_failed() {
    let world = World::start().await;
    let fault = json!({"endpoint": "apply_pay", "fault": "code", "code": 40500, "message": "订单号重复"});
    world.gateways.fault("jubao", fault).await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let view = world.api.confirm(&payment).await;
    assert_eq!(view["status"], "processing");
    assert_eq!(
        (&view["failure"]["code"], &view["failure"]["class"], &view["failure"]["gateway_code"]),
        (&json!("duplicate_order"), &json!("query"), &json!("40500"))
    );
    let fault = json!({"endpoint": "apply_pay", "fault": "code", "code": 40500, "message": "支付错误"});
    world.gateways.fault("jubao", fault).await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "failed");
}

#[tokio::test]
async fn an_account_without_version_is_understood_by_the_gateway() {
    let world = World::with(|settings| settings.set("accounts.shop.version", "none")).await;
    let order = world.order(&JUBAO_WECHAT_H5);
    let payment = world.api.create(&order).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    world.gateways.pay("jubao", order["order_id"].as_str().expect("a number"), &json!({})).await;
    world.api.until_status(&payment.id, "succeeded").await;
    let sent = world.gateways.journal("jubao", "apply_pay").await;
    assert!(sent.iter().all(|request| !request.to_string().contains("version")), "{sent:?}");
}

#[tokio::test]
async fn a_channel_by_the_number_of_wechats_h5_page_cannot_be_paid_inside_wechat() {
    let world = World::start().await;
    for (number, expected) in [(201, 422), (101, 422), (304, 200)] {
        let payment = world.api.create(&channel(&world, &json!(number))).await;
        let path = format!("/v1/checkout/{}/confirm", payment.id);
        let body = json!({"environment": "wechat"});
        let reply = world.api.checkout_post(&path, &payment.secret, &body).await;
        let answer = reply.expect(expected);
        if expected == 422 {
            assert_eq!(answer["errors"][0]["field"], "environment", "{answer}");
        }
    }
}
