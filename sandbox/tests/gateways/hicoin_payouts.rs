//! Hicoin: payouts, which are also how money is given back.

use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Fields, Sandbox, fields, hicoin_sign, texts};

const APP_SECRET: &str = "sandbox-hicoin-app-secret";
const TRANSFERS: &str = "/hicoin/avenger/api/mmpaymkttransfers/promotion/transfers";
const INFO: &str = "/hicoin/avenger/api/mmpaymkttransfers/gettransferinfo";

fn payout(changes: Value) -> Value {
    let mut payout = json!({
        "openid": "u0000000000000001", "body": "退款", "subject": "refund of H1", "out_trade_no": "H1f1",
        "total_amount": 50_000_000, "settle_currency": "USDT",
    });
    payout.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    payout
}

async fn base_token(sandbox: &Sandbox) -> String {
    let body = fields(&[
        ("app_id", "a0000000000000000000000000000001"),
        ("secret", APP_SECRET),
        ("grant_type", "client_credential"),
    ]);
    let answer = sandbox.post_form("/hicoin/avenger/api/cgi-bin/access_token", &body).await.json();
    answer["data"]["access_token"].as_str().unwrap().to_owned()
}

fn signed(business: &Value, token: &str, key: &str) -> Fields {
    let mut call = fields(&[
        ("app_id", "a0000000000000000000000000000001"),
        ("access_token", token),
        ("lang", "zh_CN"),
        ("version", "1.0"),
        ("charset", "utf8"),
        ("nonce_str", "N0000000000000000000000000000001"),
        ("biz_content", &business.to_string()),
    ]);
    call.insert("sign".into(), hicoin_sign(&call, key));
    call
}

async fn pay(sandbox: &Sandbox, changes: Value) -> Value {
    let token = base_token(sandbox).await;
    sandbox.post_form(TRANSFERS, &signed(&payout(changes), &token, APP_SECRET)).await.json()
}

async fn info(sandbox: &Sandbox, order_no: &str) -> Value {
    let token = base_token(sandbox).await;
    let question = signed(&json!({"out_trade_no": order_no}), &token, APP_SECRET);
    sandbox.post_form(INFO, &question).await.json()
}

#[tokio::test]
async fn a_payout_is_taken_once_and_found_afterwards() {
    let sandbox = Sandbox::start().await;
    let taken = pay(&sandbox, json!({})).await;
    assert_eq!(taken["code"], "0", "{taken}");
    let data = texts(&taken["data"]);
    assert_eq!(data["sign"], hicoin_sign(&data, APP_SECRET));
    assert_eq!(pay(&sandbox, json!({})).await["code"], "110088");
    sandbox.turn("hicoin", "settings", json!({"repeated_transfer": "same_answer"})).await;
    let again = pay(&sandbox, json!({"total_amount": 1})).await;
    assert_eq!(again["data"]["trade_no"], taken["data"]["trade_no"], "{again}");

    let found = info(&sandbox, "H1f1").await;
    let data = &found["data"];
    assert_eq!(
        json!([data["trade_status"], data["total_amount"], data["settle_trans_amount"], data["openid"]]),
        json!(["SUCCESS", 50_000_000, 50_000_000, "u0000000000000001"])
    );
    assert_eq!(data["sign"], hicoin_sign(&texts(data), APP_SECRET));
    assert_eq!(info(&sandbox, "H1f2").await["code"], "100004");
    let all = sandbox.control(Method::GET, "/hicoin/transfers", Value::Null).await;
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
}

#[tokio::test]
async fn a_payout_is_the_merchants_own_signed_with_the_application_secret() {
    let sandbox = Sandbox::start().await;
    let token = base_token(&sandbox).await;
    let with_mch_key = signed(&payout(json!({})), &token, "sandbox-hicoin-mch-key");
    assert_eq!(sandbox.post_form(TRANSFERS, &with_mch_key).await.json()["code"], "100005");
    let of_payer = signed(&payout(json!({})), "sandbox-user-token-0001", APP_SECRET);
    assert_eq!(sandbox.post_form(TRANSFERS, &of_payer).await.json()["code"], "100004");
    sandbox.control(Method::POST, "/hicoin/tokens/expire", json!({"which": "base"})).await;
    let late = signed(&payout(json!({})), &token, APP_SECRET);
    assert_eq!(sandbox.post_form(TRANSFERS, &late).await.json()["code"], "100004");
    for changes in [
        json!({"openid": "nobody"}),
        json!({"out_trade_no": "H-1"}),
        json!({"out_trade_no": "H".repeat(33)}),
        json!({"total_amount": "1"}),
        json!({"settle_currency": "usdt"}),
        json!({"subject": "长".repeat(33)}),
    ] {
        assert_eq!(pay(&sandbox, changes.clone()).await["code"], "100004", "{changes}");
    }
    assert_eq!(sandbox.control(Method::GET, "/hicoin/transfers", Value::Null).await, json!([]));
}

#[tokio::test]
async fn a_business_account_that_holds_too_little_pays_nothing_out() {
    let sandbox = Sandbox::start().await;
    sandbox.turn("hicoin", "settings", json!({"business_balance": 60_000_000})).await;
    assert_eq!(pay(&sandbox, json!({})).await["code"], "0");
    let second = pay(&sandbox, json!({"out_trade_no": "H1f2"})).await;
    assert_eq!(second["code"], "110043", "{second}");
    assert_eq!(info(&sandbox, "H1f2").await["code"], "100004", "nothing is booked");
    assert_eq!(pay(&sandbox, json!({"out_trade_no": "H1f3", "total_amount": 10_000_000})).await["code"], "0");
}

#[tokio::test]
async fn a_payout_can_fail_after_it_was_taken() {
    let sandbox = Sandbox::start().await;
    let failing = json!({"transfer_status": "FAILED", "transfer_reason": "用户账户异常"});
    sandbox.turn("hicoin", "settings", failing).await;
    assert_eq!(pay(&sandbox, json!({})).await["code"], "0");
    let found = info(&sandbox, "H1f1").await["data"].clone();
    assert_eq!(
        json!([found["trade_status"], found["reason"], found["settle_trans_amount"]]),
        json!(["FAILED", "用户账户异常", 0])
    );
}
