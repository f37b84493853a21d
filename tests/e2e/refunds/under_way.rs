//! Refunds that a gateway works on, or answers with a word that is not the last one.

use countersign_tests::{BLUEOCEAN_ALIPAY_QRCODE, Payment, World, holds_while};
use serde_json::{Value, json};

use super::{asked, booked, id, look_up, once_in_the_book, order_no, paid, part, refund, until_refund};

#[tokio::test]
async fn a_refund_that_the_gateway_works_on_is_asked_about_until_it_ends() {
    let world = World::start().await;
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    world.gateways.switch("blueocean", json!({"refund_status": "processing"})).await;
    for (end, status) in [("succeeded", "succeeded"), ("closed", "failed")] {
        let payment = paid(&world, &way).await;
        let made = refund(&world, &payment, &part(&way, 400)).await.expect(201);
        assert_eq!(made["status"], "processing", "{made}");
        let before = world.gateways.journal("blueocean", "refundquery").await.len();
        holds_while(
            "the signer asks",
            async || {
                assert_eq!(look_up(&world.api, &payment, id(&made)).await["status"], "processing");
                let payment = world.api.payment(&payment.id).await;
                assert!(payment["amount_refunded"].is_null(), "nothing went back yet: {payment}");
            },
            async || {
                let now = world.gateways.journal("blueocean", "refundquery").await.len();
                (now > before + 1).then_some(())
            },
        )
        .await;
        let path = format!("/blueocean/refunds/{}f1/settle", order_no(&payment));
        world.gateways.ask(axum::http::Method::POST, &path, &json!({"status": end})).await;
        let found = until_refund(&world, &payment, id(&made), status).await;
        let after = world.api.payment(&payment.id).await;
        if status == "succeeded" {
            once_in_the_book(&world, &way, &payment).await;
        } else {
            assert_eq!(found["failure"]["gateway_code"], "REFUNDCLOSE", "{found}");
            assert!(after["amount_refunded"].is_null(), "{after}");
            let again = refund(&world, &payment, &part(&way, 400)).await.expect(201);
            assert_ne!(id(&again), id(&made), "it may be tried again");
        }
    }
}

#[tokio::test]
async fn money_that_could_not_go_back_is_for_a_person() {
    let world = World::with(|settings| settings.set("polling.settling_s", vec![1, 1, 1, 1])).await;
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    world.gateways.switch("blueocean", json!({"refund_status": "abnormal"})).await;
    let payment = paid(&world, &way).await;
    let made = refund(&world, &payment, &part(&way, 400)).await.expect(201);
    assert_eq!(made["status"], "processing", "{made}");
    assert_eq!(made["failure"]["gateway_code"], "CHANGE", "{made}");
    let found = until_refund(&world, &payment, id(&made), "review").await;
    assert_eq!(found["failure"]["gateway_code"], "CHANGE", "{found}");
    assert_eq!(asked(&world, &way).await, 1);
}

#[tokio::test]
async fn a_code_that_leaves_the_outcome_open_is_asked_about() {
    let world = World::start().await;
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    // 201, unknown errors, upstream trouble, codes of class retry, and one nobody has published.
    for code in [0, 201, 40600, 492_004, 492_005, 499_999, 4005, 4006, 40400, 492_006, 77_777, 493_001] {
        let payment = paid(&world, &way).await;
        let fault = json!({"endpoint": "refund", "fault": "code", "code": code, "message": "see code"});
        world.gateways.fault("blueocean", fault).await;
        let made = refund(&world, &payment, &part(&way, 400)).await.expect(201);
        assert_eq!(made["status"], "processing", "{code}: {made}");
        until_refund(&world, &payment, id(&made), "succeeded").await;
        once_in_the_book(&world, &way, &payment).await;
    }
}

/// Gives money back past the signer, as an earlier run of the merchant might have.
async fn given_back_before(world: &World, payment: &Payment, amount: i64) {
    let mut fields = countersign_tests::fields(&[
        ("appid", countersign_tests::keys::BLUEOCEAN_APPID),
        ("out_trade_no", order_no(payment)),
        ("out_refund_no", &format!("{}f1", order_no(payment))),
        ("refund_fee", &amount.to_string()),
    ]);
    fields.insert(
        "sign".into(),
        countersign_tests::blueocean_sign(&fields, countersign_tests::keys::BLUEOCEAN_KEY),
    );
    let body: Value = fields
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let api = countersign_tests::Api::new(&world.gateways.url);
    let request = api.request(axum::http::Method::POST, "/blueocean/payment/refund");
    let request = request.header("content-type", "application/json").body(body.to_string());
    assert_eq!(api.send(request).await.expect(200)["code"], 200);
}

#[tokio::test]
async fn a_refund_number_that_was_used_before_is_looked_up() {
    let world = World::with(|settings| settings.set("polling.settling_s", vec![1, 1, 1, 1])).await;
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    let same = paid(&world, &way).await;
    given_back_before(&world, &same, 400).await;
    let made = refund(&world, &same, &part(&way, 400)).await.expect(201);
    until_refund(&world, &same, id(&made), "succeeded").await;
    once_in_the_book(&world, &way, &same).await;
    // With another amount it is somebody else's refund.
    let other = paid(&world, &way).await;
    given_back_before(&world, &other, 300).await;
    let made = refund(&world, &other, &part(&way, 400)).await.expect(201);
    assert_eq!(made["status"], "processing", "{made}");
    until_refund(&world, &other, id(&made), "review").await;
    assert_eq!(booked(&world, &way, &other).await, [(format!("{}f1", order_no(&other)), 300)]);
}
