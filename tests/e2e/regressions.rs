//! One case for each bug that was found, named after it.

use std::time::Duration;

use countersign_tests::{
    BLUEOCEAN_ALIPAY_QRCODE, JUBAO_ALIPAY_WAP, JUBAO_WECHAT_H5, World, fields, form, jubao_sign, keys,
};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_code_that_leaves_the_outcome_unknown_is_told_to_the_merchant() {
    let world = World::start().await;
    world
        .gateways
        .fault("jubao", json!({"endpoint": "apply_pay", "fault": "code", "code": 77777, "times": 1}))
        .await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let confirmed = world.api.confirm(&payment).await;
    assert_eq!(confirmed["status"], "processing");
    assert_eq!(
        (&confirmed["failure"]["class"], &confirmed["failure"]["gateway_code"]),
        (&json!("query"), &json!("77777"))
    );
}

#[tokio::test]
async fn a_payment_is_not_given_up_while_the_gateway_cannot_be_asked() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    world
        .gateways
        .fault("jubao", json!({"endpoint": "query", "fault": "status_500_before", "times": 1000}))
        .await;
    let path = format!("/v1/payments/{}/cancel", payment.id);
    world.api.post(&path, &json!({})).await.problem(409, "not_cancelable");
    world.gateways.clear_faults("jubao").await;
    assert_eq!(world.api.post(&path, &json!({})).await.expect(200)["status"], "canceled");
}

#[tokio::test]
async fn the_first_answer_is_kept_under_an_idempotency_key_and_not_a_losers() {
    let world = World::start().await;
    let mut order = world.order(&JUBAO_WECHAT_H5);
    order["confirm"] = json!(true);
    let body = order.to_string();
    let sent = (0..20).map(|_| {
        let request = world.api.merchant_post("/v1/payments", &body).header("idempotency-key", "one");
        async { request.send().await.expect("an answer") }
    });
    let tasks: Vec<_> = sent.map(tokio::spawn).collect();
    let mut texts = Vec::new();
    for task in tasks {
        let answer = task.await.expect("no panic");
        assert_eq!(answer.status().as_u16(), 201);
        texts.push(answer.text().await.expect("a body"));
    }
    assert!(texts[0].contains("requires_action"), "{}", texts[0]);
    assert!(texts.iter().all(|text| *text == texts[0]));
}

