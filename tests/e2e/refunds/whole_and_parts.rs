//! All of the money or a part of it goes back, and everybody is told.

use countersign_tests::{BLUEOCEAN_ALIPAY_QRCODE, HICOIN_H5, Way, World, keys};
use serde_json::{Value, json};

use super::{
    BOTH, asked, booked, id, look_up, order_no, paid, part, refund, refund_call, refunds_path, told,
};
use crate::judge::{names, near, time};

const MEMBERS: [&str; 10] = [
    "amount",
    "created_at",
    "failure",
    "gateway_refund_no",
    "id",
    "payment",
    "reason",
    "refund_id",
    "status",
    "updated_at",
];

/// Asserts that a refund is whole and succeeded.
fn succeeded(found: &Value, way: &Way, payment: &str, value: i64) {
    assert_eq!(names(found), MEMBERS);
    assert_eq!(found["status"], "succeeded", "{found}");
    assert!(id(found).starts_with("re_"), "{found}");
    assert_eq!(found["payment"], payment);
    assert_eq!(found["amount"], json!({"value": value, "currency": way.currency}));
    assert!(found["failure"].is_null(), "{found}");
    let (created, updated) = (time(&found["created_at"]), time(&found["updated_at"]));
    assert!(updated >= created);
    near(created, jiff::Timestamp::now(), 30);
}

#[tokio::test]
async fn all_of_it_goes_back_when_no_amount_is_given() {
    let world = World::start().await;
    for way in BOTH {
        let payment = paid(&world, &way).await;
        let before = world.api.payment(&payment.id).await;
        assert!(before["amount_refunded"].is_null(), "{before}");
        assert_eq!(before["refunds"], json!([]));
        let made = refund(&world, &payment, &json!({})).await.expect(201);
        succeeded(&made, &way, &payment.id, 1000);
        assert!(made["refund_id"].is_null() && made["reason"].is_null(), "{made}");
        let after = world.api.payment(&payment.id).await;
        assert_eq!(after["status"], "refunded");
        assert_eq!(after["amount_refunded"], json!({"value": 1000, "currency": way.currency}));
        assert_eq!(after["refunds"], json!([made]));
        assert_eq!(after["paid_at"], before["paid_at"]);
        assert!(after["revision"].as_i64() > before["revision"].as_i64());
        let events = told(&world, &payment, "payment.refunded", 1).await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0]["data"]["status"], "refunded");
        assert_eq!(events[0]["data"]["amount_refunded"]["value"], 1000);
        assert_eq!(booked(&world, &way, &payment).await, [(format!("{}f1", order_no(&payment)), 1000)]);
        refund(&world, &payment, &json!({})).await.problem(409, "not_refundable");
        assert_eq!(world.api.payment(&payment.id).await["revision"], after["revision"]);
    }
}

#[tokio::test]
async fn two_parts_make_the_whole() {
    let world = World::start().await;
    for way in BOTH {
        let payment = paid(&world, &way).await;
        let mut body = part(&way, 300);
        body["reason"] = json!("少发一件 (one was missing)");
        body["refund_id"] = json!("R-2026/1");
        let first = refund(&world, &payment, &body).await.expect(201);
        succeeded(&first, &way, &payment.id, 300);
        assert_eq!((&first["reason"], &first["refund_id"]), (&body["reason"], &body["refund_id"]));
        let between = world.api.payment(&payment.id).await;
        assert_eq!(between["status"], "succeeded", "a part leaves it paid");
        assert_eq!(between["amount_refunded"], json!({"value": 300, "currency": way.currency}));
        let second = refund(&world, &payment, &json!({})).await.expect(201);
        succeeded(&second, &way, &payment.id, 700);
        assert_ne!(id(&first), id(&second));
        let after = world.api.payment(&payment.id).await;
        assert_eq!(after["status"], "refunded");
        assert_eq!(after["amount_refunded"]["value"], 1000);
        assert_eq!(after["refunds"], json!([first, second]));
        let events = told(&world, &payment, "payment.refunded", 2).await;
        let told: Vec<_> =
            events.iter().map(|e| (&e["data"]["status"], &e["data"]["amount_refunded"]["value"])).collect();
        assert_eq!(
            told,
            [(&json!("succeeded"), &json!(300)), (&json!("refunded"), &json!(1000))],
            "each part is told once, and in order"
        );
        let number = order_no(&payment);
        let expected = [(format!("{number}f1"), 300), (format!("{number}f2"), 700)];
        assert_eq!(booked(&world, &way, &payment).await, expected);
        refund(&world, &payment, &part(&way, 1)).await.problem(409, "not_refundable");
    }
}

