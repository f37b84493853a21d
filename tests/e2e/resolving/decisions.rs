//! The merchant decides; the same money told again changes nothing, other money does.

use countersign_tests::{BLUEOCEAN_ALIPAY_QRCODE, JUBAO_WECHAT_H5, World};
use serde_json::json;

use super::{cancel, open, order_no, paid_otherwise, resolve, sync, told};
use crate::judge::{names, near, time};

const WAY: countersign_tests::Way = BLUEOCEAN_ALIPAY_QRCODE;

#[tokio::test]
async fn another_amount_is_accepted_only_when_it_is_repeated() {
    let world = World::start().await;
    let payment = paid_otherwise(&world, &WAY, &json!({"amount": 999})).await;
    let sum = |value: i64, currency: &str| json!({"value": value, "currency": currency});
    for amount in [json!(null), sum(1000, "HKD"), sum(998, "HKD"), sum(999, "USD")] {
        let reply = resolve(&world, &payment, &json!({"outcome": "paid", "amount": amount})).await;
        assert_eq!(reply.misfits(), ["amount"], "{amount}");
    }
    assert_eq!(world.api.payment(&payment.id).await["status"], "review");
    let decision = json!({"outcome": "paid", "amount": sum(999, "HKD"), "note": "the payer is right"});
    let paid = resolve(&world, &payment, &decision).await.expect(200);
    assert_eq!((&paid["status"], &paid["amount"]["value"]), (&json!("succeeded"), &json!(1000)));
    assert_eq!(names(&paid["resolution"]), ["amount", "at", "note", "outcome"]);
    assert_eq!(paid["resolution"]["amount"], sum(999, "HKD"));
    assert_eq!(paid["resolution"]["note"], "the payer is right");
    near(time(&paid["resolution"]["at"]), jiff::Timestamp::now(), 30);
    assert_eq!(paid["review"]["reason"], "amount_differs", "it stays readable");
    assert!(!paid["paid_at"].is_null() && !paid["transaction_id"].is_null(), "{paid}");
    let event = world.merchant.until_taken(&payment.id, "payment.succeeded").await;
    assert_eq!(event.body["data"]["resolution"], paid["resolution"]);

    // The same again, and the same money again.
    assert_eq!(resolve(&world, &payment, &decision).await.expect(200)["revision"], paid["revision"]);
    world.gateways.pay("blueocean", order_no(&payment), &json!({"amount": 999, "book": false})).await;
    assert_eq!(sync(&world, &payment).await["status"], "succeeded");
    for other in [json!({"outcome": "unpaid"}), json!({"outcome": "paid"})] {
        resolve(&world, &payment, &other).await.problem(409, "not_resolvable");
    }
}

#[tokio::test]
async fn what_may_go_back_is_what_was_accepted() {
    let world = World::start().await;
    let payment = paid_otherwise(&world, &WAY, &json!({"amount": 999})).await;
    let path = format!("/v1/payments/{}/refunds", payment.id);
    world.api.post(&path, &json!({})).await.problem(409, "not_refundable");
    let accepted = json!({"value": 999, "currency": "HKD"});
    resolve(&world, &payment, &json!({"outcome": "paid", "amount": accepted})).await.expect(200);
    let too_much = json!({"amount": {"value": 1000, "currency": "HKD"}});
    assert_eq!(world.api.post(&path, &too_much).await.misfits(), ["amount.value"]);
    let refund = world.api.post(&path, &json!({})).await.expect(201);
    assert_eq!((&refund["status"], &refund["amount"]), (&json!("succeeded"), &accepted));
    let after = world.api.until_status(&payment.id, "refunded").await;
    assert_eq!(after["amount_refunded"], accepted);
    let booked = world.gateways.order("blueocean", order_no(&payment)).await;
    assert_eq!(booked["status"], "refunded", "{booked}");
}

#[tokio::test]
async fn another_currency_that_was_accepted_goes_back_by_other_hands_only() {
    let world = World::start().await;
    let payment = paid_otherwise(&world, &WAY, &json!({"currency": "USD"})).await;
    let dollars = json!({"value": 1000, "currency": "USD"});
    assert_eq!(resolve(&world, &payment, &json!({"outcome": "paid"})).await.misfits(), ["amount"]);
    let decision = json!({"outcome": "paid", "amount": dollars});
    assert_eq!(resolve(&world, &payment, &decision).await.expect(200)["status"], "succeeded");
    let path = format!("/v1/payments/{}/refunds", payment.id);
    world.api.post(&path, &json!({})).await.problem(409, "not_refundable");
}

