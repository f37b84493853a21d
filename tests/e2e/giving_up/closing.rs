//! Orders that wait for a payer are closed at the gateway, so that nobody pays them later.

use countersign_tests::{Browser, HICOIN_H5, JUBAO_WECHAT_H5, World, eventually, holds_while};
use serde_json::json;

use super::{calls, cancel, hurried, open, order_no, state, sync};
use crate::judge::names;

#[tokio::test]
async fn a_canceled_order_is_closed_and_cannot_be_paid() {
    let world = World::start().await;
    let payment = open(&world).await;
    let qr = world.api.payment(&payment.id).await["next_action"]["text"].as_str().expect("a code").to_owned();
    let canceled = cancel(&world, &payment).await.expect(200);
    assert_eq!(canceled["status"], "canceled");
    assert!(canceled["next_action"].is_null());
    let closings = calls(&world, "close").await;
    assert_eq!(closings.len(), 1);
    assert_eq!(names(&closings[0]["fields"]), ["appid", "sign", "sn"]);
    let order = world.gateways.order("blueocean", order_no(&payment)).await;
    assert_eq!(closings[0]["fields"]["sn"], order["gateway_order_no"]);
    assert_eq!(order["status"], "closed");
    let page = Browser::default().open(&qr).await;
    assert!(!page.text.contains("id=\"pay\""), "{}", page.text);
    world.merchant.until_taken(&payment.id, "payment.canceled").await;
    // Again is the same, and asks nobody.
    assert_eq!(cancel(&world, &payment).await.expect(200)["revision"], canceled["revision"]);
    assert_eq!(calls(&world, "close").await.len(), 1);
}

#[tokio::test]
async fn an_order_whose_time_is_over_is_closed() {
    let world = hurried().await;
    let payment = open(&world).await;
    let expired = world.api.until_status(&payment.id, "expired").await;
    assert_eq!(state(&world, &payment).await, "closed");
    assert_eq!(calls(&world, "close").await.len(), 1);
    assert!(expired["updated_at"].as_str() >= expired["expires_at"].as_str());
    world.merchant.until_taken(&payment.id, "payment.expired").await;
    cancel(&world, &payment).await.problem(409, "not_cancelable");
}

#[tokio::test]
async fn an_order_that_was_never_submitted_is_not_closed_anywhere() {
    let world = hurried().await;
    let payment = world.api.create(&world.order(&countersign_tests::BLUEOCEAN_ALIPAY_QRCODE)).await;
    assert_eq!(cancel(&world, &payment).await.expect(200)["status"], "canceled");
    let payment = world.api.create(&world.order(&countersign_tests::BLUEOCEAN_ALIPAY_QRCODE)).await;
    world.api.until_status(&payment.id, "expired").await;
    assert!(calls(&world, "close").await.is_empty() && calls(&world, "query").await.is_empty());
}

#[tokio::test]
async fn an_order_that_was_paid_meanwhile_is_not_canceled() {
    let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
    let payment = open(&world).await;
    world.gateways.pay("blueocean", order_no(&payment), &json!({"notify": false})).await;
    assert_eq!(world.api.payment(&payment.id).await["status"], "requires_action", "nobody has said so yet");
    cancel(&world, &payment).await.problem(409, "not_cancelable");
    assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded");
    assert!(calls(&world, "close").await.is_empty());
    assert_eq!(state(&world, &payment).await, "paid");
}

#[tokio::test]
async fn an_order_that_was_paid_when_its_time_is_over_is_not_expired() {
    let world = World::with(|settings| {
        settings.set("payments.expires_in_s", 4);
        settings.set("polling.open_s", vec![600]);
    })
    .await;
    let payment = open(&world).await;
    world.gateways.pay("blueocean", order_no(&payment), &json!({"notify": false})).await;
    let paid = world.api.until_status(&payment.id, "succeeded").await;
    assert_eq!(paid["late"], false, "{paid}");
    assert!(calls(&world, "close").await.is_empty());
}

