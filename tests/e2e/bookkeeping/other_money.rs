//! Money that came in instead of what was asked for, and went back: to the last unit, in its own currency, whatever the
//! merchant decides about the payment.

use axum::http::Method;
use countersign_tests::{BLUEOCEAN_ALIPAY_QRCODE, Payment, World};
use serde_json::{Value, json};

use super::{ALWAYS, command, confirmed, json_records, order_no};

/// What came in, and how much of it went back in the gateway's portal; 10.00 HKD were asked for.
const CASES: [(i64, &str, i64); 6] = [
    (2000, "HKD", 1000),
    (2000, "HKD", 1500),
    (2000, "HKD", 2000),
    (990, "HKD", 990),
    (1000, "USD", 1000),
    (1000, "USD", 400),
];

async fn came_and_went(world: &World, came: i64, currency: &str, went: i64) -> Payment {
    let payment = confirmed(world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    let how = json!({"amount": came, "currency": currency});
    world.gateways.pay("blueocean", order_no(&payment), &how).await;
    world.api.until_status(&payment.id, "review").await;
    let portal = format!("/blueocean/orders/{}/refund", order_no(&payment));
    world.gateways.ask(Method::POST, &portal, &json!({"amount": went})).await;
    world.api.post(&format!("/v1/payments/{}/sync", payment.id), &json!({})).await.expect(200);
    payment
}

async fn resolve(world: &World, payment: &Payment, decision: &Value) -> Value {
    world.api.post(&format!("/v1/payments/{}/resolve", payment.id), decision).await.expect(200)
}

#[tokio::test]
async fn what_goes_back_of_other_money_is_booked_as_what_it_is() {
    let world = World::start().await;
    for (came, currency, went) in CASES {
        let undecided = came_and_went(&world, came, currency, went).await;
        let accepted = came_and_went(&world, came, currency, went).await;
        let unpaid = came_and_went(&world, came, currency, went).await;
        let back = json!({"value": went, "currency": currency});

        let after = world.api.payment(&undecided.id).await;
        assert_eq!((&after["status"], &after["amount_refunded"]), (&json!("review"), &back), "{after}");

        let amount = json!({"value": came, "currency": currency});
        let after = resolve(&world, &accepted, &json!({"outcome": "paid", "amount": amount})).await;
        let stands = if came == went { "refunded" } else { "succeeded" };
        assert_eq!((&after["status"], &after["amount_refunded"]), (&json!(stands), &back), "{after}");

        let after = resolve(&world, &unpaid, &json!({"outcome": "unpaid"})).await;
        assert_eq!((&after["status"], &after["amount_refunded"]), (&json!("canceled"), &back), "{after}");
    }
    let ended = command(&world, "summary", &[&ALWAYS[..], &["--format", "jsonl"]].concat()).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
    let rows = json_records(&ended.stdout);
    for of in ["HKD", "USD"] {
        let figure = |name: &str| -> i64 {
            rows.iter().filter(|row| row["currency"] == of).filter_map(|row| row[name].as_i64()).sum()
        };
        let cases = || CASES.iter().filter(|(_, currency, _)| *currency == of);
        let (came, went) = cases().fold((0, 0), |(i, o), (came, _, went)| (i + came, o + went));
        assert_eq!((figure("received_sum"), figure("refunded_sum")), (3 * came, 3 * went), "{of}");
        let each = (figure("succeeded_sum"), figure("extra_sum"), figure("disputed_sum"));
        assert_eq!(each, (came, came, came), "{of}: accepted, unpaid, undecided");
    }
}
