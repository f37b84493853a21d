//! What gateways may say of an order in more than one way: states, figures and answers on which the documents differ.

mod dotwallet;
mod states;

use countersign_tests::{
    BLUEOCEAN_ALIPAY_QRCODE, BLUEOCEAN_MICROPAY, DOTWALLET_AUTOPAY, DOTWALLET_ORDER, HICOIN_H5,
    JUBAO_WECHAT_H5, Payment, Way, World, bar_code, keys,
};
use serde_json::{Value, json};

/// A payment whose payer was sent to pay, and its order number.
async fn open(world: &World, way: &Way) -> (Payment, String) {
    let order = world.order(way);
    let payment = world.api.create(&order).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    (payment, order["order_id"].as_str().expect("a number").to_owned())
}

async fn sync(world: &World, payment: &Payment) -> Value {
    world.api.post(&format!("/v1/payments/{}/sync", payment.id), &json!({})).await.expect(200)
}

#[tokio::test]
async fn what_a_refusal_carries_as_data_changes_nothing() {
    let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
    world.fill_wallet().await;
    let carried = [
        json!([]),
        json!({}),
        json!(null),
        json!("balance=0,amount=700,fee=113,0 < 813"),
        json!(7),
        json!(false),
        json!({"order_sn": "1", "sn": "1", "trade_no": "1", "code_url": "https://x.example/", "status": "2"}),
    ];
    for (way, code, status) in [
        (DOTWALLET_AUTOPAY, -101_001, "requires_action"),
        (DOTWALLET_ORDER, 10106, "failed"),
        (JUBAO_WECHAT_H5, 4004, "failed"),
        (BLUEOCEAN_ALIPAY_QRCODE, 4004, "failed"),
        (HICOIN_H5, 110_043, "failed"),
        (HICOIN_H5, 987_654, "processing"),
    ] {
        for data in &carried {
            if way.gateway == "hicoin" && data["trade_no"].is_string() {
                // What code means success there is written nowhere: the data of the order does.
                continue;
            }
            let fault = json!({"endpoint": way.submit, "fault": "code", "code": code, "data": data});
            world.gateways.fault(way.gateway, fault).await;
            let payment = world.api.create(&world.order(&way)).await;
            let view = world.api.confirm(&payment).await;
            assert_eq!(view["status"], status, "{code} with {data}: {view}");
            assert_eq!(view["failure"]["gateway_code"], code.to_string(), "{code} with {data}");
        }
    }
}

#[tokio::test]
async fn what_counts_is_what_was_asked_for_and_not_what_a_discount_left_of_it() {
    let world = World::start().await;
    world.gateways.switch("blueocean", json!({"discount": 200, "cash_fee_type": "CNY"})).await;
    let (payment, order_no) = open(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    let replies = world.gateways.pay("blueocean", &order_no, &json!({})).await;
    assert_eq!(replies, [BLUEOCEAN_ALIPAY_QRCODE.taken()]);
    let paid = world.api.payment(&payment.id).await;
    assert_eq!(
        (&paid["status"], &paid["amount"]["value"], &paid["amount"]["currency"]),
        (&json!("succeeded"), &json!(1000), &json!("HKD"))
    );
    let at_till = world.api.create(&world.order(&BLUEOCEAN_MICROPAY)).await;
    assert_eq!(world.api.confirm(&at_till).await["status"], "succeeded");
}

#[tokio::test]
async fn every_outcome_of_a_bar_code_comes_to_what_it_is() {
    let world = World::start().await;
    for (digits, at_once, in_the_end) in [
        ("01", "succeeded", "succeeded"),
        ("02", "processing", "succeeded"),
        ("03", "processing", "processing"),
        ("04", "failed", "failed"),
        ("05", "processing", "processing"),
        ("06", "processing", "failed"),
        ("07", "failed", "failed"),
        ("08", "failed", "failed"),
    ] {
        let mut order = world.order(&BLUEOCEAN_MICROPAY);
        let order_id = order["order_id"].as_str().expect("a number").to_owned();
        order["method"]["auth_code"] = json!(bar_code(&order_id, digits));
        let payment = world.api.create(&order).await;
        let view = world.api.confirm(&payment).await;
        assert_eq!(view["status"], at_once, "{digits}: {view}");
        assert!(view["next_action"].is_null(), "{digits}: there is nothing to show: {view}");
        let ended = world.api.until_status(&payment.id, in_the_end).await;
        let class = &ended["failure"]["class"];
        match in_the_end {
            "succeeded" => assert!(class.is_null(), "{digits}: {ended}"),
            "failed" => assert!(class.is_string() && class != "query", "{digits}: {ended}"),
            _ => assert!(class.is_null() || class == "query", "{digits}: {ended}"),
        }
        if digits == "08" {
            assert_eq!(ended["failure"]["class"], "payer", "another bar code helps");
        }
    }
}

#[tokio::test]
async fn hicoin_is_asked_with_the_applications_token_or_else_with_the_payers() {
    for (ip_allowed, with_the_payers) in [(true, false), (false, true)] {
        let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
        world.gateways.switch("hicoin", json!({"ip_allowed": ip_allowed})).await;
        let (payment, order_no) = open(&world, &HICOIN_H5).await;
        assert_eq!(world.gateways.pay("hicoin", &order_no, &json!({})).await, [HICOIN_H5.taken()]);
        assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded");
        let asked = world.gateways.journal("hicoin", "queryOrder").await;
        let token = &asked.last().expect("a question")["fields"]["access_token"];
        assert_eq!(token == keys::HICOIN_ACCESS_TOKEN, with_the_payers);
    }
}

#[tokio::test]
async fn an_account_at_hicoin_may_settle_in_another_coin() {
    let world = World::with(|settings| settings.set("accounts.coin.currency", "ETH")).await;
    let mut order = world.order(&HICOIN_H5);
    order["amount"] = json!({"value": 250_000_000, "currency": "ETH"});
    let payment = world.api.create(&order).await;
    world.api.confirm(&payment).await;
    let order_no = order["order_id"].as_str().expect("a number");
    assert_eq!(world.gateways.order("hicoin", order_no).await["currency"], "ETH");
    assert_eq!(world.gateways.pay("hicoin", order_no, &json!({})).await, [HICOIN_H5.taken()]);
    assert_eq!(world.api.until_status(&payment.id, "succeeded").await["amount"], order["amount"]);
}