#[tokio::test]
async fn refunds_can_be_looked_up_and_listed() {
    let world = World::start().await;
    for way in BOTH {
        let (payment, other) = (paid(&world, &way).await, paid(&world, &way).await);
        let empty = world.api.get(&refunds_path(&payment)).await.expect(200);
        assert_eq!(empty["data"], json!([]));
        assert_eq!(empty["has_more"], false);
        let first = refund(&world, &payment, &part(&way, 1)).await.expect(201);
        let second = refund(&world, &payment, &part(&way, 2)).await.expect(201);
        let theirs = refund(&world, &other, &part(&way, 3)).await.expect(201);
        let listed = world.api.get(&refunds_path(&payment)).await.expect(200);
        assert_eq!(listed["data"], json!([first, second]), "oldest first");
        assert_eq!(look_up(&world.api, &payment, id(&first)).await, first);
        for unknown in [id(&theirs), "re_01JD0000000000000000000000", "re_", "x", &payment.id] {
            let path = format!("{}/{unknown}", refunds_path(&payment));
            world.api.get(&path).await.problem(404, "not_found");
        }
        for path in ["/v1/payments/pay_01JD0000000000000000000000/refunds", "/v1/payments/x/refunds"] {
            world.api.get(path).await.problem(404, "not_found");
            world.api.post(path, &json!({})).await.problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn only_the_merchants_backend_gives_money_back() {
    let world = World::start().await;
    let payment = paid(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    let made = refund(&world, &payment, &part(&BLUEOCEAN_ALIPAY_QRCODE, 1)).await.expect(201);
    let path = refunds_path(&payment);
    let browser = world.api.checkout_post(&path, &payment.secret, &json!({})).await;
    browser.problem(401, "unauthorized");
    for path in [path.clone(), format!("{path}/{}", id(&made))] {
        world.api.checkout_get(&path, &payment.secret).await.problem(401, "unauthorized");
    }
    assert_eq!(asked(&world, &BLUEOCEAN_ALIPAY_QRCODE).await, 1);
}

#[tokio::test]
async fn blueocean_is_sent_the_documented_fields() {
    let world = World::start().await;
    let payment = paid(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    let mut body = part(&BLUEOCEAN_ALIPAY_QRCODE, 250);
    body["reason"] = json!("少发一件");
    let made = refund(&world, &payment, &body).await.expect(201);
    let order = world.gateways.order("blueocean", order_no(&payment)).await;
    let sent = &world.gateways.journal("blueocean", refund_call(&BLUEOCEAN_ALIPAY_QRCODE)).await[0];
    assert_eq!(sent["verdict"], "ok");
    assert_eq!(names(&sent["fields"]), ["appid", "out_refund_no", "refund_desc", "refund_fee", "sign", "sn"]);
    assert_eq!(sent["fields"]["sn"], order["gateway_order_no"]);
    assert_eq!(sent["fields"]["refund_fee"], 250);
    assert_eq!(sent["fields"]["refund_desc"], "少发一件");
    assert_eq!(sent["fields"]["out_refund_no"], format!("{}f1", order_no(&payment)));
    assert_eq!(made["status"], "succeeded");
    assert_eq!(order["refunds"][0]["reason"], "少发一件");
}

#[tokio::test]
async fn hicoin_is_sent_a_payout_to_the_payer() {
    let world = World::start().await;
    let payment = paid(&world, &HICOIN_H5).await;
    let mut body = part(&HICOIN_H5, 250);
    body["reason"] = json!("少发一件");
    let made = refund(&world, &payment, &body).await.expect(201);
    let sent = &world.gateways.journal("hicoin", "transfers").await[0];
    assert_eq!(sent["verdict"], "ok");
    let biz = sent["fields"]["biz_content"].as_str().expect("a text");
    let biz: Value = serde_json::from_str(biz).expect("JSON");
    assert_eq!(names(&biz), ["body", "openid", "out_trade_no", "settle_currency", "subject", "total_amount"]);
    assert_eq!(biz["openid"], keys::HICOIN_OPENID);
    assert_eq!((&biz["total_amount"], &biz["settle_currency"]), (&json!(250), &json!("USDT")));
    assert_eq!(biz["body"], "少发一件");
    let payout = &world.gateways.payouts().await[0];
    assert_eq!(made["gateway_refund_no"], payout["trade_no"]);
}

#[tokio::test]
async fn a_payer_who_logged_in_gets_the_money_back() {
    let world = World::start().await;
    let mut order = world.order(&HICOIN_H5);
    order["method"] = json!({"type": "hicoin_h5"});
    world.gateways.switch("hicoin", json!({"openid": "u0000000000000007"})).await;
    let payment = world.api.create(&order).await;
    let view = world.api.confirm(&payment).await;
    let browser = countersign_tests::Browser::default();
    let login = view["next_action"]["url"].as_str().expect("a login page");
    let back = browser.open(login).await.redirect();
    assert_eq!(browser.open(&back).await.status, 303);
    world.gateways.pay("hicoin", order_no(&payment), &json!({})).await;
    world.api.until_status(&payment.id, "succeeded").await;
    assert_eq!(refund(&world, &payment, &json!({})).await.expect(201)["status"], "succeeded");
    assert_eq!(world.gateways.payouts().await[0]["openid"], "u0000000000000007");
}

#[tokio::test]
async fn both_forms_of_blueoceans_answers_are_read() {
    let world = World::start().await;
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    for (bare, numbers, signs) in
        [(true, "documented", "documented"), (true, "numbers", "lower"), (false, "texts", "mixed")]
    {
        world.gateways.switch("blueocean", json!({"bare_refunds": bare})).await;
        let dress = json!({"numbers": numbers, "sign_case": signs, "unknown_fields": true});
        world.gateways.ask(axum::http::Method::PUT, "/blueocean/dress", &dress).await;
        let payment = paid(&world, &way).await;
        let made = refund(&world, &payment, &part(&way, 400)).await.expect(201);
        assert_eq!(made["status"], "succeeded", "{bare} {numbers}: {made}");
        let made = refund(&world, &payment, &json!({})).await.expect(201);
        assert_eq!(made["status"], "succeeded", "{bare} {numbers}: {made}");
        assert_eq!(world.api.payment(&payment.id).await["status"], "refunded");
    }
}

#[tokio::test]
async fn a_refund_number_fits_every_gateway_whatever_the_order_number_is() {
    let world = World::start().await;
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    for order_id in ["A-1_b", "A2345678901234567890123456789012", "a"] {
        let payment = world.api.create(&way.order(order_id)).await;
        world.api.confirm(&payment).await;
        world.gateways.pay("blueocean", order_id, &json!({})).await;
        world.api.until_status(&payment.id, "succeeded").await;
        assert_eq!(refund(&world, &payment, &part(&way, 10)).await.expect(201)["status"], "succeeded");
        let number = &booked(&world, &way, &payment).await[0].0;
        assert!(number.len() <= 32 && number.bytes().all(|b| b.is_ascii_alphanumeric()), "{number}");
    }
}