#[tokio::test]
async fn a_closing_that_is_not_answered_leaves_the_payment_as_it_is() {
    let world = World::start().await;
    for (fault, booked) in [
        ("hang", false),
        ("hang_after", true),
        ("drop_before", false),
        ("drop_after", true),
        ("status_500_before", false),
        ("status_500_after", true),
        ("garbage_after", true),
    ] {
        let payment = open(&world).await;
        world.gateways.fault("blueocean", json!({"endpoint": "close", "fault": fault})).await;
        cancel(&world, &payment).await.problem(409, "not_cancelable");
        let after = world.api.payment(&payment.id).await;
        if !booked {
            assert_eq!(after["status"], "requires_action", "{fault}: {after}");
            assert!(!after["next_action"].is_null(), "it can be paid still: {after}");
            assert_eq!(cancel(&world, &payment).await.expect(200)["status"], "canceled", "{fault}");
        } else {
            // The gateway did close it: whoever asks learns that.
            assert_eq!(state(&world, &payment).await, "closed");
            let known = world.api.until_status(&payment.id, "expired").await;
            assert!(known["next_action"].is_null());
        }
        assert_eq!(state(&world, &payment).await, "closed", "{fault}");
    }
}

#[tokio::test]
async fn a_refusal_to_close_is_looked_into() {
    let world = World::start().await;
    // Paid, it says, but the order is not: nobody can tell, so it stays.
    for code in [40101, 40100, 4004, 40600, 77_777] {
        let payment = open(&world).await;
        let fault = json!({"endpoint": "close", "fault": "code", "code": code, "message": "no"});
        world.gateways.fault("blueocean", fault).await;
        cancel(&world, &payment).await.problem(409, "not_cancelable");
        assert_eq!(world.api.payment(&payment.id).await["status"], "requires_action", "{code}");
        assert_eq!(cancel(&world, &payment).await.expect(200)["status"], "canceled");
    }
    // Closed or reversed before: that is what was wanted.
    for code in [40103, 40104] {
        let payment = open(&world).await;
        let fault = json!({"endpoint": "close", "fault": "code", "code": code, "message": "no"});
        world.gateways.fault("blueocean", fault).await;
        let reply = cancel(&world, &payment).await;
        assert!(reply.status == 200 || reply.status == 409, "{}", reply.text);
        let status = world.api.payment(&payment.id).await["status"].clone();
        assert!(status == "canceled" || status == "expired", "{code}: {status}");
    }
}

#[tokio::test]
async fn money_that_comes_in_while_an_order_is_closed_is_not_lost() {
    let world = World::start().await;
    let payment = open(&world).await;
    // The gateway says "closed", and in the same moment that it was paid.
    let fault = json!({"endpoint": "close", "fault": "notify_before_answer"});
    world.gateways.fault("blueocean", fault).await;
    let reply = cancel(&world, &payment).await;
    assert!(reply.status == 200 || reply.status == 409, "{}", reply.text);
    let found = eventually("somebody is told of the money", async || {
        let now = world.api.payment(&payment.id).await;
        ["review", "succeeded"].contains(&now["status"].as_str().unwrap_or_default()).then_some(now)
    })
    .await;
    assert!(!found["paid_at"].is_null() || found["status"] == "review", "{found}");
}

#[tokio::test]
async fn an_expired_order_that_could_not_be_closed_is_still_watched() {
    let world = hurried().await;
    let payment = open(&world).await;
    let fault = json!({"endpoint": "close", "fault": "status_500_before", "times": 1000});
    world.gateways.fault("blueocean", fault).await;
    let asked = calls(&world, "close").await.len();
    eventually("the signer tries to close it", async || {
        (calls(&world, "close").await.len() > asked).then_some(())
    })
    .await;
    world.gateways.pay("blueocean", order_no(&payment), &json!({"notify": false})).await;
    let paid = world.api.until_status(&payment.id, "succeeded").await;
    assert_eq!(paid["amount"]["value"], 1000);
}

