//! Refunds that are not made, and why.

use countersign_tests::{BLUEOCEAN_ALIPAY_QRCODE, DOTWALLET_AUTOPAY, HICOIN_H5, JUBAO_WECHAT_H5, Way, World};
use serde_json::{Value, json};

use super::{BOTH, asked, booked, id, look_up, order_no, paid, part, refund};

#[tokio::test]
async fn a_body_that_does_not_fit_is_refused_with_every_field() {
    let world = World::start().await;
    for way in BOTH {
        let payment = paid(&world, &way).await;
        let amount = |value: Value| json!({"amount": {"value": value, "currency": way.currency}});
        for value in
            [json!(0), json!(-1), json!(1.5), json!("100"), json!(null), json!(9_007_199_254_740_992_i64)]
        {
            assert_eq!(
                refund(&world, &payment, &amount(value.clone())).await.misfits(),
                ["amount.value"],
                "{value}"
            );
        }
        assert_eq!(refund(&world, &payment, &amount(json!(1001))).await.misfits(), ["amount.value"]);
        let other = if way.currency == "HKD" { "USD" } else { "BTC" };
        let wrong = json!({"amount": {"value": 1, "currency": other}});
        assert_eq!(refund(&world, &payment, &wrong).await.misfits(), ["amount.currency"]);
        let all =
            json!({"amount": {"value": 0, "currency": other}, "reason": 7, "refund_id": "", "note": "x"});
        let misfits = refund(&world, &payment, &all).await.misfits();
        for field in ["amount.currency", "amount.value", "note", "reason"] {
            assert!(misfits.contains(&field.to_owned()), "{field}: {misfits:?}");
        }
        for body in [json!([]), json!("all"), json!(null)] {
            assert_eq!(refund(&world, &payment, &body).await.status, 422, "{body}");
        }
        let request = world.api.merchant_post(&super::refunds_path(&payment), "{\"amount\":");
        world.api.send(request).await.problem(400, "invalid_json");
        assert_eq!(asked(&world, &way).await, 0);
        assert_eq!(world.api.payment(&payment.id).await["refunds"], json!([]));
    }
}

#[tokio::test]
async fn more_than_is_left_is_refused() {
    let world = World::start().await;
    for way in BOTH {
        let payment = paid(&world, &way).await;
        refund(&world, &payment, &part(&way, 600)).await.expect(201);
        let problem = refund(&world, &payment, &part(&way, 401)).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "above_refundable", "{problem}");
        assert_eq!(problem["errors"][0]["field"], "amount.value");
        refund(&world, &payment, &part(&way, 400)).await.expect(201);
        assert_eq!(asked(&world, &way).await, 2);
    }
}

#[tokio::test]
async fn what_was_not_paid_is_not_given_back() {
    let world = World::start().await;
    for way in BOTH {
        let payment = world.api.create(&world.order(&way)).await;
        refund(&world, &payment, &json!({})).await.problem(409, "not_refundable");
        world.api.confirm(&payment).await;
        refund(&world, &payment, &json!({})).await.problem(409, "not_refundable");
        let path = format!("/v1/payments/{}/cancel", payment.id);
        assert_eq!(world.api.post(&path, &json!({})).await.expect(200)["status"], "canceled");
        refund(&world, &payment, &json!({})).await.problem(409, "not_refundable");
        world
            .gateways
            .fault(
                way.gateway,
                json!({"endpoint": way.submit, "fault": "code", "code": way.configuration_code}),
            )
            .await;
        let failed = world.api.create(&world.order(&way)).await;
        assert_eq!(world.api.confirm(&failed).await["status"], "failed");
        refund(&world, &failed, &json!({})).await.problem(409, "not_refundable");
        assert_eq!(asked(&world, &way).await, 0);
    }
}

