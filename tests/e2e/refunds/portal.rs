//! Money that the gateway's own portal gave back, and late words about money that is gone.

use axum::http::Method;
use countersign_tests::{BLUEOCEAN_ALIPAY_QRCODE, Payment, World, blueocean_sign, fields, form, keys};
use serde_json::{Value, json};

use super::{booked, id, order_no, paid, part, refund, told};

async fn by_portal(world: &World, payment: &Payment, body: &Value) {
    let path = format!("/blueocean/orders/{}/refund", order_no(payment));
    world.gateways.ask(Method::POST, &path, body).await;
}

async fn synced(world: &World, payment: &Payment) -> Value {
    let path = format!("/v1/payments/{}/sync", payment.id);
    world.api.post(&path, &json!({})).await.expect(200)
}

#[tokio::test]
async fn all_of_it_by_the_portal_is_seen_by_asking() {
    let world = World::start().await;
    let payment = paid(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    by_portal(&world, &payment, &json!({})).await;
    let after = synced(&world, &payment).await;
    assert_eq!(after["status"], "refunded");
    assert_eq!(after["amount_refunded"], json!({"value": 1000, "currency": "HKD"}));
    let events = told(&world, &payment, "payment.refunded", 1).await;
    assert_eq!(events[0]["data"]["amount_refunded"]["value"], 1000);
    refund(&world, &payment, &json!({})).await.problem(409, "not_refundable");
    assert_eq!(synced(&world, &payment).await["revision"], after["revision"], "nothing new");
    assert_eq!(told(&world, &payment, "payment.refunded", 1).await.len(), 1);
}

#[tokio::test]
async fn a_part_by_the_portal_is_seen_by_asking_whatever_the_order_is_called_then() {
    let world = World::start().await;
    for word in ["REFUND", "SUCCESS"] {
        world.gateways.switch("blueocean", json!({"partial_refund_state": word})).await;
        let payment = paid(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
        by_portal(&world, &payment, &json!({"amount": 300})).await;
        let after = synced(&world, &payment).await;
        assert_eq!(after["status"], "succeeded", "{word}: {after}");
        assert_eq!(after["amount_refunded"]["value"], 300, "{word}: {after}");
        let events = told(&world, &payment, "payment.refunded", 1).await;
        assert_eq!(events[0]["data"]["amount_refunded"]["value"], 300);
        by_portal(&world, &payment, &json!({"amount": 200})).await;
        assert_eq!(synced(&world, &payment).await["amount_refunded"]["value"], 500);
        let made = refund(&world, &payment, &json!({})).await.expect(201);
        assert_eq!((&made["status"], &made["amount"]["value"]), (&json!("succeeded"), &json!(500)));
        let after = world.api.payment(&payment.id).await;
        assert_eq!(after["status"], "refunded");
        assert_eq!(after["amount_refunded"]["value"], 1000);
        assert_eq!(after["refunds"].as_array().map(Vec::len), Some(1), "only ours: {after}");
        let sums: Vec<_> = told(&world, &payment, "payment.refunded", 3)
            .await
            .iter()
            .map(|event| event["data"]["amount_refunded"]["value"].clone())
            .collect();
        assert_eq!(sums, [300, 500, 1000]);
    }
}

#[tokio::test]
async fn a_refund_of_more_than_the_portal_has_left_is_refused_and_the_rest_can_follow() {
    let world = World::start().await;
    let payment = paid(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    by_portal(&world, &payment, &json!({"amount": 300})).await;
    let made = refund(&world, &payment, &json!({})).await.expect(201);
    assert_eq!(made["status"], "failed", "the signer had not asked yet: {made}");
    assert_eq!(synced(&world, &payment).await["amount_refunded"]["value"], 300);
    let made = refund(&world, &payment, &json!({})).await.expect(201);
    assert_eq!((&made["status"], &made["amount"]["value"]), (&json!("succeeded"), &json!(700)));
    let back: i64 = booked(&world, &BLUEOCEAN_ALIPAY_QRCODE, &payment).await.iter().map(|(_, n)| n).sum();
    assert_eq!(back, 1000);
}

#[tokio::test]
async fn our_part_and_the_portals_part_add_up() {
    let world = World::start().await;
    let payment = paid(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    refund(&world, &payment, &part(&BLUEOCEAN_ALIPAY_QRCODE, 300)).await.expect(201);
    by_portal(&world, &payment, &json!({"amount": 300})).await;
    assert_eq!(synced(&world, &payment).await["amount_refunded"]["value"], 600);
    by_portal(&world, &payment, &json!({})).await;
    let after = synced(&world, &payment).await;
    assert_eq!((&after["status"], &after["amount_refunded"]["value"]), (&json!("refunded"), &json!(1000)));
}

#[tokio::test]
async fn a_lost_refund_is_not_taken_for_another_sum_of_the_portals() {
    let world = World::with(|settings| settings.set("polling.settling_s", vec![1, 1, 1, 1])).await;
    let payment = paid(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    by_portal(&world, &payment, &json!({"amount": 300})).await;
    world.gateways.fault("blueocean", json!({"endpoint": "refund", "fault": "drop_before"})).await;
    let made = refund(&world, &payment, &part(&BLUEOCEAN_ALIPAY_QRCODE, 400)).await.expect(201);
    assert_eq!(made["status"], "processing", "{made}");
    super::until_refund(&world, &payment, id(&made), "review").await;
    let back: i64 = booked(&world, &BLUEOCEAN_ALIPAY_QRCODE, &payment).await.iter().map(|(_, n)| n).sum();
    assert_eq!(back, 300, "nothing was sent again while another hand was at it");
}

#[tokio::test]
async fn a_late_word_that_it_was_paid_does_not_revive_a_refunded_payment() {
    let world = World::start().await;
    for body in [json!({}), part(&BLUEOCEAN_ALIPAY_QRCODE, 400)] {
        let payment = paid(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
        refund(&world, &payment, &body).await.expect(201);
        let before = world.api.payment(&payment.id).await;
        told(&world, &payment, "payment.refunded", 1).await;
        let replies =
            world.gateways.pay("blueocean", order_no(&payment), &json!({"book": false, "times": 3})).await;
        assert_eq!(replies.len(), 3);
        assert!(replies.iter().all(|reply| reply["body"] == "SUCCESS"), "{replies:?}");
        // And one that nobody has seen before.
        let mut told_late = fields(&[
            ("appid", keys::BLUEOCEAN_APPID),
            ("out_trade_no", order_no(&payment)),
            ("sn", before["gateway_order_no"].as_str().expect("a number")),
            ("total_fee", "1000"),
            ("fee_type", "HKD"),
            ("time_end", "1767225600"),
            ("nonce_str", "O2r8GjZ46eTt0bnQ"),
        ]);
        told_late.insert("sign".into(), blueocean_sign(&told_late, keys::BLUEOCEAN_KEY));
        assert_eq!(world.api.notify("hk", &form(&told_late)).await.text, "SUCCESS");
        synced(&world, &payment).await;
        let after = world.api.payment(&payment.id).await;
        for same in ["status", "amount_refunded", "refunds", "paid_at", "gateway_order_no"] {
            assert_eq!(after[same], before[same], "{same}");
        }
        let events = world.api.events().await;
        let last = events.iter().rfind(|event| event["data"]["id"] == payment.id.as_str()).expect("an event");
        assert_eq!(last["type"], "payment.refunded", "{last}");
    }
}
