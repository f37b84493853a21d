//! The dress of messages: whatever they wear, they say the same and are rightly signed.

use reqwest::Method;
use serde_json::{Value, json};

use super::blueocean;
use super::hicoin;
use super::jubao;
use super::support::{Fields, Merchant, Sandbox, blueocean_sign, hicoin_sign, jubao_sign, texts};

type Sign = fn(&Fields) -> String;

/// A gateway: how to place an order there, the order's number, and how its notifications are signed.
struct Case {
    gateway: &'static str,
    order_no: &'static str,
    sign: Sign,
}

const CASES: [Case; 3] = [
    Case { gateway: "jubao", order_no: "T1", sign: |fields| jubao_sign(fields, jubao::KEY, false) },
    Case { gateway: "blueocean", order_no: "B1", sign: |fields| blueocean_sign(fields, blueocean::KEY) },
    Case { gateway: "hicoin", order_no: "H1", sign: |fields| hicoin_sign(fields, hicoin::KEY) },
];

async fn place(sandbox: &Sandbox, gateway: &str, notify_url: &str) -> Value {
    match gateway {
        "jubao" => {
            let order = jubao::signed(jubao::order(&[("notify_url", notify_url), ("attach", "")]));
            sandbox.post_form(jubao::APPLY, &order).await.json()
        }
        "blueocean" => {
            let order = blueocean::signed(blueocean::order(json!({"notify_url": notify_url})));
            sandbox.post_json(blueocean::PAY, &order).await.json()
        }
        _ => {
            sandbox.control(Method::PUT, "/hicoin/callback", json!({"url": notify_url})).await;
            let order = hicoin::business(json!({"passback_params": ""}));
            sandbox.post_form(hicoin::PRE_ORDER, &hicoin::call(&order, &[])).await.json()
        }
    }
}

#[tokio::test]
async fn notifications_travel_in_every_way_and_are_signed_as_received() {
    for Case { gateway, order_no, sign } in CASES {
        for (notification, numbers) in
            [("form", "documented"), ("json", "texts"), ("json", "numbers"), ("query", "numbers")]
        {
            let sandbox = Sandbox::start().await;
            let mut merchant = Merchant::open().await;
            let dress = json!({
                "notification": notification, "numbers": numbers, "unknown_fields": true, "sign_case": "mixed",
            });
            sandbox.turn(gateway, "dress", dress).await;
            place(&sandbox, gateway, &merchant.url).await;
            let path = format!("/{gateway}/orders/{order_no}/pay");
            let replies = sandbox.control(Method::POST, &path, Value::Null).await;
            assert_eq!(replies["notifications"][0]["body"], "SUCCESS");
            let told = merchant.notification().await;
            let has_numbers = told.fields.iter().any(|(_, value)| value.is_number());
            assert_eq!(has_numbers, (notification, numbers) == ("json", "numbers"), "{gateway} {told:?}");
            let told = told.texts();
            assert!(told.contains_key("Zeta") && told.contains_key("new_field"), "{told:?}");
            assert_eq!(told["sign"].to_uppercase(), sign(&told), "{gateway} {notification} {numbers}");
            assert!(
                told["sign"] != told["sign"].to_uppercase() && told["sign"] != told["sign"].to_lowercase()
            );
        }
    }
}

#[tokio::test]
async fn empty_values_can_be_dropped_before_signing_or_left_out() {
    for Case { gateway, order_no, sign } in CASES {
        for (empties, there) in [("kept", true), ("dropped_before_signing", true), ("left_out", false)] {
            let sandbox = Sandbox::start().await;
            let mut merchant = Merchant::open().await;
            sandbox.turn(gateway, "dress", json!({"empties": empties})).await;
            place(&sandbox, gateway, &merchant.url).await;
            let path = format!("/{gateway}/orders/{order_no}/pay");
            let unpaid = json!({"book": false});
            sandbox.control(Method::POST, &path, unpaid).await;
            let mut told = merchant.received().await;
            assert_eq!(told.values().any(String::is_empty), there, "{gateway} {empties}: {told:?}");
            if empties == "dropped_before_signing" {
                told.retain(|_, value| !value.is_empty());
            }
            assert_eq!(told["sign"], sign(&told), "{gateway} {empties}");
        }
    }
}

