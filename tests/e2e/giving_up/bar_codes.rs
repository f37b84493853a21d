//! A bar code at the till: what comes of it, and that nobody sees it.

use countersign_tests::{BLUEOCEAN_MICROPAY, World, bar_code, eventually, keys};
use serde_json::json;

use super::{at_the_till, calls, order_no, state};
use crate::judge::{failure, names};

#[tokio::test]
async fn a_bar_code_is_paid_at_once_and_goes_out_as_documented() {
    let world = World::start().await;
    let payment = at_the_till(&world, "01").await;
    let view = world.api.confirm(&payment).await;
    assert_eq!(view["status"], "succeeded", "{view}");
    assert!(view["next_action"].is_null());
    let sent = &calls(&world, "pay").await[0];
    assert_eq!(
        names(&sent["fields"]),
        ["appid", "body", "code", "notify_url", "out_trade_no", "payment", "sign", "total_fee"]
    );
    assert_eq!(sent["fields"]["payment"], "micropay");
    assert_eq!(sent["fields"]["code"], bar_code(order_no(&payment), "01"));
    assert!(calls(&world, "reverse").await.is_empty());
}

#[tokio::test]
async fn a_payer_who_types_a_password_is_waited_for() {
    let world = World::start().await;
    let payment = at_the_till(&world, "02").await;
    let view = world.api.confirm(&payment).await;
    assert_eq!(view["status"], "processing", "{view}");
    assert!(view["next_action"].is_null());
    // Pressed again and again, it is one order.
    for _ in 0..5 {
        world.api.confirm(&payment).await;
    }
    let paid = world.api.until_status(&payment.id, "succeeded").await;
    assert_eq!(paid["late"], false);
    assert_eq!(paid["attempts"].as_array().map(Vec::len), Some(1));
    assert_eq!(calls(&world, "pay").await.len(), 1);
    assert!(calls(&world, "query").await.len() >= 2);
    assert!(calls(&world, "reverse").await.is_empty());
    assert_eq!(state(&world, &payment).await, "paid");
}

#[tokio::test]
async fn a_wallet_that_refuses_says_so_at_once_or_later() {
    let world = World::start().await;
    for (outcome, gateway_code, class) in [
        ("04", "PAYERROR", "final"),
        ("06", "PAYERROR", "final"),
        ("07", "40500", "final"),
        ("08", "40111", "payer"),
    ] {
        let payment = at_the_till(&world, outcome).await;
        let view = world.api.confirm(&payment).await;
        let expected = if outcome == "06" { "processing" } else { "failed" };
        assert_eq!(view["status"], expected, "{outcome}: {view}");
        world.api.until_status(&payment.id, "failed").await;
        let view = world.api.confirm(&payment).await;
        failure(&view["failure"], class);
        assert_eq!(view["failure"]["gateway_code"], gateway_code);
        assert_eq!(view["status"], "failed", "pressing again does not charge the same code again");
        assert!(calls(&world, "reverse").await.is_empty(), "nothing to take back");
    }
    assert_eq!(calls(&world, "pay").await.len(), 4);
}

#[tokio::test]
async fn a_code_that_was_used_needs_a_new_payment() {
    let world = World::start().await;
    let first = at_the_till(&world, "01").await;
    assert_eq!(world.api.confirm(&first).await["status"], "succeeded");
    let code = bar_code(order_no(&first), "01");
    let mut order = world.order(&BLUEOCEAN_MICROPAY);
    order["method"]["auth_code"] = json!(code);
    let second = world.api.create(&order).await;
    let view = world.api.confirm(&second).await;
    assert_eq!((&view["status"], &view["failure"]["gateway_code"]), (&json!("failed"), &json!("40111")));
    let third = at_the_till(&world, "01").await;
    assert_eq!(world.api.confirm(&third).await["status"], "succeeded");
}

#[tokio::test]
async fn a_code_that_was_given_while_creating_is_still_there_later() {
    let mut world = World::start().await;
    let payment = at_the_till(&world, "01").await;
    assert_eq!(payment.body["status"], "created");
    assert!(calls(&world, "pay").await.is_empty());
    world.kill_signer().await;
    world.start_signer().await;
    let path = format!("/v1/payments/{}/confirm", payment.id);
    let confirmed = world.api.post(&path, &json!({})).await.expect(200);
    assert_eq!(confirmed["status"], "succeeded", "{confirmed}");
    assert_eq!(calls(&world, "pay").await[0]["fields"]["code"], bar_code(order_no(&payment), "01"));
}

