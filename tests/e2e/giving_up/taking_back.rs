//! What a till gives up is reversed: whatever was taken meanwhile goes back, and what was paid in time stays.

use countersign_tests::{BLUEOCEAN_MICROPAY, World, eventually};
use serde_json::json;

use super::{at_the_till, calls, cancel, hurried, order_no, state, sync};
use crate::judge::names;

#[tokio::test]
async fn a_payer_who_never_types_the_password_is_given_up() {
    let world = hurried().await;
    for outcome in ["03", "05"] {
        let before = calls(&world, "reverse").await.len();
        let payment = at_the_till(&world, outcome).await;
        assert_eq!(world.api.confirm(&payment).await["status"], "processing");
        let expired = world.api.until_status(&payment.id, "expired").await;
        assert!(expired["paid_at"].is_null() && expired["failure"].is_null(), "{expired}");
        let reversals = calls(&world, "reverse").await;
        assert_eq!(reversals.len() - before, 1, "{outcome}");
        let sent = names(&reversals[before]["fields"]);
        assert!(sent == ["appid", "sign", "sn"] || sent == ["appid", "out_trade_no", "sign"], "{sent:?}");
        assert_eq!(state(&world, &payment).await, "revoked", "{outcome}");
        world.merchant.until_taken(&payment.id, "payment.expired").await;
        let path = format!("/v1/payments/{}/confirm", payment.id);
        world.api.post(&path, &json!({})).await.problem(409, "not_confirmable");
    }
    assert!(calls(&world, "close").await.is_empty(), "a till's order is reversed, not closed");
}

#[tokio::test]
async fn what_was_paid_unseen_goes_back_when_it_is_reversed() {
    let world = hurried().await;
    let payment = at_the_till(&world, "03").await;
    assert_eq!(world.api.confirm(&payment).await["status"], "processing");
    let fault = json!({"endpoint": "query", "fault": "status_500_before", "times": 1000});
    world.gateways.fault("blueocean", fault).await;
    world.gateways.pay("blueocean", order_no(&payment), &json!({"notify": false})).await;
    eventually("the order is reversed", async || (state(&world, &payment).await == "revoked").then_some(()))
        .await;
    world.gateways.clear_faults("blueocean").await;
    let over = eventually("the payment is over", async || {
        let now = world.api.payment(&payment.id).await;
        (!["processing", "requires_action"].contains(&now["status"].as_str().unwrap_or_default()))
            .then_some(now)
    })
    .await;
    // The money went back, so nobody may send the goods.
    assert!(["expired", "refunded"].contains(&over["status"].as_str().expect("a status")), "{over}");
}

#[tokio::test]
async fn what_was_paid_in_time_is_not_taken_back() {
    let world = hurried().await;
    let payment = at_the_till(&world, "02").await;
    world.api.confirm(&payment).await;
    let paid = world.api.until_status(&payment.id, "succeeded").await;
    let end = crate::judge::time(&paid["expires_at"]);
    eventually("its time is over", async || (jiff::Timestamp::now() > end).then_some(())).await;
    assert_eq!(sync(&world, &payment).await["status"], "succeeded");
    assert!(calls(&world, "reverse").await.is_empty());
    assert_eq!(state(&world, &payment).await, "paid");
}

#[tokio::test]
async fn what_a_notification_says_is_paid_is_not_taken_back_before_the_query_has_answered() {
    let world = hurried().await;
    let payment = at_the_till(&world, "03").await;
    assert_eq!(world.api.confirm(&payment).await["status"], "processing");
    let fault = json!({"endpoint": "query", "fault": "status_500_before", "times": 1000});
    world.gateways.fault("blueocean", fault).await;
    let replies = world.gateways.pay("blueocean", order_no(&payment), &json!({})).await;
    assert!(!replies.is_empty(), "it is told");
    let end = crate::judge::time(&payment.body["expires_at"]);
    let asked = calls(&world, "query").await.len();
    eventually("its time is over and it is asked about", async || {
        let asked_since = calls(&world, "query").await.len() > asked + 3;
        (jiff::Timestamp::now() > end && asked_since).then_some(())
    })
    .await;
    assert!(calls(&world, "reverse").await.is_empty());
    world.gateways.clear_faults("blueocean").await;
    world.api.until_status(&payment.id, "succeeded").await;
    assert_eq!(state(&world, &payment).await, "paid");
}

#[tokio::test]
async fn a_till_that_cancels_takes_the_order_back() {
    let world = World::start().await;
    for paid_unseen in [false, true] {
        let payment = at_the_till(&world, "03").await;
        assert_eq!(world.api.confirm(&payment).await["status"], "processing");
        if paid_unseen {
            world.gateways.pay("blueocean", order_no(&payment), &json!({"notify": false})).await;
        }
        let reply = cancel(&world, &payment).await;
        let now = world.api.payment(&payment.id).await;
        if reply.status == 200 {
            assert_eq!(now["status"], "canceled");
            assert_eq!(state(&world, &payment).await, "revoked", "nothing was taken, or it went back");
        } else {
            // A look that found it paid first is as good.
            reply.problem(409, "not_cancelable");
            assert!(paid_unseen, "{}", reply.text);
            assert_eq!(
                (now["status"].as_str(), state(&world, &payment).await),
                (Some("succeeded"), "paid".into())
            );
        }
    }
}

