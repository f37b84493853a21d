//! Money that does not fit: another amount, another currency, money that comes for a payment that was given up.

use countersign_tests::{Way, World};
use serde_json::{Value, json};

// Jubao's messages name no currency, and Hicoin's document knows no refund.
super::suite! {
    every way: [],
    ways that notify: [
        another_amount_is_for_a_person_to_look_at,
        another_amount_that_only_the_notification_names_is_for_a_person_to_look_at,
        another_amount_that_only_the_query_tells_is_for_a_person_to_look_at,
        money_for_a_canceled_payment_is_for_a_person_to_look_at,
        giving_up_while_the_money_comes_loses_none_of_it,
    ],
    blueocean_currency at BLUEOCEAN_ALIPAY_QRCODE: [another_currency_is_for_a_person_to_look_at],
    hicoin_currency at HICOIN_H5: [another_currency_is_for_a_person_to_look_at],
    jubao_refund at JUBAO_WECHAT_H5: [a_refund_at_the_gateway_is_learnt_by_asking],
    blueocean_refund at BLUEOCEAN_ALIPAY_QRCODE: [a_refund_at_the_gateway_is_learnt_by_asking],
}

/// A payment whose payer was sent to pay, and its order number.
async fn open_payment(world: &World, way: &Way) -> (String, String) {
    let order = world.order(way);
    let payment = world.api.create(&order).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    (payment.id, order["order_id"].as_str().expect("an order number").to_owned())
}

async fn is_for_review(world: &World, id: &str) {
    let payment = world.api.until_status(id, "review").await;
    assert!(payment["next_action"].is_null(), "{payment}");
    let told = world.merchant.until_taken(id, "payment.review").await;
    assert_eq!(told.body["data"]["status"], "review");
    assert!(world.merchant.about(id).iter().all(|webhook| webhook.body["type"] != "payment.succeeded"));
    // Nobody can pay or give up what a person has to look at.
    let confirm = world.api.post(&format!("/v1/payments/{id}/confirm"), &json!({})).await;
    confirm.problem(409, "not_confirmable");
    let cancel = world.api.post(&format!("/v1/payments/{id}/cancel"), &json!({})).await;
    cancel.problem(409, "not_cancelable");
}

async fn paid_with(way: Way, how: Value) {
    let world = World::start().await;
    let (id, order_no) = open_payment(&world, &way).await;
    let replies = world.gateways.pay(way.gateway, &order_no, &how).await;
    if how["notify"] != json!(false) {
        assert_eq!(replies, [way.taken()], "true, and kept");
    }
    is_for_review(&world, &id).await;
}

async fn another_amount_is_for_a_person_to_look_at(way: Way) {
    paid_with(way, json!({"amount": 999})).await;
}

async fn another_amount_that_only_the_notification_names_is_for_a_person_to_look_at(way: Way) {
    paid_with(way, json!({"amount": 1001, "book": false})).await;
}

async fn another_amount_that_only_the_query_tells_is_for_a_person_to_look_at(way: Way) {
    paid_with(way, json!({"amount": 1, "notify": false})).await;
}

async fn another_currency_is_for_a_person_to_look_at(way: Way) {
    paid_with(way, json!({"currency": "BTC"})).await;
}

async fn money_for_a_canceled_payment_is_for_a_person_to_look_at(way: Way) {
    let world = World::start().await;
    let (id, order_no) = open_payment(&world, &way).await;
    let canceled = world.api.post(&format!("/v1/payments/{id}/cancel"), &json!({})).await.expect(200);
    assert_eq!(canceled["status"], "canceled");
    assert!(canceled["next_action"].is_null());
    let replies = world.gateways.pay(way.gateway, &order_no, &json!({})).await;
    assert_eq!(replies, [way.taken()]);
    is_for_review(&world, &id).await;
}

async fn a_refund_at_the_gateway_is_learnt_by_asking(way: Way) {
    let world = World::start().await;
    let (id, order_no) = open_payment(&world, &way).await;
    world.gateways.pay(way.gateway, &order_no, &json!({})).await;
    world.api.until_status(&id, "succeeded").await;
    world
        .gateways
        .ask(axum::http::Method::POST, &format!("/{}/orders/{order_no}/refund", way.gateway), &json!({}))
        .await;
    let synced = world.api.post(&format!("/v1/payments/{id}/sync"), &json!({})).await.expect(200);
    assert_eq!(synced["status"], "refunded");
    world.merchant.until_taken(&id, "payment.refunded").await;
    // The gateway's late "paid" does not take the refund back.
    let replies = world.gateways.pay(way.gateway, &order_no, &json!({"book": false})).await;
    assert_eq!(replies, [way.taken()]);
    assert_eq!(world.api.payment(&id).await["status"], "refunded");
}

async fn giving_up_while_the_money_comes_loses_none_of_it(way: Way) {
    let world = World::start().await;
    let races: Vec<_> = (0..10)
        .map(async |_| {
            let (id, order_no) = open_payment(&world, &way).await;
            let (cancel, how) = (format!("/v1/payments/{id}/cancel"), json!({}));
            let (canceled, replies) =
                tokio::join!(world.api.post(&cancel, &how), world.gateways.pay(way.gateway, &order_no, &how));
            assert_eq!(replies, [way.taken()]);
            let expected = if canceled.status == 200 { "review" } else { "succeeded" };
            if canceled.status != 200 {
                canceled.problem(409, "not_cancelable");
            }
            world.api.until_status(&id, expected).await;
        })
        .collect();
    for race in races {
        race.await;
    }
}