#[tokio::test]
async fn a_gateway_that_cannot_be_asked_is_not_told_to_close() {
    let world = hurried().await;
    let payment = open(&world).await;
    let fault = json!({"endpoint": "query", "fault": "status_500_before", "times": 1000});
    world.gateways.fault("blueocean", fault).await;
    cancel(&world, &payment).await.problem(409, "not_cancelable");
    let asked = calls(&world, "query").await.len();
    holds_while(
        "the signer keeps asking, past the end too",
        async || {
            let now = world.api.payment(&payment.id).await["status"].clone();
            assert!(now == "requires_action" || now == "processing", "{now}");
        },
        async || (calls(&world, "query").await.len() > asked + 8).then_some(()),
    )
    .await;
    assert!(calls(&world, "close").await.is_empty(), "what may have been paid is not closed");
    world.gateways.clear_faults("blueocean").await;
    world.api.until_status(&payment.id, "expired").await;
    assert_eq!(state(&world, &payment).await, "closed");
}

#[tokio::test]
async fn a_payment_whose_last_question_takes_long_is_for_a_person() {
    let world = World::with(|settings| {
        settings.set("payments.expires_in_s", 4);
        settings.set("polling.settling_s", vec![2]);
    })
    .await;
    world.gateways.fault("blueocean", json!({"endpoint": "pay", "fault": "drop_after"})).await;
    // The question begins while there is time to ask again, and ends when there is none.
    world.gateways.fault("blueocean", json!({"endpoint": "query", "fault": "hang", "times": 1000})).await;
    let payment = world.api.create(&world.order(&countersign_tests::BLUEOCEAN_ALIPAY_QRCODE)).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "processing");
    world.api.until_status(&payment.id, "review").await;
}

#[tokio::test]
async fn a_closing_after_a_power_cut_is_made_up_for() {
    let mut world = hurried().await;
    let payment = open(&world).await;
    world.kill_signer().await;
    world.start_signer().await;
    world.api.until_status(&payment.id, "expired").await;
    assert_eq!(state(&world, &payment).await, "closed");
}

#[tokio::test]
async fn twenty_cancels_and_confirms_at_once_end_in_one_state() {
    let world = World::start().await;
    let payment = open(&world).await;
    let tasks: Vec<_> = (0..20)
        .map(|turn| {
            let (api, payment) = (world.api.clone(), payment.clone());
            tokio::spawn(async move {
                if turn % 2 == 0 {
                    let path = format!("/v1/payments/{}/cancel", payment.id);
                    api.post(&path, &json!({})).await.status.as_u16()
                } else {
                    let path = format!("/v1/checkout/{}/confirm", payment.id);
                    api.checkout_post(&path, &payment.secret, &json!({})).await.status.as_u16()
                }
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.expect("an answer"), 200);
    }
    assert_eq!(world.api.payment(&payment.id).await["status"], "canceled");
    assert_eq!(calls(&world, "close").await.len(), 1);
    assert_eq!(calls(&world, "pay").await.len(), 1);
}

#[tokio::test]
async fn gateways_that_close_nothing_are_asked_and_then_left() {
    let world = World::start().await;
    for way in [JUBAO_WECHAT_H5, HICOIN_H5] {
        let payment = world.api.create(&world.order(&way)).await;
        world.api.confirm(&payment).await;
        assert_eq!(cancel(&world, &payment).await.expect(200)["status"], "canceled");
        assert!(!world.gateways.journal(way.gateway, way.query).await.is_empty());
        // Money that comes all the same is for a person.
        world.gateways.pay(way.gateway, order_no(&payment), &json!({})).await;
        world.api.until_status(&payment.id, "review").await;
        assert_eq!(sync(&world, &payment).await["status"], "review");
    }
}
