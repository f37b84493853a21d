//! Automatic payments: consent, limits, duplicates, and what goes out with a payment.

use axum::http::Method;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use countersign_tests::{Api, DOTWALLET_AUTOPAY, Payment, World, holds_while, keys};
use serde_json::{Value, json};

use crate::judge::{failure, names};

const ADDRESS: &str = "1BitcoinEaterAddressDontSendf59kuE";
const OTHER_ADDRESS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";

/// Confirms and expects the payer to be sent to the consent page, for a reason of this code.
async fn sent_to_consent(world: &World, payment: &Payment, gateway_code: &str) -> Value {
    let view = world.api.confirm(payment).await;
    assert_eq!(view["status"], "requires_action");
    failure(&view["failure"], "reauthorize");
    assert_eq!(view["failure"]["gateway_code"], gateway_code);
    let action = view["next_action"].clone();
    let expected = json!({
        "type": "dotwallet_set_pay_config",
        "page_url": format!("{}/dotwallet/openapi/set_pay_config", world.gateways.url),
        "app_id": keys::DOTWALLET_APP_ID,
        "redirect_uri": payment.body["return_url"],
    });
    assert_eq!(action, expected);
    action
}

/// Confirms again and expects the money, under a number of its own.
async fn pays_under_another_number(world: &World, payment: &Payment) {
    let view = world.api.confirm(payment).await;
    assert_eq!(view["status"], "succeeded", "{view}");
    assert!(view["failure"].is_null() && view["next_action"].is_null());
    let paid = world.api.payment(&payment.id).await;
    let attempts = paid["attempts"].as_array().expect("attempts");
    assert_eq!(attempts.len(), 2);
    assert_eq!((&attempts[0]["number"], &attempts[1]["number"]), (&json!(1), &json!(2)));
    assert_eq!(attempts[0]["order_no"], payment.body["order_id"]);
    let derived = attempts[1]["order_no"].as_str().expect("a number");
    assert_ne!(attempts[1]["order_no"], payment.body["order_id"]);
    let booked = world.gateways.order("dotwallet", derived).await;
    assert_eq!(paid["gateway_order_no"], booked["gateway_order_no"]);
    assert_eq!(paid["transaction_id"], booked["transaction_id"]);
    assert_eq!(world.gateways.orders("dotwallet").await.len(), 1, "one charge");
    let kinds: Vec<_> =
        paid["events"].as_array().expect("events").iter().map(|e| e["type"].clone()).collect();
    assert!(kinds.contains(&json!("payment.requires_action")), "{kinds:?}");
    assert_eq!(kinds.last(), Some(&json!("payment.succeeded")), "{kinds:?}");
}

#[tokio::test]
async fn an_empty_wallet_sends_the_payer_to_consent_and_then_pays_under_another_number() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&DOTWALLET_AUTOPAY)).await;
    world.gateways.put_user(keys::DOTWALLET_USER, json!({"balance": 0, "consented": true})).await;
    sent_to_consent(&world, &payment, "-101001").await;
    let told = world.merchant.until_taken(&payment.id, "payment.requires_action").await;
    assert_eq!(told.body["data"]["failure"]["class"], "reauthorize");
    world.fill_wallet().await;
    pays_under_another_number(&world, &payment).await;
}

#[tokio::test]
async fn the_payer_consents_on_the_wallets_page_and_comes_back() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&DOTWALLET_AUTOPAY)).await;
    let action = sent_to_consent(&world, &payment, "-101001").await;
    let text = |name: &str| action[name].as_str().expect("a text");
    let mut page = url::Url::parse(text("page_url")).expect("an address");
    page.query_pairs_mut()
        .append_pair("app_id", text("app_id"))
        .append_pair("redirect_uri", text("redirect_uri"));
    let browser = Api::new("");
    let shown = browser.send(browser.request(Method::GET, page.as_str())).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text.contains("id=\"continue\"") && !shown.text.contains("id=\"error\""), "{}", shown.text);
    let decided = browser
        .request(Method::POST, page.as_str())
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("decision=continue&single_limit=0.1&total_limit=1&top_up=0.5");
    let back = browser.send(decided).await;
    assert_eq!(back.status, 303, "{}", back.text);
    assert_eq!(back.headers[LOCATION], text("redirect_uri"));
    pays_under_another_number(&world, &payment).await;
}

#[tokio::test]
async fn coming_back_without_consent_asks_for_it_again_and_charges_nothing() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&DOTWALLET_AUTOPAY)).await;
    sent_to_consent(&world, &payment, "-101001").await;
    let path = format!("/v1/checkout/{}/returned", payment.id);
    let hint = world.api.checkout_post(&path, &payment.secret, &json!({"result": "ok"})).await.expect(200);
    assert_eq!(hint["status"], "requires_action");
    sent_to_consent(&world, &payment, "-101001").await;
    assert!(world.gateways.orders("dotwallet").await.is_empty());
}