#[tokio::test]
async fn twenty_presses_at_once_charge_a_code_once() {
    let world = World::start().await;
    for outcome in ["01", "02"] {
        let payment = at_the_till(&world, outcome).await;
        let before = calls(&world, "pay").await.len();
        let presses = (0..20).map(|_| {
            let (api, payment) = (world.api.clone(), payment.clone());
            tokio::spawn(async move { api.confirm(&payment).await })
        });
        for press in presses.collect::<Vec<_>>() {
            let view = press.await.expect("an answer");
            assert!(
                ["processing", "succeeded"].contains(&view["status"].as_str().expect("a status")),
                "{view}"
            );
        }
        world.api.until_status(&payment.id, "succeeded").await;
        assert_eq!(calls(&world, "pay").await.len() - before, 1);
    }
}

#[tokio::test]
async fn a_till_that_is_told_of_the_payment_believes_only_the_query() {
    let world = World::start().await;
    world.gateways.switch("blueocean", json!({"micropay_notifies": true})).await;
    let payment = at_the_till(&world, "03").await;
    assert_eq!(world.api.confirm(&payment).await["status"], "processing");
    let replies = world.gateways.pay("blueocean", order_no(&payment), &json!({"book": false})).await;
    assert!(replies.iter().all(|reply| reply["body"] == "SUCCESS"), "{replies:?}");
    assert_eq!(world.api.payment(&payment.id).await["status"], "processing");
    world.gateways.pay("blueocean", order_no(&payment), &json!({})).await;
    world.api.until_status(&payment.id, "succeeded").await;
}

fn holds(hay: &[u8], needle: &str) -> bool {
    hay.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[tokio::test]
async fn a_bar_code_is_in_no_log_no_answer_no_webhook_and_not_in_the_ledger() {
    for format in ["pretty", "json"] {
        let mut world = World::with(|settings| {
            settings.set("log.level", "debug");
            settings.set("log.format", format);
            settings.set("payments.micropay_expires_in_s", 4);
        })
        .await;
        let (mut codes, mut seen) = (Vec::new(), Vec::new());
        for outcome in ["01", "02", "03", "04", "05", "06", "07", "08", "echo"] {
            let mut order = world.order(&BLUEOCEAN_MICROPAY);
            let order_id = order["order_id"].as_str().expect("a number").to_owned();
            let code = bar_code(&order_id, if outcome == "echo" { "01" } else { outcome });
            order["method"]["auth_code"] = json!(code);
            if outcome == "echo" {
                // A gateway may repeat in its words what it was sent.
                let said = format!("支付授权码 {code} 已使用");
                let fault = json!({"endpoint": "pay", "fault": "code", "code": 40111, "message": said});
                world.gateways.fault("blueocean", fault).await;
            }
            let payment = world.api.create(&order).await;
            seen.push(payment.body.to_string());
            seen.push(world.api.post("/v1/payments", &order).await.text);
            seen.push(world.api.confirm(&payment).await.to_string());
            seen.push(world.api.payment(&payment.id).await.to_string());
            let path = format!("/v1/payments/{}", payment.id);
            seen.push(world.api.post(&format!("{path}/sync"), &json!({})).await.text);
            let mut wrong = order.clone();
            wrong["subject"] = json!("another");
            seen.push(world.api.post("/v1/payments", &wrong).await.text);
            wrong["method"]["auth_code"] = json!(format!("{code}x"));
            wrong["order_id"] = json!(format!("{order_id}x"));
            seen.push(world.api.post("/v1/payments", &wrong).await.text);
            codes.push(code);
        }
        eventually("something was taken back, too", async || {
            (!calls(&world, "reverse").await.is_empty()).then_some(())
        })
        .await;
        seen.extend(world.metrics().await);
        seen.push(json!(world.api.events().await).to_string());
        seen.push(world.api.get("/v1/payments?limit=100").await.text);
        world.stop_signer().await;
        let (logs, kept) = (world.said(), world.kept().await);
        assert!(logs.contains("pay_") && !logs.contains(keys::API_KEY));
        for code in &codes {
            let line = logs.lines().find(|line| line.contains(code.as_str()));
            assert!(line.is_none(), "in the log: {line:?}");
            for answer in &seen {
                assert!(!answer.contains(code.as_str()), "in an answer: {answer}");
            }
            for webhook in world.merchant.all() {
                assert!(!holds(&webhook.raw, code), "in a webhook: {}", webhook.body);
            }
            for kept in &kept {
                assert!(!holds(&kept.bytes, code), "in {}", kept.place);
            }
        }
    }
}