#[tokio::test]
async fn a_code_that_was_paid_is_not_canceled() {
    let world = World::start().await;
    let payment = at_the_till(&world, "01").await;
    world.api.confirm(&payment).await;
    cancel(&world, &payment).await.problem(409, "not_cancelable");
    assert!(calls(&world, "reverse").await.is_empty());
    let unsent = at_the_till(&world, "01").await;
    assert_eq!(cancel(&world, &unsent).await.expect(200)["status"], "canceled");
    assert!(calls(&world, "reverse").await.is_empty(), "what was not sent needs no reversal");
}

#[tokio::test]
async fn a_cancel_whose_reversal_is_not_answered_changes_nothing_yet() {
    let world = World::start().await;
    for fault in ["hang", "drop_before", "status_500_before", "garbage_after", "drop_after", "hang_after"] {
        let payment = at_the_till(&world, "03").await;
        assert_eq!(world.api.confirm(&payment).await["status"], "processing");
        world.gateways.fault("blueocean", json!({"endpoint": "reverse", "fault": fault})).await;
        cancel(&world, &payment).await.problem(409, "not_cancelable");
        let reply = cancel(&world, &payment).await;
        let now = world.api.payment(&payment.id).await["status"].clone();
        assert!(reply.status == 200 || now == "expired", "{fault}: {now} {}", reply.text);
        assert!(now == "canceled" || now == "expired", "{fault}: {now}");
        assert_eq!(state(&world, &payment).await, "revoked", "{fault}");
    }
}

#[tokio::test]
async fn a_reversal_that_is_not_answered_is_made_again() {
    let world = hurried().await;
    for fault in ["status_500_before", "drop_before", "hang"] {
        let payment = at_the_till(&world, "03").await;
        assert_eq!(world.api.confirm(&payment).await["status"], "processing");
        world.gateways.fault("blueocean", json!({"endpoint": "reverse", "fault": fault, "times": 2})).await;
        eventually(&format!("the order is reversed after {fault}"), async || {
            (state(&world, &payment).await == "revoked").then_some(())
        })
        .await;
        world.api.until_status(&payment.id, "expired").await;
    }
}

#[tokio::test]
async fn a_refusal_to_reverse_is_looked_into() {
    let world = World::start().await;
    for (code, over) in [(40104, true), (40103, true), (40101, false), (40100, false), (77_777, false)] {
        let payment = at_the_till(&world, "03").await;
        world.api.confirm(&payment).await;
        let fault = json!({"endpoint": "reverse", "fault": "code", "code": code, "message": "no"});
        world.gateways.fault("blueocean", fault).await;
        let reply = cancel(&world, &payment).await;
        let now = world.api.payment(&payment.id).await["status"].clone();
        if over {
            assert!(now == "canceled" || now == "expired", "{code}: {now}");
        } else {
            reply.problem(409, "not_cancelable");
            assert_eq!(now, "processing", "{code}");
            assert_eq!(cancel(&world, &payment).await.expect(200)["status"], "canceled");
        }
    }
}

#[tokio::test]
async fn an_order_that_never_arrived_ends_without_money() {
    let world = hurried().await;
    for fault in ["hang", "drop_before"] {
        world.gateways.fault("blueocean", json!({"endpoint": "pay", "fault": fault})).await;
        let payment = at_the_till(&world, "01").await;
        assert_eq!(world.api.confirm(&payment).await["status"], "processing");
        let over = world.api.until_status(&payment.id, "expired").await;
        assert!(over["paid_at"].is_null());
        let orders = world.gateways.orders("blueocean").await;
        assert!(orders.iter().all(|order| order["order_no"] != payment.body["order_id"]), "{orders:?}");
    }
}

#[tokio::test]
async fn a_power_cut_at_the_till_leaves_nothing_half_done() {
    let mut world = hurried().await;
    for (outcome, fault, end, standing) in
        [("03", "hang_after", "expired", "revoked"), ("01", "hang_after", "succeeded", "paid")]
    {
        world.gateways.fault("blueocean", json!({"endpoint": "pay", "fault": fault})).await;
        let before = calls(&world, "pay").await.len();
        let payment = at_the_till(&world, outcome).await;
        let (api, pressed) = (world.api.clone(), payment.clone());
        let press = tokio::spawn(async move {
            let path = format!("/v1/checkout/{}/confirm", pressed.id);
            api.try_send(api.checkout_request(&path, &pressed.secret, &json!({}))).await.is_ok()
        });
        eventually("the order arrives", async || (calls(&world, "pay").await.len() > before).then_some(()))
            .await;
        world.kill_signer().await;
        assert!(!press.await.expect("the press ends"), "nobody can have answered");
        world.start_signer().await;
        if outcome == "01" {
            sync(&world, &payment).await;
        }
        world.api.until_status(&payment.id, end).await;
        assert_eq!(state(&world, &payment).await, standing);
        assert_eq!(calls(&world, "pay").await.len() - before, 1);
    }
    assert_eq!(BLUEOCEAN_MICROPAY.submit, "pay");
}
