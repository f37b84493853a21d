use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{OpenShop, event};

const CODE: &str = "134602370743606195";

fn scanned() -> Value {
    json!({"auth_code": CODE})
}

#[tokio::test]
async fn the_till_submits_at_once_and_hands_no_secret_to_the_browser() {
    let shop = OpenShop::new().await;
    let opened = shop.order_with("blueocean_micropay", scanned()).await;
    assert_eq!(opened["client_secret"], json!(null));
    let payment = shop.signer.last_call().body;
    assert_eq!(payment["confirm"], json!(true));
    assert_eq!(payment["method"], json!({"type": "blueocean_micropay", "auth_code": CODE}));

    let order_id = opened["order_id"].as_str().expect("a number");
    let hkd = json!({"value": 610, "currency": "HKD"});
    shop.tell("msg_1", &event(order_id, ("hk", hkd), "succeeded", 3)).await;
    let order = shop.order(order_id).await;
    assert_eq!(order["paid"], json!(true));
    assert!(!order.to_string().contains(CODE), "the code is good for a payment and stays out of the record");
}

#[tokio::test]
async fn the_till_needs_a_code() {
    let shop = OpenShop::new().await;
    for options in [json!({}), json!({"auth_code": ""})] {
        let answer = shop.try_to_order("blueocean_micropay", options).await;
        assert_eq!((answer.status, answer.json()["code"].clone()), (422, json!("no_auth_code")));
    }
    assert!(shop.signer.calls().is_empty());
}

#[tokio::test]
async fn an_answer_that_is_lost_once_is_asked_for_again_under_the_same_number() {
    let shop = OpenShop::new().await;
    shop.signer.lose_answers(1);
    shop.order_with("blueocean_micropay", scanned()).await;
    let calls = shop.signer.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].body, calls[1].body);
}

#[tokio::test]
async fn what_the_till_may_have_charged_stays_on_record_until_a_webhook_tells() {
    let shop = OpenShop::new().await;
    shop.signer.lose_answers(2);
    let answer = shop.try_to_order("blueocean_micropay", scanned()).await;
    assert_eq!((answer.status, answer.json()["code"].clone()), (503, json!("signer_unreachable")));
    let listed = shop.get("/api/orders").await.json();
    assert_eq!(listed[0]["payment_id"], json!(null));

    let order_id = listed[0]["order_id"].as_str().expect("a number");
    let hkd = json!({"value": 610, "currency": "HKD"});
    shop.tell("msg_1", &event(order_id, ("hk", hkd), "succeeded", 3)).await;
    let order = shop.order(order_id).await;
    assert_eq!((&order["paid"], &order["payment_id"]), (&json!(true), &json!(format!("pay_{order_id}"))));
}

#[tokio::test]
async fn what_a_browser_would_have_had_to_start_is_forgotten_when_its_answer_is_lost() {
    let shop = OpenShop::new().await;
    shop.signer.lose_answers(2);
    assert_eq!(shop.try_to_order("jubao_wechat_h5", json!({})).await.status, 503);
    assert_eq!(shop.get("/api/orders").await.json(), json!([]));
}

#[tokio::test]
async fn a_code_that_the_signer_refuses_leaves_no_order() {
    let shop = OpenShop::new().await;
    let field = json!([{"field": "method.auth_code", "code": "invalid_auth_code", "detail": "digits only"}]);
    shop.signer.refuse(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", field);
    let answer = shop.try_to_order("blueocean_micropay", json!({"auth_code": "x"})).await;
    assert_eq!((answer.status, answer.json()["code"].clone()), (502, json!("signer_refused")));
    assert!(answer.text.contains("method.auth_code: digits only"), "{}", answer.text);
    assert_eq!(shop.get("/api/orders").await.json(), json!([]));
}
