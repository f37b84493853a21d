//! What a merchant can choose for an account, and how the gateway then sees it.

use countersign_tests::{Way, World};
use serde_json::json;

super::suite! {
    every way: [],
    ways that notify: [a_merchant_who_trusts_notifications_needs_no_query],
    jubao_body at JUBAO_WECHAT_H5: [jubao_takes_json_where_that_is_chosen],
    jubao_answers at JUBAO_WECHAT_H5: [answers_that_jubao_signs_are_verified],
}

async fn a_merchant_who_trusts_notifications_needs_no_query(way: Way) {
    let world = World::with(|settings| {
        settings.set(&format!("accounts.{}.trust_notifications", way.account), true);
        settings.set("polling.open_s", vec![600]);
    })
    .await;
    let order = world.order(&way);
    let payment = world.api.create(&order).await;
    world.api.confirm(&payment).await;
    let order_no = order["order_id"].as_str().expect("an order number");
    let replies = world.gateways.pay(way.gateway, order_no, &json!({"forge": true})).await;
    assert!(replies[0]["status"].as_u64().is_some_and(|status| (400..500).contains(&status)), "{replies:?}");
    assert_eq!(world.api.payment(&payment.id).await["status"], "requires_action");
    let replies = world.gateways.pay(way.gateway, order_no, &json!({})).await;
    assert_eq!(replies, [way.taken()]);
    let paid = world.api.payment(&payment.id).await;
    assert_eq!(paid["status"], "succeeded");
    let booked = world.gateways.order(way.gateway, order_no).await;
    assert_eq!(paid["gateway_order_no"], booked["gateway_order_no"]);
    assert!(world.gateways.journal(way.gateway, way.query).await.is_empty());
}

async fn jubao_takes_json_where_that_is_chosen(way: Way) {
    let world = World::with(|settings| settings.set("accounts.shop.body_format", "json")).await;
    let order = world.order(&way);
    let payment = world.api.create(&order).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    let calls = world.gateways.journal(way.gateway, way.submit).await;
    assert_eq!((&calls[0]["content_type"], &calls[0]["verdict"]), (&json!("application/json"), &json!("ok")));
    world.gateways.pay(way.gateway, order["order_id"].as_str().expect("a number"), &json!({})).await;
    world.api.until_status(&payment.id, "succeeded").await;
}

async fn answers_that_jubao_signs_are_verified(way: Way) {
    let world = World::with_simulators(|settings| settings.set("jubao.sign_answers", true), |_| {}).await;
    let order = world.order(&way);
    let payment = world.api.create(&order).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    let fault = json!({"endpoint": "query", "fault": "bad_sign", "times": 2});
    world.gateways.fault(way.gateway, fault).await;
    let order_no = order["order_id"].as_str().expect("a number");
    world.gateways.pay(way.gateway, order_no, &json!({"notify": false})).await;
    let sync = format!("/v1/payments/{}/sync", payment.id);
    let synced = world.api.post(&sync, &json!({})).await.expect(200);
    assert_ne!(synced["status"], "succeeded", "an answer with a wrong signature proves nothing");
    world.api.until_status(&payment.id, "succeeded").await;
}
