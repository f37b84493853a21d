//! The codes that refuse a refund: of BlueOcean, whose payments have one, and of Hicoin, which pays out instead.

use countersign_tests::{BLUEOCEAN_MICROPAY, HICOIN_H5, Payment, Way, World};
use serde_json::{Value, json};

use super::orders::{class, codes};
use super::{UNHEARD_OF, quiet_world, throw};
use crate::judge;

/// A payment that was paid.
async fn paid(world: &World, way: &Way) -> Payment {
    let order = world.order(way);
    let payment = world.api.create(&order).await;
    world.api.confirm(&payment).await;
    if way.notifies {
        let order_no = order["order_id"].as_str().expect("a number");
        assert_eq!(world.gateways.pay(way.gateway, order_no, &json!({})).await, [way.taken()]);
    }
    assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded");
    payment
}

async fn refund(world: &World, payment: &Payment) -> Value {
    let path = format!("/v1/payments/{}/refunds", payment.id);
    world.api.post(&path, &json!({"reason": "broken"})).await.expect(201)
}

/// Asserts that no money went back, and that the payment still has it.
async fn nothing_went_back(world: &World, payment: &Payment, refund: &Value) {
    assert!(matches!(refund["status"].as_str(), Some("failed" | "processing")), "{refund}");
    let after = world.api.payment(&payment.id).await;
    assert_eq!(
        (&after["status"], &after["amount_refunded"]),
        (&json!("succeeded"), &Value::Null),
        "{refund}"
    );
}

#[tokio::test]
async fn every_code_that_refuses_a_refund_of_blueocean_leaves_the_money_where_it_is() {
    let world = quiet_world().await;
    for code in codes() {
        let payment = paid(&world, &BLUEOCEAN_MICROPAY).await;
        throw(&world, "blueocean", "refund", code).await;
        let refund = refund(&world, &payment).await;
        nothing_went_back(&world, &payment, &refund).await;
        match (code, class(code)) {
            // Money that went back before, or a number that was used, may be this very refund, and what may work at
            // another try is tried under the same number: none of them is over.
            (40105 | 493_001, _) | (_, Some("query" | "retry") | None) => {}
            (_, Some(class)) => {
                assert_eq!(refund["status"], "failed", "{code}: {refund}");
                judge::failure(&judge::without_hint(&refund["failure"]), class);
                assert_eq!(refund["failure"]["gateway_code"], code.to_string());
            }
        }
        if matches!(code, 0 | 200 | 201 | 492_004 | 492_005 | 499_999 | UNHEARD_OF) {
            assert_eq!(refund["status"], "processing", "nobody knows what became of it: {refund}");
        }
    }
}

#[tokio::test]
async fn a_payout_of_hicoin_fails_by_the_published_code_only() {
    let world = quiet_world().await;
    for (code, status) in [
        (110_043, "failed"),
        (100_004, "processing"),
        (100_005, "processing"),
        (100_007, "processing"),
        (110_088, "processing"),
        (UNHEARD_OF, "processing"),
    ] {
        let payment = paid(&world, &HICOIN_H5).await;
        throw(&world, "hicoin", "transfers", code).await;
        let refund = refund(&world, &payment).await;
        nothing_went_back(&world, &payment, &refund).await;
        assert_eq!(refund["status"], status, "{code}: {refund}");
        if status == "failed" {
            judge::failure(&judge::without_hint(&refund["failure"]), "configuration");
            assert_eq!(refund["failure"]["gateway_code"], code.to_string());
        }
    }
}
