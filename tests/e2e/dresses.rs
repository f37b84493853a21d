//! The same messages in every dress that the documents leave open: every method is paid in each of them.

use axum::http::Method;
use countersign_tests::{DOTWALLET_ORDER, JUBAO_WECHAT_H5, Payment, Way, World};
use serde_json::{Value, json};

use crate::gateway_contract::wire::next_action_is_right;
use crate::judge::{names, refused};

/// The dresses of DotWallet, whose answers are never signed, and whose notices are.
fn dotwallet() -> Vec<Value> {
    vec![
        json!({"numbers": "texts", "sign_case": "upper", "notification": "form"}),
        json!({"numbers": "numbers", "transaction": "paytxid", "notification": "json"}),
        json!({"empties": "left_out", "sign_case": "mixed", "notification": "query"}),
        json!({"unknown_fields": true, "transaction": "paytxid", "sign_case": "lower", "notification": "get"}),
        json!({"unknown_fields": true, "numbers": "texts", "empties": "left_out", "notification": "form"}),
    ]
}

/// The dresses of Jubao; its answers are signed here, which the documents say and their samples do not show.
fn jubao() -> Vec<Value> {
    vec![
        json!({"numbers": "texts", "sign_case": "lower", "notification_charset": "plain"}),
        json!({"numbers": "numbers", "envelope": "both", "notification": "json"}),
        json!({"envelope": "ret", "notification": "json", "notification_charset": "plain", "numbers": "texts"}),
        json!({"envelope": "code", "empties": "left_out", "notification": "query"}),
        json!({"unknown_fields": true, "sign_case": "mixed", "notification_charset": "utf8_encode"}),
        json!({"unknown_fields": true, "notification_charset": "plain", "notification": "json"}),
        json!({"unsigned_answers": true, "envelope": "code", "numbers": "texts", "notification": "form"}),
        json!({"unsigned_answers": true, "envelope": "both", "numbers": "numbers", "empties": "left_out"}),
    ]
}

fn blueocean() -> Vec<Value> {
    vec![
        json!({"numbers": "texts", "sign_case": "lower", "alipay_app": "object"}),
        json!({"numbers": "numbers", "envelope": "both", "notification": "json", "alipay_app": "left_out"}),
        json!({"empties": "dropped_before_signing", "envelope": "ret", "notification": "query"}),
        json!({"empties": "dropped_before_signing", "numbers": "texts", "notification": "json"}),
        json!({"empties": "left_out", "sign_case": "mixed", "notification": "form"}),
        json!({"unknown_fields": true, "numbers": "numbers", "alipay_app": "object"}),
        json!({"unknown_fields": true, "empties": "dropped_before_signing", "envelope": "code"}),
        json!({"unsigned_answers": true, "envelope": "both", "numbers": "texts", "notification": "json"}),
        json!({"unsigned_answers": true, "empties": "left_out", "envelope": "ret", "alipay_app": "left_out"}),
    ]
}

/// The dresses of Hicoin; what `code` is in a good answer is written nowhere.
fn hicoin() -> Vec<Value> {
    vec![
        json!({"numbers": "texts", "sign_case": "lower", "notification": "json"}),
        json!({"numbers": "numbers", "success_code": "200", "notification": "json"}),
        json!({"success_code": "SUCCESS", "empties": "left_out", "notification": "query"}),
        json!({"success_code": "", "sign_case": "mixed", "notification": "form"}),
        json!({"unknown_fields": true, "success_code": "1", "numbers": "texts"}),
        json!({"unsigned_answers": true, "unknown_fields": true, "notification": "json"}),
        json!({"unsigned_answers": true, "success_code": "0000", "empties": "left_out"}),
    ]
}

#[tokio::test]
async fn every_method_of_dotwallet_is_paid_in_every_dress() {
    paid_in("dotwallet", dotwallet()).await;
}

#[tokio::test]
async fn every_method_of_jubao_is_paid_in_every_dress() {
    paid_in("jubao", jubao()).await;
}

#[tokio::test]
async fn every_method_of_blueocean_is_paid_in_every_dress() {
    paid_in("blueocean", blueocean()).await;
}

#[tokio::test]
async fn every_method_of_hicoin_is_paid_in_every_dress() {
    paid_in("hicoin", hicoin()).await;
}

