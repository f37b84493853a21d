//! BlueOcean: a till reads the payer's bar code.

use reqwest::Method;
use serde_json::{Value, json};

use super::blueocean::{PAY, QUERY, order, signed};
use super::support::{Merchant, Sandbox};

const REVERSE: &str = "/blueocean/order/reverse";

async fn charge(sandbox: &Sandbox, order_no: &str, code: &str) -> Value {
    charge_with(sandbox, order_no, code, json!({})).await
}

async fn charge_with(sandbox: &Sandbox, order_no: &str, code: &str, more: Value) -> Value {
    let mut body = order(json!({"payment": "micropay", "code": code, "out_trade_no": order_no}));
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    sandbox.post_json(PAY, &signed(body)).await.json()
}

async fn ask(sandbox: &Sandbox, order_no: &str) -> Value {
    let question = signed(json!({"appid": "1000001", "out_trade_no": order_no}));
    sandbox.post_json(QUERY, &question).await.json()["data"]["trade_state"].clone()
}

#[tokio::test]
async fn a_code_says_what_comes_of_it() {
    let sandbox = Sandbox::start().await;
    for (ending, answered, asked) in [
        ("01", json!([200, "SUCCESS"]), ["SUCCESS", "SUCCESS", "SUCCESS"]),
        ("02", json!([201, null]), ["USERPAYING", "SUCCESS", "SUCCESS"]),
        ("03", json!([201, null]), ["USERPAYING", "USERPAYING", "USERPAYING"]),
        ("04", json!([200, "PAYERROR"]), ["PAYERROR", "PAYERROR", "PAYERROR"]),
        ("05", json!([200, "NOTPAY"]), ["NOTPAY", "NOTPAY", "NOTPAY"]),
        ("06", json!([201, null]), ["USERPAYING", "PAYERROR", "PAYERROR"]),
    ] {
        let answer = charge(&sandbox, ending, &format!("1346000012345678{ending}")).await;
        assert_eq!(json!([answer["code"], answer["data"]["trade_state"]]), answered, "{ending}: {answer}");
        for state in asked {
            assert_eq!(ask(&sandbox, ending).await, state, "{ending}");
        }
    }
    for (ending, code) in [("07", 40500), ("08", 40111)] {
        assert_eq!(charge(&sandbox, ending, &format!("1346000012345678{ending}")).await["code"], code);
        assert_eq!(ask(&sandbox, ending).await, Value::Null, "nothing is booked");
    }
}

#[tokio::test]
async fn an_order_that_waits_for_its_payer_can_only_be_reversed() {
    let sandbox = Sandbox::start().await;
    assert_eq!(charge(&sandbox, "B1", "134600000000000003").await["code"], 201);
    let this = signed(json!({"appid": "1000001", "out_trade_no": "B1"}));
    assert_eq!(sandbox.post_json("/blueocean/order/close", &this).await.json()["code"], 40100);
    let reversed = sandbox.post_json(REVERSE, &this).await.json();
    assert_eq!((&reversed["code"], &reversed["data"]["trade_state"]), (&json!(200), &json!("REVOKED")));
    assert_eq!(ask(&sandbox, "B1").await, "REVOKED");
    assert_eq!(sandbox.post_json(REVERSE, &this).await.json()["code"], 40104);
    assert_eq!(sandbox.order("blueocean").await["status"], "revoked");
}

#[tokio::test]
async fn a_paid_order_can_be_reversed_too() {
    let sandbox = Sandbox::start().await;
    charge(&sandbox, "B1", "134600000000000001").await;
    let this = signed(json!({"appid": "1000001", "out_trade_no": "B1"}));
    assert_eq!(sandbox.post_json(REVERSE, &this).await.json()["data"]["trade_state"], "REVOKED");
}

#[tokio::test]
async fn a_code_is_good_once_and_has_the_looks_of_its_wallet() {
    let sandbox = Sandbox::start().await;
    let code = "288271620985824610";
    let paid = charge(&sandbox, "B1", code).await;
    assert_eq!((&paid["code"], &paid["data"]["provider"]), (&json!(200), &json!("alipay")), "{paid}");
    assert_eq!(charge(&sandbox, "B2", code).await["code"], 40111);
    assert_eq!(charge(&sandbox, "B1", "134519771100657507").await["code"], 40106, "the code is not used up");
    for bad in ["99", "13451977110065750x", "994519771100657507"] {
        assert_eq!(charge(&sandbox, "B3", bad).await["code"], 492001, "{bad}");
    }
    let other = charge_with(&sandbox, "B4", "134519771100657507", json!({"provider": "alipay"})).await;
    assert_eq!(other["code"], 40500);
    assert_eq!(charge(&sandbox, "B4", "134519771100657507").await["data"]["provider"], "wechat");
}

#[tokio::test]
async fn a_test_plans_what_comes_of_a_code() {
    let sandbox = Sandbox::start().await;
    let plan = json!({"outcome": "paid_later", "queries": 3});
    sandbox.control(Method::PUT, "/blueocean/micropay/288271620985824610", plan).await;
    assert_eq!(charge(&sandbox, "B1", "288271620985824610").await["code"], 201);
    for state in ["USERPAYING", "USERPAYING", "SUCCESS"] {
        assert_eq!(ask(&sandbox, "B1").await, state);
    }
}

#[tokio::test]
async fn a_discount_of_the_wallet_leaves_the_total_as_it_was() {
    let sandbox = Sandbox::start().await;
    sandbox.turn("blueocean", "settings", json!({"discount": 200, "cash_fee_type": "CNY"})).await;
    let paid = charge(&sandbox, "B1", "134600000000000001").await["data"].clone();
    assert_eq!(
        json!([paid["total_fee"], paid["discount"], paid["pay_amount"], paid["cash_fee"]]),
        json!([1000, 200, 800, "800"])
    );
    assert_eq!((&paid["fee_type"], &paid["cash_fee_type"]), (&json!("HKD"), &json!("CNY")));
}

#[tokio::test]
async fn payments_at_the_till_can_be_notified_too() {
    let sandbox = Sandbox::start().await;
    let mut merchant = Merchant::open().await;
    let url = json!({"notify_url": merchant.url});
    charge_with(&sandbox, "B1", "134600000000000001", url.clone()).await;
    sandbox.turn("blueocean", "settings", json!({"micropay_notifies": true})).await;
    charge_with(&sandbox, "B2", "134600000000000102", url).await;
    assert_eq!(ask(&sandbox, "B2").await, "USERPAYING");
    assert_eq!(ask(&sandbox, "B2").await, "SUCCESS");
    let told = merchant.received().await;
    assert_eq!((told["out_trade_no"].as_str(), told["trade_type"].as_str()), ("B2", "MICROPAY"));
    assert!(merchant.is_idle());
}
