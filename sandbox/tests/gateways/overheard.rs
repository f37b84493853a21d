//! What an onlooker may know of the talk: who, where and how it was answered, and nothing of a message.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::jubao::{APPLY, order, signed};
use super::support::{Merchant, PATIENCE, Sandbox};

async fn overheard(sandbox: &Sandbox, query: &str) -> Value {
    sandbox.control(Method::GET, &format!("/overheard{query}"), Value::Null).await
}

/// What was done, the endpoint, and whether it was accepted.
fn told(heard: &Value) -> Vec<(String, String, bool)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |line: &Value| (text(&line["did"]), text(&line["endpoint"]), line["accepted"] == true);
    heard["lines"].as_array().unwrap().iter().map(line).collect()
}

async fn ordered(sandbox: &Sandbox, merchant: &Merchant) {
    let order = signed(order(&[("notify_url", merchant.url.as_str())]));
    assert!(sandbox.post_form(APPLY, &order).await.status.is_success());
}

#[tokio::test]
async fn an_order_its_payment_and_its_notifications_are_overheard_without_a_word_of_them() {
    let (sandbox, merchant) = (Sandbox::start().await, Merchant::open().await);
    ordered(&sandbox, &merchant).await;
    sandbox.control(Method::POST, "/jubao/orders/T1/pay", json!({})).await;
    let heard = overheard(&sandbox, "").await;
    let lines = told(&heard);
    assert_eq!(lines[0], ("called".into(), "apply_pay".into(), true));
    assert_eq!(lines[1], ("paid".into(), String::new(), true));
    assert_eq!(lines[2].0, "notified");
    assert!(heard["lines"].as_array().unwrap().iter().all(|line| line["number"] == "T1"), "{heard}");
    let journal = sandbox.control(Method::GET, "/journal", Value::Null).await;
    let sign = journal[0]["fields"]["sign"].as_str().unwrap();
    for hidden in [sign, "测试商品", "mch_id"] {
        assert!(!heard["lines"].to_string().contains(hidden), "{hidden} in {heard}");
    }
}

#[tokio::test]
async fn a_forged_notification_that_the_merchant_refuses_is_told_as_refused() {
    let (sandbox, merchant) = (Sandbox::start().await, Merchant::open().await);
    ordered(&sandbox, &merchant).await;
    merchant.reply_next_with(200, "no");
    sandbox.control(Method::POST, "/jubao/orders/T1/pay", json!({"forge": true})).await;
    assert_eq!(told(&overheard(&sandbox, "?after=1").await), [("notified".into(), String::new(), false)]);
}

#[tokio::test]
async fn a_listener_waits_for_the_next_line_and_is_told_when_the_count_began_anew() {
    let (sandbox, merchant) = (Sandbox::start().await, Merchant::open().await);
    let waiting = overheard(&sandbox, "?after=0&wait_s=10");
    let ordering = async {
        tokio::task::yield_now().await;
        ordered(&sandbox, &merchant).await;
    };
    let (heard, ()) =
        tokio::time::timeout(PATIENCE, async { tokio::join!(waiting, ordering) }).await.unwrap();
    assert_eq!(told(&heard).len(), 1);
    // A listener that counts further than there are lines is answered at once.
    let further = tokio::time::timeout(Duration::from_secs(5), overheard(&sandbox, "?after=99&wait_s=30"));
    assert_eq!(further.await.unwrap()["last"], 1);
}