#[tokio::test]
async fn what_counts_as_unpaid_is_in_review_again_when_other_money_comes() {
    let world = World::start().await;
    let payment = paid_otherwise(&world, &WAY, &json!({"amount": 999})).await;
    let unpaid = json!({"outcome": "unpaid", "note": "given back at the counter"});
    let canceled = resolve(&world, &payment, &unpaid).await.expect(200);
    assert_eq!(
        (&canceled["status"], &canceled["resolution"]["outcome"]),
        (&json!("canceled"), &json!("unpaid"))
    );
    assert!(canceled["resolution"]["amount"].is_null() && canceled["paid_at"].is_null(), "{canceled}");
    told(&world, &payment, "payment.canceled", 1).await;

    // The same money, told by a notification of other bytes and by a query.
    world.gateways.pay("blueocean", order_no(&payment), &json!({"amount": 999, "book": false})).await;
    let again = sync(&world, &payment).await;
    assert_eq!((&again["status"], &again["revision"]), (&json!("canceled"), &canceled["revision"]));

    world.gateways.pay("blueocean", order_no(&payment), &json!({"amount": 5, "book": false})).await;
    let review = world.api.until_status(&payment.id, "review").await;
    assert_eq!(review["review"]["seen"].as_array().map(Vec::len), Some(2), "{review}");
    told(&world, &payment, "payment.review", 2).await;
    assert_eq!(resolve(&world, &payment, &unpaid).await.expect(200)["status"], "canceled");
    told(&world, &payment, "payment.canceled", 2).await;
}

#[tokio::test]
async fn money_for_a_canceled_payment_may_count_after_all_or_go_back() {
    let world = World::start().await;
    for (decision, status) in [("paid", "succeeded"), ("unpaid", "canceled")] {
        let payment = open(&world, &JUBAO_WECHAT_H5).await;
        cancel(&world, &payment).await.expect(200);
        world.gateways.pay("jubao", order_no(&payment), &json!({})).await;
        world.api.until_status(&payment.id, "review").await;
        // It is the right amount, so nobody need repeat it.
        let after = resolve(&world, &payment, &json!({"outcome": decision})).await.expect(200);
        assert_eq!(after["status"], status, "{after}");
        world.merchant.until_taken(&payment.id, &format!("payment.{status}")).await;
        assert_eq!(sync(&world, &payment).await["status"], status);
    }
}

#[tokio::test]
async fn what_was_taken_for_paid_is_not_in_review_when_the_gateway_says_so_later() {
    let world = World::with(|settings| {
        settings.set("payments.expires_in_s", 4);
        settings.set("polling.settling_s", vec![1, 1]);
    })
    .await;
    world.gateways.fault("jubao", json!({"endpoint": "apply_pay", "fault": "drop_after", "times": 2})).await;
    for decision in ["paid", "unpaid"] {
        let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
        world.api.confirm(&payment).await;
        world.api.until_status(&payment.id, "review").await;
        let other = json!({"outcome": "paid", "amount": {"value": 1, "currency": "CNY"}});
        assert_eq!(resolve(&world, &payment, &other).await.misfits(), ["amount"]);
        resolve(&world, &payment, &json!({"outcome": decision})).await.expect(200);
        world.gateways.pay("jubao", order_no(&payment), &json!({})).await;
        if decision == "paid" {
            let after = sync(&world, &payment).await;
            assert_eq!(after["status"], "succeeded");
            // In order: whatever came before "succeeded" has arrived with it.
            world.merchant.until_taken(&payment.id, "payment.succeeded").await;
            assert_eq!(told(&world, &payment, "payment.review", 1).await.len(), 1);
            assert_eq!(after["review"]["reason"], "unresolved", "{after}");
        } else {
            // Nobody knew of this money when it was decided.
            let review = world.api.until_status(&payment.id, "review").await;
            assert_eq!(review["review"]["reason"], "paid_after_cancel", "{review}");
        }
    }
}

#[tokio::test]
async fn a_decision_outlives_a_power_cut() {
    let mut world = World::start().await;
    let payment = paid_otherwise(&world, &WAY, &json!({"amount": 999})).await;
    let amount = json!({"value": 999, "currency": "HKD"});
    let decided = resolve(&world, &payment, &json!({"outcome": "paid", "amount": amount})).await.expect(200);
    world.kill_signer().await;
    world.start_signer().await;
    let after = world.api.payment(&payment.id).await;
    for part in ["status", "revision", "review", "resolution", "paid_at"] {
        assert_eq!(after[part], decided[part], "{part}");
    }
}

#[tokio::test]
async fn of_many_decisions_at_once_one_counts() {
    let world = World::start().await;
    let payment = paid_otherwise(&world, &WAY, &json!({"amount": 999})).await;
    let path = format!("/v1/payments/{}/resolve", payment.id);
    let tasks: Vec<_> = (0..20)
        .map(|turn| {
            let (api, path) = (world.api.clone(), path.clone());
            let paid = json!({"outcome": "paid", "amount": {"value": 999, "currency": "HKD"}});
            let body = if turn % 2 == 0 { paid } else { json!({"outcome": "unpaid"}) };
            tokio::spawn(async move { (turn % 2, api.post(&path, &body).await.status.as_u16()) })
        })
        .collect();
    let mut taken = [0, 0];
    for task in tasks {
        let (which, status) = task.await.expect("an answer");
        assert!(status == 200 || status == 409, "{status}");
        taken[which] += usize::from(status == 200);
    }
    assert!(taken == [10, 0] || taken == [0, 10], "{taken:?}");
    let after = world.api.payment(&payment.id).await;
    assert_eq!(after["status"], if taken[0] == 10 { "succeeded" } else { "canceled" });
}