#[tokio::test]
async fn an_amount_that_is_named_twice_is_refused() {
    let world = World::start().await;
    let body = world.order(&JUBAO_WECHAT_H5).to_string();
    let twice = body.replacen('{', r#"{"amount":{"value":1,"currency":"CNY"},"#, 1);
    world.api.send(world.api.merchant_post("/v1/payments", &twice)).await.problem(400, "invalid_json");
}

#[tokio::test]
async fn a_body_that_never_ends_does_not_hold_a_connection() {
    let world = World::with(|settings| settings.set("server.header_timeout_s", 1)).await;
    let address = world.api.url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let head = "POST /v1/notifications/shop HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc";
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(8), stream.read_to_end(&mut answer)).await;
    assert!(ended.is_ok(), "the connection was still open");
    assert!(!String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 2"));
}

#[tokio::test]
async fn a_body_that_is_still_on_its_way_does_not_break_the_refusal_off() {
    let world = World::start().await;
    let address = world.api.url.trim_start_matches("http://").to_owned();
    for (path, status) in [("/v1/notifications/shop", "413"), ("/v1/payments", "401"), ("/nowhere", "404")] {
        let mut stream = TcpStream::connect(&address).await.expect("a connection");
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 400000\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("sent");
        for _ in 0..20 {
            stream.write_all(&[b'x'; 20_000]).await.expect("the rest is still taken in");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .await
            .expect("sent");
        let mut answers = String::new();
        let ended = tokio::time::timeout(Duration::from_secs(8), stream.read_to_string(&mut answers)).await;
        assert!(matches!(ended, Ok(Ok(_))), "{path}: {ended:?}");
        assert!(answers.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answers}");
        assert!(answers.contains("HTTP/1.1 200"), "{path}: the connection goes on: {answers}");
    }
}

#[tokio::test]
async fn a_refund_that_a_notification_tells_of_is_asked_about() {
    let world = World::start().await;
    let order = world.order(&JUBAO_WECHAT_H5);
    let order_no = order["order_id"].as_str().expect("an order number");
    let payment = world.api.create(&order).await;
    world.api.confirm(&payment).await;
    world.gateways.pay("jubao", order_no, &json!({})).await;
    let paid = world.api.until_status(&payment.id, "succeeded").await;
    let number = paid["gateway_order_no"].as_str().expect("the gateway's number");
    let path = format!("/jubao/orders/{order_no}/refund");
    world.gateways.ask(reqwest::Method::POST, &path, &json!({})).await;
    let mut told = fields(&[
        ("mch_id", keys::JUBAO_MCH_ID),
        ("out_trade_no", order_no),
        ("order_sn", number),
        ("total_fee", "1000"),
        ("status", "3"),
        ("nonce_str", "O2r8GjZ46e"),
    ]);
    told.insert("sign".into(), jubao_sign(&told, keys::JUBAO_KEY));
    assert_eq!(world.api.notify("shop", &form(&told)).await.text, "SUCCESS");
    world.api.until_status(&payment.id, "refunded").await;
}

#[tokio::test]
async fn an_order_that_was_taken_though_refused_is_found_before_another_is_sent() {
    let world = World::start().await;
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    world.gateways.fault(way.gateway, json!({"endpoint": "pay", "fault": "code_after", "code": 4006})).await;
    let payment = world.api.create(&world.order(&way)).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "failed");
    let order_no = payment.body["order_id"].as_str().expect("an order number");
    world.gateways.pay(way.gateway, order_no, &json!({"notify": false})).await;
    let again = world.api.confirm(&payment).await;
    assert_eq!(again["status"], "succeeded", "{again}");
    assert_eq!(world.gateways.journal(way.gateway, way.submit).await.len(), 1, "nothing was sent again");
}

#[tokio::test]
async fn a_notification_for_an_earlier_attempt_counts_and_the_later_one_is_closed() {
    let world = World::start().await;
    // Jubao finds no order by our number, so the refused one cannot be looked up before another is sent.
    let way = JUBAO_ALIPAY_WAP;
    world
        .gateways
        .fault(way.gateway, json!({"endpoint": "apply_pay", "fault": "code_after", "code": 4006}))
        .await;
    let payment = world.api.create(&world.order(&way)).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "failed");
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    let order_no = payment.body["order_id"].as_str().expect("an order number");
    let replies = world.gateways.pay(way.gateway, order_no, &json!({})).await;
    assert_eq!(replies, [json!({"status": 200, "body": "SUCCESS"})]);
    let paid = world.api.until_status(&payment.id, "succeeded").await;
    let booked = world.gateways.order(way.gateway, order_no).await;
    assert_eq!(paid["gateway_order_no"], booked["gateway_order_no"]);
    // Whoever pays the second one too has paid twice: the merchant is told.
    world.gateways.pay(way.gateway, &format!("{order_no}r2"), &json!({})).await;
    world.merchant.until_taken(&payment.id, "payment.review").await;
    assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded");
}

#[tokio::test]
async fn a_refund_goes_against_the_attempt_that_was_paid_and_the_other_one_is_closed() {
    let world = World::start().await;
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    // Refused though taken, and not to be found when it is looked up: another order is sent.
    world.gateways.fault(way.gateway, json!({"endpoint": "pay", "fault": "code_after", "code": 4006})).await;
    let payment = world.api.create(&world.order(&way)).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "failed");
    world.gateways.fault(way.gateway, json!({"endpoint": "query", "fault": "code", "code": 40102})).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    let order_no = payment.body["order_id"].as_str().expect("an order number");
    world.gateways.pay(way.gateway, order_no, &json!({})).await;
    world.api.until_status(&payment.id, "succeeded").await;
    let other = format!("{order_no}r2");
    assert_eq!(world.gateways.order(way.gateway, &other).await["status"], "closed");
    let path = format!("/v1/payments/{}/refunds", payment.id);
    let refund = world.api.post(&path, &json!({})).await.expect(201);
    assert_eq!(refund["status"], "succeeded", "{refund}");
    assert_eq!(world.gateways.order(way.gateway, order_no).await["status"], "refunded");
}
