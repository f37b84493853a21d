//! What is no decision, and what there is nothing to decide about.

use countersign_tests::{BLUEOCEAN_ALIPAY_QRCODE, World, keys};
use serde_json::json;

use super::{cancel, open, order_no, paid_otherwise, resolve};

const WAY: countersign_tests::Way = BLUEOCEAN_ALIPAY_QRCODE;

#[tokio::test]
async fn every_field_that_does_not_fit_is_named() {
    let world = World::start().await;
    let payment = paid_otherwise(&world, &WAY, &json!({"amount": 999})).await;
    let sum = json!({"value": 999, "currency": "HKD"});
    for (body, misfits) in [
        (json!({}), vec!["outcome"]),
        (json!([]), vec![""]),
        (json!({"outcome": "refunded"}), vec!["outcome"]),
        (json!({"outcome": "unpaid", "amount": sum}), vec!["amount"]),
        (json!({"outcome": "paid", "amount": {"value": 9.99, "currency": "HKD"}}), vec!["amount.value"]),
        (json!({"outcome": "paid", "amount": sum, "note": "x".repeat(501)}), vec!["note"]),
        (json!({"outcome": "unpaid", "why": "because"}), vec!["why"]),
    ] {
        assert_eq!(resolve(&world, &payment, &body).await.misfits(), misfits, "{body}");
    }
    let note = "字".repeat(500);
    let taken = resolve(&world, &payment, &json!({"outcome": "unpaid", "note": note})).await.expect(200);
    assert_eq!(taken["resolution"]["note"], note);
}

#[tokio::test]
async fn only_what_is_in_review_can_be_decided() {
    let world = World::start().await;
    let (paid, unpaid) = (json!({"outcome": "paid"}), json!({"outcome": "unpaid"}));
    let created = world.api.create(&world.order(&WAY)).await;
    let waiting = open(&world, &WAY).await;
    let succeeded = open(&world, &WAY).await;
    world.gateways.pay("blueocean", order_no(&succeeded), &json!({})).await;
    world.api.until_status(&succeeded.id, "succeeded").await;
    let canceled = open(&world, &WAY).await;
    cancel(&world, &canceled).await.expect(200);
    for payment in [&created, &waiting, &succeeded, &canceled] {
        let before = world.api.payment(&payment.id).await;
        for decision in [&paid, &unpaid] {
            resolve(&world, payment, decision).await.problem(409, "not_resolvable");
        }
        let after = world.api.payment(&payment.id).await;
        assert_eq!(after["revision"], before["revision"]);
        assert!(after["review"].is_null() && after["resolution"].is_null(), "{after}");
    }
    let nobody = "/v1/payments/pay_01JD0000000000000000000000/resolve";
    world.api.post(nobody, &paid).await.problem(404, "not_found");
    let path = format!("/v1/payments/{}/resolve", waiting.id);
    // Whoever holds a client secret decides nothing.
    world.api.checkout_post(&path, &waiting.secret, &paid).await.problem(401, "unauthorized");
    assert_ne!(waiting.secret, keys::API_KEY);
}