#[tokio::test]
async fn an_amount_over_the_payers_limit_sends_them_to_raise_it() {
    let world = World::start().await;
    let account = json!({"balance": 1_000_000, "single_limit": 999, "total_limit": 5000, "consented": true});
    world.gateways.put_user(keys::DOTWALLET_USER, account).await;
    let payment = world.api.create(&world.order(&DOTWALLET_AUTOPAY)).await;
    sent_to_consent(&world, &payment, "10044").await;
    world.gateways.put_user(keys::DOTWALLET_USER, json!({"single_limit": 1000})).await;
    pays_under_another_number(&world, &payment).await;
}

#[tokio::test]
async fn every_code_that_means_consent_sends_the_payer_there() {
    let world = World::start().await;
    // The two negative ones are defined nowhere: the order is looked up before the payer is asked twice.
    for (code, looks_up) in
        [(10041, false), (10044, false), (-101_001, false), (-10_039, true), (-10_044, true)]
    {
        let asked = world.gateways.journal("dotwallet", "search_order").await.len();
        world
            .gateways
            .fault("dotwallet", json!({"endpoint": "pay_small_money", "fault": "code", "code": code}))
            .await;
        let payment = world.api.create(&world.order(&DOTWALLET_AUTOPAY)).await;
        sent_to_consent(&world, &payment, &code.to_string()).await;
        let asked_now = world.gateways.journal("dotwallet", "search_order").await.len();
        assert!(!looks_up || asked_now > asked, "{code}");
    }
}

#[tokio::test]
async fn a_duplicate_number_is_looked_up_and_never_charged_under_another() {
    let world = World::start().await;
    world.fill_wallet().await;
    let fault =
        json!({"endpoint": "pay_small_money", "fault": "code", "code": 10039, "message": "duplicate"});
    world.gateways.fault("dotwallet", fault).await;
    let payment = world.api.create(&world.order(&DOTWALLET_AUTOPAY)).await;
    let view = world.api.confirm(&payment).await;
    assert_eq!(view["status"], "processing");
    holds_while(
        "the signer asks what became of it",
        async || assert_eq!(world.api.confirm(&payment).await["status"], "processing"),
        async || (world.gateways.journal("dotwallet", "search_order").await.len() >= 2).then_some(()),
    )
    .await;
    assert_eq!(world.gateways.journal("dotwallet", "pay_small_money").await.len(), 1);
    assert!(world.gateways.orders("dotwallet").await.is_empty());
    assert_eq!(world.api.payment(&payment.id).await["attempts"].as_array().map(Vec::len), Some(1));
}

/// Places an order at the wallet past the signer, as an earlier run of the merchant might have.
async fn charged_before(world: &World, order_no: &str, amount: i64) {
    let body = json!({
        "app_id": keys::DOTWALLET_APP_ID, "secret": keys::DOTWALLET_SECRET, "merchant_order_sn": order_no,
        "pre_amount": amount, "user_open_id": keys::DOTWALLET_USER, "item_name": "earlier",
    });
    let api = Api::new(&world.gateways.url);
    let request = api.request(Method::POST, "/dotwallet/openapi/pay_small_money");
    let reply = api.send(request.header(CONTENT_TYPE, "application/json").body(body.to_string())).await;
    assert_eq!(reply.expect(200)["code"], 0);
}

#[tokio::test]
async fn a_number_that_was_charged_before_is_found_and_not_charged_again() {
    let world = World::start().await;
    world.fill_wallet().await;
    let payment = world.api.create(&world.order(&DOTWALLET_AUTOPAY)).await;
    charged_before(&world, payment.body["order_id"].as_str().expect("a number"), 1000).await;
    world.api.confirm(&payment).await;
    world.api.until_status(&payment.id, "succeeded").await;
    assert_eq!(world.gateways.orders("dotwallet").await.len(), 1);
}

#[tokio::test]
async fn a_number_that_was_charged_before_with_another_amount_is_for_a_person_to_look_at() {
    let world = World::start().await;
    world.fill_wallet().await;
    let payment = world.api.create(&world.order(&DOTWALLET_AUTOPAY)).await;
    charged_before(&world, payment.body["order_id"].as_str().expect("a number"), 999).await;
    world.api.confirm(&payment).await;
    world.api.until_status(&payment.id, "review").await;
    assert_eq!(world.gateways.orders("dotwallet").await.len(), 1);
}