#[tokio::test]
async fn money_that_came_for_a_canceled_payment_can_be_given_back() {
    let world = World::start().await;
    let way = HICOIN_H5;
    let payment = world.api.create(&world.order(&way)).await;
    world.api.confirm(&payment).await;
    let path = format!("/v1/payments/{}/cancel", payment.id);
    world.api.post(&path, &json!({})).await.expect(200);
    world.gateways.pay("hicoin", order_no(&payment), &json!({})).await;
    world.api.until_status(&payment.id, "review").await;
    assert_eq!(refund(&world, &payment, &json!({})).await.expect(201)["status"], "succeeded");
    assert_eq!(world.api.payment(&payment.id).await["status"], "refunded");
}

#[tokio::test]
async fn gateways_without_a_refund_say_so() {
    let world = World::start().await;
    world.fill_wallet().await;
    for method in
        ["dotwallet_autopay", "dotwallet_order", "jubao_wechat_h5", "jubao_alipay_wap", "jubao_channel"]
    {
        let way = Way::of(method);
        let payment = world.api.create(&world.order(&way)).await;
        let problem = refund(&world, &payment, &json!({})).await.problem(422, "not_supported");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(way.gateway)), "{problem}");
        world.api.confirm(&payment).await;
        if way.notifies {
            world.gateways.pay(way.gateway, order_no(&payment), &json!({})).await;
        }
        let paid = world.api.until_status(&payment.id, "succeeded").await;
        refund(&world, &payment, &json!({})).await.problem(422, "not_supported");
        refund(&world, &payment, &part(&way, 1)).await.problem(422, "not_supported");
        let after = world.api.payment(&payment.id).await;
        assert_eq!((&after["revision"], &after["refunds"]), (&paid["revision"], &json!([])));
    }
    assert_ne!(DOTWALLET_AUTOPAY.gateway, JUBAO_WECHAT_H5.gateway);
}

/// Asserts that a refund failed and says why, then makes another one that succeeds.
async fn failed_and_then_not(
    world: &World,
    way: &Way,
    amount: i64,
    code: &str,
    mend: impl AsyncFnOnce(),
) -> Value {
    let payment = paid(world, way).await;
    let before = booked(world, way, &payment).await.len();
    let made = refund(world, &payment, &part(way, amount)).await.expect(201);
    assert_eq!(made["status"], "failed", "{code}: {made}");
    let failure = &made["failure"];
    assert_eq!(failure["gateway_code"].as_str().unwrap_or_default(), code, "{made}");
    for text in [&failure["message"]["en"], &failure["message"]["zh"], &failure["hint"], &failure["code"]] {
        assert!(text.as_str().is_some_and(|text| !text.is_empty()), "{made}");
    }
    assert_eq!(look_up(&world.api, &payment, id(&made)).await, made);
    let after = world.api.payment(&payment.id).await;
    assert_eq!(after["status"], "succeeded", "the payment itself is as it was");
    assert!(after["amount_refunded"].is_null() && after["failure"].is_null(), "{after}");
    mend().await;
    let again = refund(world, &payment, &json!({})).await.expect(201);
    assert_eq!(again["status"], "succeeded", "{code}: {again}");
    assert_eq!(again["amount"]["value"], 1000);
    let now = booked(world, way, &payment).await;
    let last = now.last().expect("a refund").clone();
    assert_eq!(last, (format!("{}f2", order_no(&payment)), 1000), "under a number of its own");
    assert!(now.len() - before <= 2);
    assert_eq!(super::told(world, &payment, "payment.refunded", 1).await.len(), 1, "only what went back");
    made
}

#[tokio::test]
async fn blueoceans_refusals_end_a_refund_and_another_may_follow() {
    let world = World::start().await;
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    for (trouble, usual, amount, code) in [
        (json!({"refund_period_over": true}), json!({"refund_period_over": false}), 1000, "40108"),
        (json!({"merchant_balance": 10}), json!({"merchant_balance": null}), 11, "40107"),
        (json!({"alipay_partial_refunds": false}), json!({"alipay_partial_refunds": true}), 999, "492003"),
        (json!({"refund_status": "closed"}), json!({"refund_status": "succeeded"}), 400, "REFUNDCLOSE"),
    ] {
        world.gateways.switch("blueocean", trouble).await;
        let mend = async || world.gateways.switch("blueocean", usual).await;
        failed_and_then_not(&world, &way, amount, code, mend).await;
    }
    for code in [4003, 4004, 40100, 40103, 40104, 40109, 491_002, 490_001] {
        let fault = json!({"endpoint": "refund", "fault": "code", "code": code, "message": "no"});
        let payment = world.api.create(&world.order(&way)).await;
        drop(payment);
        world.gateways.fault("blueocean", fault).await;
        failed_and_then_not(&world, &way, 400, &code.to_string(), async || {}).await;
    }
}