#[tokio::test]
async fn answers_print_figures_as_texts_and_as_numbers_and_stay_signed() {
    for (numbers, codes) in
        [("texts", [json!("0"), json!("200"), json!("0")]), ("numbers", [json!(0), json!(200), json!(0)])]
    {
        for (Case { gateway, sign, .. }, code) in CASES.into_iter().zip(codes) {
            let sandbox = Sandbox::start().await;
            sandbox.turn("jubao", "settings", json!({"sign_answers": true})).await;
            sandbox.turn(gateway, "dress", json!({"numbers": numbers, "unknown_fields": true})).await;
            let answer = place(&sandbox, gateway, "https://shop.example/n").await;
            let name = if gateway == "jubao" { "ret" } else { "code" };
            assert_eq!(answer[name], code, "{answer}");
            let data = answer["data"].as_object().unwrap();
            if numbers == "texts" {
                assert!(data.values().all(|value| !value.is_number()), "{answer}");
            } else if gateway == "blueocean" {
                assert!(data["total_fee"].is_number() && data["appid"].is_number() && data["sn"].is_string());
            }
            assert_eq!(data["sign"], sign(&texts(&answer["data"])), "{answer}");
            sandbox.turn(gateway, "dress", json!({"unsigned_answers": true})).await;
            let refused = place(&sandbox, gateway, "https://shop.example/n").await;
            assert_ne!(refused[name], code, "the number is taken");
        }
    }
}

#[tokio::test]
async fn both_dialects_answer_in_either_envelope() {
    for (gateway, success) in [("jubao", "ret"), ("blueocean", "code")] {
        for envelope in ["ret", "code", "both"] {
            let sandbox = Sandbox::start().await;
            sandbox.turn(gateway, "dress", json!({"envelope": envelope})).await;
            let placed = place(&sandbox, gateway, "https://shop.example/n").await;
            let good = [placed.get("ret"), placed.get("code")];
            let (ret, code) = (Some(json!(0)), Some(json!(200)));
            let expected = match envelope {
                "ret" => [ret.as_ref(), None],
                "code" => [None, code.as_ref()],
                _ => [ret.as_ref(), code.as_ref()],
            };
            assert_eq!(good, expected, "{gateway} {success}: {placed}");
            let refused = place(&sandbox, gateway, "https://shop.example/n").await;
            let number = if gateway == "jubao" { 40500 } else { 40106 };
            for name in ["ret", "code"] {
                assert!(refused.get(name).is_none_or(|given| *given == number), "{refused}");
            }
        }
    }
}

#[tokio::test]
async fn hicoins_good_code_can_be_any_text() {
    let sandbox = Sandbox::start().await;
    sandbox.turn("hicoin", "dress", json!({"success_code": "200"})).await;
    assert_eq!(place(&sandbox, "hicoin", "https://shop.example/n").await["code"], "200");
    assert_eq!(place(&sandbox, "hicoin", "https://shop.example/n").await["code"], "110088");
}

#[tokio::test]
async fn jubaos_notification_is_read_as_a_test_says() {
    let sandbox = Sandbox::start().await;
    let mut merchant = Merchant::open().await;
    place(&sandbox, "jubao", &merchant.url).await;
    for (charset, plain) in [("plain", true), ("utf8_encode", false)] {
        sandbox.turn("jubao", "dress", json!({"notification_charset": charset})).await;
        sandbox.control(Method::POST, "/jubao/orders/T1/pay", Value::Null).await;
        let told = merchant.received().await;
        assert_eq!(told["sign"], jubao_sign(&told, jubao::KEY, plain), "{charset}");
        assert_ne!(told["sign"], jubao_sign(&told, jubao::KEY, !plain));
    }
}

#[tokio::test]
async fn switches_are_shown_turned_and_put_back_and_nonsense_is_refused() {
    let sandbox = Sandbox::start().await;
    let first = sandbox.control(Method::GET, "/hicoin/dress", Value::Null).await;
    sandbox.turn("hicoin", "dress", json!({"numbers": "texts"})).await;
    sandbox.turn("hicoin", "dress", json!({"sign_case": "lower"})).await;
    let turned = sandbox.control(Method::GET, "/hicoin/dress", Value::Null).await;
    assert_eq!((&turned["numbers"], &turned["sign_case"]), (&json!("texts"), &json!("lower")));
    assert_eq!(sandbox.control(Method::DELETE, "/hicoin/dress", Value::Null).await, first);
    for (path, body) in [
        ("/hicoin/dress", json!({"numbers": "roman"})),
        ("/hicoin/dress", json!({"hat": true})),
        ("/hicoin/dress", json!({"alipay_app": "broken"})),
        ("/wechat/dress", json!({"notification": "json"})),
        ("/dotwallet/dress", json!({"envelope": "ret"})),
        ("/hicoin/settings", json!({"inside_app": "yes"})),
        ("/jubao/tokens/expire", json!({"which": "all"})),
        ("/jubao/micropay/1", json!({"outcome": "paid"})),
        ("/jubao/transfers", json!({})),
    ] {
        let body = Some(("application/json", body.to_string()));
        let method = match path {
            "/jubao/tokens/expire" => Method::POST,
            "/jubao/transfers" => Method::GET,
            _ => Method::PUT,
        };
        let reply = sandbox.try_send(method, &format!("/_control{path}"), body).await.unwrap();
        assert!(reply.status.is_client_error() && reply.text.contains("error"), "{path}: {}", reply.text);
    }
}
