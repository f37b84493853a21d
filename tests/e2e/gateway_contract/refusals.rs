//! What a gateway's no means: definite refusals fail, unknown ones are looked up.

use countersign_tests::{Way, World, holds_while, keys};
use serde_json::json;

use super::journey::what_arrived;
use crate::judge::{failure, without_hint};

// Hicoin publishes no code for a bad signature or a busy system, and its numbers elsewhere prove nothing.
super::suite! {
    every way: [
        a_definite_refusal_fails_with_its_reason_in_two_languages,
        a_code_that_no_document_has_is_an_unknown_outcome,
        a_failed_payment_is_not_sent_again,
    ],
    ways that notify: [],
    dotwallet_order_codes at DOTWALLET_ORDER: [
        a_wrong_key_is_the_merchants_to_mend,
        a_refusal_that_another_try_may_mend_is_tried_again_under_another_number,
    ],
    dotwallet_codes at DOTWALLET_AUTOPAY: [
        a_wrong_key_is_the_merchants_to_mend,
        a_refusal_that_another_try_may_mend_is_tried_again_under_another_number,
    ],
    jubao_codes at JUBAO_WECHAT_H5: [
        a_wrong_key_is_the_merchants_to_mend,
        a_refusal_that_another_try_may_mend_is_tried_again_under_another_number,
    ],
    blueocean_codes at BLUEOCEAN_ALIPAY_QRCODE: [
        a_wrong_key_is_the_merchants_to_mend,
        a_refusal_that_another_try_may_mend_is_tried_again_under_another_number,
    ],
}

async fn a_definite_refusal_fails_with_its_reason_in_two_languages(way: Way) {
    let world = World::start().await;
    world.fill_wallet().await;
    let fault = json!({
        "endpoint": way.submit, "fault": "code", "code": way.configuration_code, "message": "refused"
    });
    world.gateways.fault(way.gateway, fault).await;
    let payment = world.api.create(&world.order(&way)).await;
    let view = world.api.confirm(&payment).await;
    assert_eq!(view["status"], "failed");
    failure(&view["failure"], "configuration");
    assert_eq!(view["failure"]["gateway_code"], way.configuration_code.to_string());
    assert!(view["next_action"].is_null());
    let told = world.merchant.until_taken(&payment.id, "payment.failed").await;
    assert_eq!(without_hint(&told.body["data"]["failure"]), view["failure"]);
    assert_eq!(what_arrived(&world, &way).await, (1, 0));
}

async fn a_wrong_key_is_the_merchants_to_mend(way: Way) {
    let variable = match way.gateway {
        "dotwallet" => "DOTWALLET_SECRET",
        "jubao" => "JUBAO_KEY",
        _ => "BLUEOCEAN_KEY",
    };
    let world = World::with(|settings| {
        settings.env.insert(variable.to_owned(), format!("{}-mistyped", keys::JUBAO_KEY));
    })
    .await;
    world.fill_wallet().await;
    let payment = world.api.create(&world.order(&way)).await;
    let view = world.api.confirm(&payment).await;
    assert_eq!(view["status"], "failed");
    failure(&view["failure"], "configuration");
    assert_eq!(view["failure"]["gateway_code"], way.configuration_code.to_string());
    assert_eq!(what_arrived(&world, &way).await, (1, 0));
}

async fn a_code_that_no_document_has_is_an_unknown_outcome(way: Way) {
    let world = World::start().await;
    world.fill_wallet().await;
    for code in [987_654, -987_654] {
        let fault = json!({"endpoint": way.submit, "fault": "code", "code": code, "message": "what is this"});
        world.gateways.fault(way.gateway, fault).await;
    }
    for calls in [1, 2] {
        let payment = world.api.create(&world.order(&way)).await;
        let view = world.api.confirm(&payment).await;
        assert_eq!(view["status"], "processing");
        assert!(view["failure"].is_null() || view["failure"]["class"] == "query", "{view}");
        let started = std::time::Instant::now();
        holds_while(
            "two seconds pass",
            async || assert_eq!(world.api.payment(&payment.id).await["status"], "processing"),
            async || (started.elapsed().as_secs() >= 2).then_some(()),
        )
        .await;
        // Nothing is sent again as long as the first one may have been taken.
        assert_eq!(world.gateways.journal(way.gateway, way.submit).await.len(), calls);
    }
}

async fn a_failed_payment_is_not_sent_again(way: Way) {
    let world = World::start().await;
    world.fill_wallet().await;
    let fault =
        json!({"endpoint": way.submit, "fault": "code", "code": way.configuration_code, "message": "no"});
    world.gateways.fault(way.gateway, fault).await;
    let payment = world.api.create(&world.order(&way)).await;
    let failed = world.api.confirm(&payment).await;
    assert_eq!(failed["status"], "failed");
    let merchant = world.api.post(&format!("/v1/payments/{}/confirm", payment.id), &json!({})).await;
    merchant.problem(409, "not_confirmable");
    let path = format!("/v1/checkout/{}/confirm", payment.id);
    let payer = world.api.checkout_post(&path, &payment.secret, &json!({})).await;
    match payer.status.as_u16() {
        200 => assert_eq!(payer.json(), failed),
        _ => drop(payer.problem(409, "not_confirmable")),
    }
    assert_eq!(what_arrived(&world, &way).await, (1, 0));
}

async fn a_refusal_that_another_try_may_mend_is_tried_again_under_another_number(way: Way) {
    let code = way.retry_code.expect("a gateway with such a code");
    let world = World::start().await;
    world.fill_wallet().await;
    let fault = json!({"endpoint": way.submit, "fault": "code", "code": code, "message": "busy"});
    world.gateways.fault(way.gateway, fault).await;
    let payment = world.api.create(&world.order(&way)).await;
    let failed = world.api.confirm(&payment).await;
    assert_eq!(failed["status"], "failed");
    failure(&failed["failure"], "retry");
    let view = world.api.confirm(&payment).await;
    assert_eq!(view["status"], way.status_when_confirmed());
    assert!(view["failure"].is_null(), "{view}");
    assert_eq!(what_arrived(&world, &way).await, (2, 1));
    let booked = &world.gateways.orders(way.gateway).await[0];
    let attempts = world.api.payment(&payment.id).await["attempts"].clone();
    assert_eq!(attempts[0]["order_no"], payment.body["order_id"]);
    assert_eq!(attempts[1]["order_no"], booked["order_no"]);
    assert_ne!(attempts[0]["order_no"], attempts[1]["order_no"]);
    assert_eq!((&attempts[0]["live"], attempts.as_array().map(Vec::len)), (&json!(false), Some(2)));
    if way.notifies {
        let number = booked["order_no"].as_str().expect("a number");
        let replies = world.gateways.pay(way.gateway, number, &json!({})).await;
        assert_eq!(replies, [way.taken()], "it is known by the new number");
        world.api.until_status(&payment.id, "succeeded").await;
    }
}