#[tokio::test]
async fn hicoins_refusals_end_a_refund_and_another_may_follow() {
    let world = World::start().await;
    let way = HICOIN_H5;
    world.gateways.switch("hicoin", json!({"business_balance": 10})).await;
    let mend = async || world.gateways.switch("hicoin", json!({"business_balance": null})).await;
    let made = failed_and_then_not(&world, &way, 400, "110043", mend).await;
    assert_eq!(made["failure"]["class"], "configuration");
    world.gateways.switch("hicoin", json!({"ip_allowed": false})).await;
    let mend = async || world.gateways.switch("hicoin", json!({"ip_allowed": true})).await;
    let made = failed_and_then_not(&world, &way, 400, "100007", mend).await;
    assert_eq!(made["failure"]["code"], "base_token_refused");
    let failed = json!({"transfer_status": "FAILED", "transfer_reason": "账户已冻结"});
    world.gateways.switch("hicoin", failed).await;
    let mend = async || {
        world.gateways.switch("hicoin", json!({"transfer_status": "SUCCESS", "transfer_reason": ""})).await;
    };
    let made = failed_and_then_not(&world, &way, 400, "", mend).await;
    assert_eq!(made["failure"]["code"], "transfer_failed");
    assert!(made["failure"]["hint"].as_str().is_some_and(|hint| hint.contains("账户已冻结")), "{made}");
    assert!(!made["failure"]["message"].to_string().contains("账户已冻结"), "{made}");
}

#[tokio::test]
async fn an_account_that_gives_back_as_a_whole_only_is_not_asked_for_parts() {
    let world = World::with(|settings| settings.set("accounts.hk.alipay_partial_refunds", false)).await;
    world.gateways.switch("blueocean", json!({"alipay_partial_refunds": false})).await;
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    let payment = paid(&world, &way).await;
    let problem = refund(&world, &payment, &part(&way, 999)).await.problem(422, "invalid_request");
    assert_eq!(problem["errors"][0]["code"], "whole_only", "{problem}");
    assert_eq!(asked(&world, &way).await, 0);
    assert_eq!(refund(&world, &payment, &part(&way, 1000)).await.expect(201)["status"], "succeeded");
    let wechat = Way::of("blueocean_wechat_qrcode");
    let payment = paid(&world, &wechat).await;
    assert_eq!(refund(&world, &payment, &part(&wechat, 999)).await.expect(201)["status"], "succeeded");
}

#[tokio::test]
async fn a_refund_password_goes_out_and_is_never_seen() {
    let password = "journey-refund-password-1f7a";
    let mut world = World::with(|settings| {
        settings.set("accounts.hk.refund_password", "env:REFUND_PASSWORD");
        settings.env.insert("REFUND_PASSWORD".to_owned(), password.to_owned());
        settings.set("log.level", "debug");
    })
    .await;
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    let payment = paid(&world, &way).await;
    let made = refund(&world, &payment, &part(&way, 1)).await;
    assert_eq!(made.expect(201)["status"], "succeeded");
    let sent = &world.gateways.journal("blueocean", "refund").await[0];
    assert_eq!(sent["fields"]["password"], password);
    let fault =
        json!({"endpoint": "refund", "fault": "code", "code": 40100, "message": format!("bad {password}")});
    world.gateways.fault("blueocean", fault).await;
    let failed = refund(&world, &payment, &part(&way, 1)).await;
    assert_eq!(failed.expect(201)["status"], "failed");
    let metrics = world.metrics().await.concat();
    world.stop_signer().await;
    for text in [made.text, failed.text, metrics, world.said()] {
        assert!(!text.contains(password), "{text}");
    }
}