#[tokio::test]
async fn data_and_receivers_go_out_as_documented() {
    let world = World::start().await;
    world.fill_wallet().await;
    let mut order = world.order(&DOTWALLET_AUTOPAY);
    order["method"]["op_return"] = json!("006a0568656c6c6f");
    let receivers = json!([{"address": ADDRESS, "amount": 600}, {"address": OTHER_ADDRESS, "amount": 400}]);
    order["method"]["receive_addresses"] = receivers.clone();
    let payment = world.api.create(&order).await;
    assert_eq!(payment.body["method"], order["method"]);
    assert_eq!(world.api.confirm(&payment).await["status"], "succeeded");
    let calls = world.gateways.journal("dotwallet", "pay_small_money").await;
    let sent = &calls[0]["fields"];
    assert_eq!(
        names(sent),
        [
            "app_id",
            "item_name",
            "merchant_order_sn",
            "opreturn",
            "pre_amount",
            "receive_address",
            "secret",
            "user_open_id"
        ]
    );
    assert_eq!(sent["opreturn"], "006a0568656c6c6f");
    let text = sent["receive_address"].as_str().expect("a text that holds JSON");
    assert_eq!(serde_json::from_str::<Value>(text).expect("JSON"), receivers);
}

#[tokio::test]
async fn the_browser_cannot_say_who_pays() {
    let world = World::start().await;
    world.fill_wallet().await;
    let payment = world.api.create(&world.order(&DOTWALLET_AUTOPAY)).await;
    let path = format!("/v1/checkout/{}/confirm", payment.id);
    let body = json!({"user_open_id": "sandbox-payer-0002", "environment": "desktop"});
    let refused = world.api.checkout_post(&path, &payment.secret, &body).await;
    assert_eq!(refused.misfits(), ["user_open_id"]);
    assert!(world.gateways.journal("dotwallet", "pay_small_money").await.is_empty());
}

#[tokio::test]
async fn the_callback_answer_has_the_wallets_form() {
    let world = World::start().await;
    let reply = world.api.notify("wallet", "app_id=x&sign=y").await;
    assert!(reply.status.is_client_error());
    assert!(reply.header("content-type").starts_with("application/json"));
    assert_eq!(reply.json(), json!({"code": -1, "msg": "fail", "data": []}));
    let path = "/v1/notifications/wallet?app_id=x&sign=y";
    let reply = world.api.send(world.api.request(Method::GET, path)).await;
    assert!(reply.status.is_client_error());
    assert_eq!(reply.json(), json!({"code": -1, "msg": "fail", "data": []}));
}

/// A payment of this order number that needed two attempts, and the number of the second.
async fn paid_at_the_second_attempt(world: &World, order_id: &str) -> String {
    world.gateways.put_user(keys::DOTWALLET_USER, json!({"balance": 0, "consented": true})).await;
    let payment = world.api.create(&DOTWALLET_AUTOPAY.order(order_id)).await;
    sent_to_consent(world, &payment, "-101001").await;
    world.fill_wallet().await;
    assert_eq!(world.api.confirm(&payment).await["status"], "succeeded");
    let attempts = world.api.payment(&payment.id).await["attempts"].clone();
    attempts[1]["order_no"].as_str().expect("a number").to_owned()
}

#[tokio::test]
async fn a_derived_number_never_meets_an_order_number_of_the_merchants() {
    let first = World::start().await;
    let derived = paid_at_the_second_attempt(&first, "A1").await;
    // The merchant uses the derived number for another order afterwards ...
    let payment = first.api.create(&DOTWALLET_AUTOPAY.order(&derived)).await;
    let view = first.api.confirm(&payment).await;
    assert_eq!(view["status"], "succeeded");
    assert_eq!(first.gateways.orders("dotwallet").await.len(), 2, "two orders, two charges");
    // ... or had used it before.
    let second = World::start().await;
    second.fill_wallet().await;
    let payment = second.api.create(&DOTWALLET_AUTOPAY.order(&derived)).await;
    let other = paid_at_the_second_attempt(&second, "A1").await;
    assert_ne!(other, derived);
    assert_eq!(second.api.confirm(&payment).await["status"], "succeeded");
    let mut numbers: Vec<_> =
        second.gateways.orders("dotwallet").await.iter().map(|order| order["order_no"].clone()).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), 2);
}

#[tokio::test]
async fn pressing_twenty_times_after_consent_charges_once() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&DOTWALLET_AUTOPAY)).await;
    sent_to_consent(&world, &payment, "-101001").await;
    world.fill_wallet().await;
    let presses: Vec<_> = (0..20)
        .map(|_| {
            let (api, payment) = (world.api.clone(), payment.clone());
            tokio::spawn(async move { api.confirm(&payment).await })
        })
        .collect();
    for press in presses {
        let view = press.await.expect("an answer");
        assert!(matches!(view["status"].as_str(), Some("succeeded" | "processing")), "{view}");
    }
    world.api.until_status(&payment.id, "succeeded").await;
    assert_eq!(world.gateways.orders("dotwallet").await.len(), 1);
    assert_eq!(world.gateways.journal("dotwallet", "pay_small_money").await.len(), 2);
}
