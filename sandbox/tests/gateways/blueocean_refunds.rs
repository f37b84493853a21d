//! BlueOcean: closing orders, and giving money back.

use reqwest::Method;
use serde_json::{Value, json};

use super::blueocean::{KEY, PAY, QUERY, order, signed};
use super::support::{Sandbox, blueocean_sign, texts};

const REFUND: &str = "/blueocean/payment/refund";
const REFUND_QUERY: &str = "/blueocean/order/refundquery";

async fn call(sandbox: &Sandbox, path: &str, mut body: Value) -> Value {
    body["appid"] = json!("1000001");
    sandbox.post_json(path, &signed(body)).await.json()
}

/// A paid order with this number.
async fn paid(sandbox: &Sandbox, order_no: &str, payment: &str) {
    sandbox.post_json(PAY, &signed(order(json!({"out_trade_no": order_no, "payment": payment})))).await;
    let path = format!("/blueocean/orders/{order_no}/pay");
    sandbox.control(Method::POST, &path, json!({"notify": false})).await;
}

async fn order_of(sandbox: &Sandbox, order_no: &str) -> Value {
    call(sandbox, QUERY, json!({"out_trade_no": order_no})).await["data"].clone()
}

#[tokio::test]
async fn an_order_is_given_back_in_parts_until_nothing_is_left() {
    let sandbox = Sandbox::start().await;
    paid(&sandbox, "B1", "wechat.qrcode").await;
    assert_eq!(order_of(&sandbox, "B1").await["refundable"], "1000");
    let part =
        json!({"out_trade_no": "B1", "refund_fee": 400, "out_refund_no": "B1f1", "refund_desc": "broken"});
    let refund = call(&sandbox, REFUND, part.clone()).await;
    let data = &refund["data"];
    assert_eq!(
        json!([data["out_refund_no"], data["refund_fee"], data["refund_status"], data["trade_state"]]),
        json!(["B1f1", "400", "SUCCESS", "REFUND"]),
        "{refund}"
    );
    assert_eq!(data["sign"], blueocean_sign(&texts(data), KEY));
    let order = order_of(&sandbox, "B1").await;
    assert_eq!(
        json!([order["trade_state"], order["total_refund_fee"], order["refundable"]]),
        json!(["REFUND", "400", "600"])
    );
    sandbox.turn("blueocean", "settings", json!({"partial_refund_state": "SUCCESS"})).await;
    assert_eq!(order_of(&sandbox, "B1").await["trade_state"], "SUCCESS");

    assert_eq!(call(&sandbox, REFUND, part).await["code"], 493001, "the same number again");
    let too_much = json!({"out_trade_no": "B1", "refund_fee": 601});
    assert_eq!(call(&sandbox, REFUND, too_much).await["code"], 40100);
    let rest = call(&sandbox, REFUND, json!({"out_trade_no": "B1"})).await;
    assert_eq!(rest["data"]["refund_fee"], "600", "{rest}");
    assert!(rest["data"]["out_refund_no"].as_str().unwrap().len() > 10);
    assert_eq!(order_of(&sandbox, "B1").await["trade_state"], "REFUND");
    assert_eq!(call(&sandbox, REFUND, json!({"out_trade_no": "B1"})).await["code"], 40105);
    assert_eq!(sandbox.order("blueocean").await["refunded_amount"], 1000);
}

#[tokio::test]
async fn a_refund_is_found_by_the_merchants_number_in_either_envelope() {
    let sandbox = Sandbox::start().await;
    paid(&sandbox, "B1", "alipay.qrcode").await;
    call(&sandbox, REFUND, json!({"out_trade_no": "B1", "refund_fee": "1", "out_refund_no": "R1"})).await;
    let found = call(&sandbox, REFUND_QUERY, json!({"customer_refund_no": "R1"})).await;
    assert_eq!(
        (&found["code"], &found["data"]["refund_status"]),
        (&json!(200), &json!("SUCCESS")),
        "{found}"
    );
    sandbox.turn("blueocean", "settings", json!({"bare_refunds": true})).await;
    let bare = call(&sandbox, REFUND_QUERY, json!({"customer_refund_no": "R1"})).await;
    assert_eq!((bare.get("code"), bare["refund_fee"].as_str()), (None, Some("1")), "{bare}");
    assert_eq!(bare["sign"], blueocean_sign(&texts(&bare), KEY));
    assert_eq!(call(&sandbox, REFUND_QUERY, json!({"customer_refund_no": "R2"})).await["code"], 492002);
    assert_eq!(call(&sandbox, REFUND_QUERY, json!({})).await["code"], 40109);
}

