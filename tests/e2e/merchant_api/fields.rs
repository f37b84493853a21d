//! Every field that does not fit, all at once, each by its name, and before anything is sent.

use countersign_tests::{BLUEOCEAN_ALIPAY_QRCODE, DOTWALLET_AUTOPAY, HICOIN_H5, JUBAO_WECHAT_H5, Way, World};
use serde_json::{Value, json};

/// Asserts that a create request with `change` is refused for exactly these fields.
pub(super) async fn refused(world: &World, way: &Way, change: &[(&str, Value)], expected: &[&str]) {
    let mut order = world.order(way);
    for (path, value) in change {
        let pointer = format!("/{}", path.replace('.', "/"));
        match order.pointer_mut(&pointer) {
            Some(place) => *place = value.clone(),
            None => {
                let (parent, name) = pointer.rsplit_once('/').expect("a path");
                order.pointer_mut(parent).expect("a parent")[name] = value.clone();
            }
        }
    }
    let reply = world.api.post("/v1/payments", &order).await;
    assert_eq!(reply.status, 422, "{change:?}: {}", reply.text);
    assert_eq!(reply.misfits(), expected, "{change:?}");
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let world = World::start().await;
    let bad = json!({
        "account": "nowhere",
        "order_id": "A\u{7}1",
        "amount": {"value": 10.5, "currency": "cny", "unit": "fen"},
        "subject": "",
        "description": 7,
        "method": {"type": "jubao_wechat_h6"},
        "return_url": "shop.example/done",
        "expires_in_s": 0,
        "metadata": {"cart": 77},
        "confirm": "yes",
        "colour": "red",
    });
    let reply = world.api.post("/v1/payments", &bad).await;
    assert_eq!(
        reply.misfits(),
        [
            "account",
            "amount.currency",
            "amount.unit",
            "amount.value",
            "colour",
            "confirm",
            "description",
            "expires_in_s",
            "metadata.cart",
            "method.type",
            "order_id",
            "return_url",
            "subject",
        ]
    );
    let nothing = world.api.post("/v1/payments", &json!({})).await;
    assert_eq!(nothing.misfits(), ["account", "amount", "method", "order_id", "subject"]);
    for no_object in [json!([]), json!("payment"), json!(1), Value::Null] {
        world.api.post("/v1/payments", &no_object).await.problem(422, "invalid_request");
    }
    assert_eq!(world.gateways.whole_journal().await, json!([]));
    assert_eq!(world.api.get("/v1/payments").await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn amounts_are_whole_minor_units_that_every_reader_of_json_can_hold() {
    let world = World::start().await;
    let amounts = [
        json!(0),
        json!(-1),
        json!(10.5),
        json!(1000.0),
        json!("1000"),
        json!(true),
        json!(null),
        json!([1]),
        json!(9_007_199_254_740_992_i64),
        json!(i64::MAX),
        json!(u64::MAX),
        json!({"value": 1}),
    ];
    for amount in amounts {
        for way in [JUBAO_WECHAT_H5, BLUEOCEAN_ALIPAY_QRCODE] {
            refused(&world, &way, &[("amount.value", amount.clone())], &["amount.value"]).await;
        }
    }
    // Written as no program would, and still not a whole number or not one that fits.
    for number in ["1e3", "1E3", "10.0", "1e400", "99999999999999999999999", "-0"] {
        let mut order = world.order(&JUBAO_WECHAT_H5).to_string();
        order = order.replace("\"value\":1000", &format!("\"value\":{number}"));
        assert!(order.contains(number));
        let reply = world.api.send(world.api.merchant_post("/v1/payments", &order)).await;
        match reply.status.as_u16() {
            // A number that JSON readers cannot hold may be called no JSON.
            400 => drop(reply.problem(400, "invalid_json")),
            _ => assert_eq!(reply.misfits(), ["amount.value"], "{number}"),
        }
    }
    refused(&world, &JUBAO_WECHAT_H5, &[("amount", json!(1000))], &["amount"]).await;
    refused(&world, &JUBAO_WECHAT_H5, &[("amount", json!("10.00 CNY"))], &["amount"]).await;
}

#[tokio::test]
async fn an_account_takes_its_own_currency_only() {
    let world = World::start().await;
    for (way, other) in [
        (JUBAO_WECHAT_H5, "HKD"),
        (BLUEOCEAN_ALIPAY_QRCODE, "CNY"),
        (DOTWALLET_AUTOPAY, "BTC"),
        (HICOIN_H5, "BTC"),
    ] {
        refused(&world, &way, &[("amount.currency", json!(other))], &["amount.currency"]).await;
        let lower_case = json!(way.currency.to_lowercase());
        refused(&world, &way, &[("amount.currency", lower_case)], &["amount.currency"]).await;
        refused(&world, &way, &[("amount.currency", json!(null))], &["amount.currency"]).await;
    }
}

#[tokio::test]
async fn a_method_belongs_to_its_gateway_and_has_its_own_fields() {
    let world = World::start().await;
    refused(&world, &JUBAO_WECHAT_H5, &[("method.type", json!("hicoin_h5"))], &["method.type"]).await;
    refused(&world, &JUBAO_WECHAT_H5, &[("method.type", json!("credit_card"))], &["method.type"]).await;
    refused(&world, &JUBAO_WECHAT_H5, &[("method.type", json!(201))], &["method.type"]).await;
    refused(&world, &JUBAO_WECHAT_H5, &[("method.openid", json!("u1"))], &["method.openid"]).await;
    refused(&world, &JUBAO_WECHAT_H5, &[("method", json!("jubao_wechat_h5"))], &["method"]).await;
    refused(
        &world,
        &JUBAO_WECHAT_H5,
        &[("account", json!("hk")), ("amount.currency", json!("HKD"))],
        &["method.type"],
    )
    .await;
    refused(&world, &JUBAO_WECHAT_H5, &[("notify_url", json!("https://x.example/"))], &["notify_url"]).await;
    refused(&world, &DOTWALLET_AUTOPAY, &[("method.user_open_id", json!(17))], &["method.user_open_id"])
        .await;
}

#[tokio::test]
async fn texts_have_limits_and_no_control_characters() {
    let world = World::start().await;
    for control in ["\u{0}", "a\nb", "a\rb", "a\tb", "a\u{7f}b", "a\u{85}b"] {
        for field in ["order_id", "subject", "description"] {
            refused(&world, &JUBAO_WECHAT_H5, &[(field, json!(control))], &[field]).await;
        }
    }
    let long = json!("x".repeat(5000));
    for field in ["order_id", "subject", "description"] {
        refused(&world, &JUBAO_WECHAT_H5, &[(field, long.clone())], &[field]).await;
        refused(&world, &JUBAO_WECHAT_H5, &[(field, json!(7))], &[field]).await;
    }
    for order_id in ["", "a b", "a/b", "订单", "a&b"] {
        refused(&world, &JUBAO_WECHAT_H5, &[("order_id", json!(order_id))], &["order_id"]).await;
    }
    let addresses =
        ["", "shop.example", "/done", "javascript:alert(1)", "ftp://shop.example/", "https://", "data:,x"];
    for return_url in addresses {
        refused(&world, &JUBAO_WECHAT_H5, &[("return_url", json!(return_url))], &["return_url"]).await;
    }
    for expires_in_s in [json!(0), json!(-1), json!(1e9), json!("900"), json!(900.5)] {
        refused(&world, &JUBAO_WECHAT_H5, &[("expires_in_s", expires_in_s)], &["expires_in_s"]).await;
    }
    refused(&world, &JUBAO_WECHAT_H5, &[("metadata", json!(["cart"]))], &["metadata"]).await;
}

#[tokio::test]
async fn hicoins_limits_are_checked_before_anything_is_sent() {
    let world = World::start().await;
    let letters = |number: usize| json!("茶".repeat(number));
    let order_id = |number: usize| json!("A".repeat(number));
    refused(&world, &HICOIN_H5, &[("order_id", order_id(33))], &["order_id"]).await;
    for order_id in ["A-1", "A_1", "A.1", "订1"] {
        refused(&world, &HICOIN_H5, &[("order_id", json!(order_id))], &["order_id"]).await;
    }
    refused(&world, &HICOIN_H5, &[("subject", letters(33))], &["subject"]).await;
    refused(&world, &HICOIN_H5, &[("description", letters(65))], &["description"]).await;
    refused(
        &world,
        &HICOIN_H5,
        &[("order_id", json!("A-1")), ("subject", letters(33)), ("description", letters(65))],
        &["description", "order_id", "subject"],
    )
    .await;
    assert_eq!(world.gateways.whole_journal().await, json!([]));
    // The longest that fit do go through.
    let mut order = world.order(&HICOIN_H5);
    order["order_id"] = order_id(32);
    order["subject"] = letters(32);
    order["description"] = letters(64);
    let payment = world.api.create(&order).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
}

#[tokio::test]
async fn data_and_receivers_of_a_dotwallet_payment_must_fit() {
    let world = World::start().await;
    for op_return in ["", "0x6a", "006", "hello", "00 6a"] {
        refused(&world, &DOTWALLET_AUTOPAY, &[("method.op_return", json!(op_return))], &["method.op_return"])
            .await;
    }
    let address = "1BitcoinEaterAddressDontSendf59kuE";
    let receivers = [
        json!([]),
        json!("[]"),
        json!([{"address": address, "amount": 999}]),
        json!([{"address": address, "amount": 1000.5}]),
        json!([{"address": address, "amount": "1000"}]),
        json!([{"address": address}]),
        json!([{"amount": 1000}]),
        json!([{"address": address, "amount": i64::MAX}, {"address": address, "amount": i64::MAX}]),
        json!([{"address": address, "amount": 1001}, {"address": address, "amount": -1}]),
        json!([{"address": "", "amount": 1000}]),
        json!([{"address": address, "amount": 1000, "note": "x"}]),
    ];
    for receive_addresses in receivers {
        let mut order = world.order(&DOTWALLET_AUTOPAY);
        order["method"]["receive_addresses"] = receive_addresses.clone();
        let found = world.api.post("/v1/payments", &order).await.misfits();
        assert!(!found.is_empty(), "{receive_addresses}");
        assert!(found.iter().all(|field| field.starts_with("method.receive_addresses")), "{found:?}");
    }
}