async fn paid_in(gateway: &str, dresses: Vec<Value>) {
    // Only the answers and notifications that are asked for here arrive.
    let world = World::with_simulators(
        |settings| settings.set("jubao.sign_answers", true),
        |settings| settings.set("polling.open_s", vec![600]),
    )
    .await;
    world.fill_wallet().await;
    for dress in dresses {
        world.gateways.dress(gateway, &dress).await;
        for way in Way::at(gateway) {
            let order = world.order(&way);
            let payment = world.api.create(&order).await;
            let view = world.api.confirm(&payment).await;
            assert_eq!(view["status"], way.status_when_confirmed(), "{} in {dress}: {view}", way.method);
            let calls = world.gateways.journal(gateway, way.submit).await;
            next_action_is_right(&world, &view, calls.last().expect("a call")).await;
            if way.notifies {
                let order_no = order["order_id"].as_str().expect("a number");
                let replies = world.gateways.pay(gateway, order_no, &json!({})).await;
                assert_eq!(replies, [way.taken()], "{} in {dress}", way.method);
            }
            is_paid(&world, &way, &payment, &dress).await;
        }
        // The journal is read again and again; it need not be long.
        world.gateways.ask(Method::DELETE, "/journal", &Value::Null).await;
    }
}

async fn is_paid(world: &World, way: &Way, payment: &Payment, dress: &Value) {
    let paid = world.api.payment(&payment.id).await;
    assert_eq!(paid["status"], "succeeded", "{} in {dress}: {paid}", way.method);
    let number = payment.body["order_id"].as_str().expect("a number");
    let booked = world.gateways.order(way.gateway, number).await;
    assert_eq!(paid["gateway_order_no"], booked["gateway_order_no"], "{} in {dress}", way.method);
    if matches!(way.gateway, "dotwallet" | "blueocean") {
        assert_eq!(paid["transaction_id"], booked["transaction_id"], "{} in {dress}", way.method);
    }
    assert!(paid["failure"].is_null() && paid["amount_refunded"].is_null(), "{} in {dress}", way.method);
}

#[tokio::test]
async fn bodies_are_written_in_the_format_that_the_account_says() {
    for (gateway, setting, format, content_type) in [
        ("jubao", "accounts.shop.body_format", "json", "application/json"),
        ("dotwallet", "accounts.wallet.body_format", "form", "application/x-www-form-urlencoded"),
    ] {
        let world = World::with(|settings| settings.set(setting, format)).await;
        world.fill_wallet().await;
        for way in Way::at(gateway) {
            let order = world.order(&way);
            let payment = world.api.create(&order).await;
            let view = world.api.confirm(&payment).await;
            assert_eq!(view["status"], way.status_when_confirmed(), "{view}");
            let calls = world.gateways.journal(gateway, way.submit).await;
            let call = calls.last().expect("a call");
            assert_eq!((&call["content_type"], &call["verdict"]), (&json!(content_type), &json!("ok")));
            if way.notifies {
                let order_no = order["order_id"].as_str().expect("a number");
                assert_eq!(world.gateways.pay(gateway, order_no, &json!({})).await, [way.taken()]);
            }
            world.api.until_status(&payment.id, "succeeded").await;
        }
    }
}

#[tokio::test]
async fn a_notification_that_is_signed_by_another_gateways_rule_is_refused() {
    // DotWallet and Jubao sign empty values; whoever drops them has signed another message.
    for way in [DOTWALLET_ORDER, JUBAO_WECHAT_H5] {
        let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
        let order = world.order(&way);
        let payment = world.api.create(&order).await;
        let open = world.api.confirm(&payment).await;
        world.gateways.dress(way.gateway, &json!({"empties": "dropped_before_signing"})).await;
        let order_no = order["order_id"].as_str().expect("a number");
        let replies = world.gateways.pay(way.gateway, order_no, &json!({})).await;
        refused(&replies[0]["status"], &replies[0]["body"], way.failure_text);
        assert_eq!(world.api.payment(&payment.id).await["revision"], open["revision"]);
    }
}

#[tokio::test]
async fn an_answer_that_is_the_documents_broken_sample_is_an_unknown_outcome_until_the_query_tells() {
    let world = World::start().await;
    let way = Way::of("blueocean_alipay_app");
    world.gateways.dress("blueocean", &json!({"alipay_app": "broken"})).await;
    let order = world.order(&way);
    let payment = world.api.create(&order).await;
    let view = world.api.confirm(&payment).await;
    assert_eq!(view["status"], "processing", "a body that is no JSON says nothing: {view}");
    let sync = format!("/v1/payments/{}/sync", payment.id);
    let synced = world.api.post(&sync, &json!({})).await.expect(200);
    assert_eq!(synced["status"], "processing", "the query's answer is as broken: {synced}");
    assert_eq!(world.gateways.journal("blueocean", "pay").await.len(), 1, "it is not ordered again");
    world.gateways.dress("blueocean", &json!({})).await;
    let open = world.api.post(&sync, &json!({})).await.expect(200);
    assert_eq!(open["next_action"]["type"], "native_app", "{open}");
    assert_eq!(names(&open["next_action"]), ["payload", "platform", "type"]);
    let order_no = order["order_id"].as_str().expect("a number");
    assert_eq!(world.gateways.pay("blueocean", order_no, &json!({})).await, [way.taken()]);
    world.api.until_status(&payment.id, "succeeded").await;
}