#[tokio::test]
async fn a_refund_can_take_its_time_and_fail() {
    let sandbox = Sandbox::start().await;
    sandbox.turn("blueocean", "settings", json!({"refund_status": "processing"})).await;
    for (order_no, status, word, state) in
        [("B1", "succeeded", "SUCCESS", "REFUND"), ("B2", "closed", "REFUNDCLOSE", "SUCCESS")]
    {
        paid(&sandbox, order_no, "wechat.qrcode").await;
        let refund_no = format!("{order_no}f1");
        let begun =
            call(&sandbox, REFUND, json!({"out_trade_no": order_no, "out_refund_no": refund_no})).await;
        assert_eq!(begun["data"]["refund_status"], "PROCESSING", "{begun}");
        assert_eq!(call(&sandbox, REFUND, json!({"out_trade_no": order_no})).await["code"], 40100);
        let path = format!("/blueocean/refunds/{refund_no}/settle");
        sandbox.control(Method::POST, &path, json!({"status": status})).await;
        let ended = call(&sandbox, REFUND_QUERY, json!({"customer_refund_no": refund_no})).await;
        assert_eq!(ended["data"]["refund_status"], word, "{ended}");
        assert_eq!(order_of(&sandbox, order_no).await["trade_state"], state);
    }
}

#[tokio::test]
async fn a_refund_is_refused_for_every_documented_reason() {
    let sandbox = Sandbox::start().await;
    let refund = async |order_no: &str, amount: i64| {
        call(&sandbox, REFUND, json!({"out_trade_no": order_no, "refund_fee": amount})).await["code"].clone()
    };
    assert_eq!(refund("none", 1).await, 40102);
    sandbox.post_json(PAY, &signed(order(json!({"out_trade_no": "open"})))).await;
    assert_eq!(refund("open", 1).await, 40100);
    call(&sandbox, "/blueocean/order/close", json!({"out_trade_no": "open"})).await;
    assert_eq!(refund("open", 1).await, 40103);
    paid(&sandbox, "taken-back", "wechat.qrcode").await;
    call(&sandbox, "/blueocean/order/reverse", json!({"out_trade_no": "taken-back"})).await;
    assert_eq!(refund("taken-back", 1).await, 40104);
    paid(&sandbox, "good", "alipay.qrcode").await;
    assert_eq!(refund("good", 0).await, 492001);
    for (settings, amount, code) in [
        (json!({"refund_period_over": true}), 1000, 40108),
        (json!({"alipay_partial_refunds": false}), 1, 492003),
        (json!({"merchant_balance": 999}), 1000, 40107),
    ] {
        sandbox.turn("blueocean", "settings", settings).await;
        assert_eq!(refund("good", amount).await, code);
        sandbox.control(Method::DELETE, "/blueocean/settings", Value::Null).await;
    }
    assert_eq!(refund("good", 1000).await, 200, "nothing above has given anything back");
}

#[tokio::test]
async fn an_order_is_closed_once_and_not_when_it_is_paid() {
    let sandbox = Sandbox::start().await;
    let close = async |order_no: &str| {
        call(&sandbox, "/blueocean/order/close", json!({"out_trade_no": order_no})).await
    };
    sandbox.post_json(PAY, &signed(order(json!({})))).await;
    assert_eq!(close("B1").await["data"]["trade_state"], "CLOSED");
    assert_eq!(close("B1").await["code"], 40103);
    paid(&sandbox, "B2", "alipay.qrcode").await;
    assert_eq!(close("B2").await["code"], 40101);
    assert_eq!(close("B3").await["code"], 40102);
    assert_eq!(call(&sandbox, "/blueocean/order/close", json!({})).await["code"], 4003);
    let reverse = call(&sandbox, "/blueocean/order/reverse", json!({"out_trade_no": "B1"})).await;
    assert_eq!(reverse["code"], 40103);
}

#[tokio::test]
async fn the_gateways_own_portal_gives_back_whole_and_in_parts() {
    let sandbox = Sandbox::start().await;
    paid(&sandbox, "B1", "alipay.qrcode").await;
    sandbox.control(Method::POST, "/blueocean/orders/B1/refund", json!({"amount": 300})).await;
    let order = order_of(&sandbox, "B1").await;
    assert_eq!((&order["total_refund_fee"], &order["trade_state"]), (&json!("300"), &json!("REFUND")));
    assert_eq!(sandbox.order("blueocean").await["status"], "paid");
    sandbox.control(Method::POST, "/blueocean/orders/B1/refund", json!({})).await;
    assert_eq!(sandbox.order("blueocean").await["status"], "refunded");
    let again = sandbox.post_json("/_control/blueocean/orders/B1/refund", &json!({"amount": 1})).await;
    assert_eq!(again.status.as_u16(), 409);
}
