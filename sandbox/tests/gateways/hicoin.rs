//! Hicoin: pre-orders, asking, tokens, the payment page, and notifications.

use http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Fields, Merchant, Sandbox, fields, form, hicoin_sign, texts};

pub(crate) const KEY: &str = "sandbox-hicoin-mch-key";
pub(crate) const PRE_ORDER: &str = "/hicoin/oauth/api/pay/preOrder";
pub(crate) const QUERY_ORDER: &str = "/hicoin/oauth/api/pay/queryOrder";
const USER_TOKEN: &str = "sandbox-user-token-0001";

pub(crate) fn business(changes: Value) -> Value {
    let mut business = json!({
        "openid": "u0000000000000001", "body": "订单说明", "subject": "订单标题", "out_trade_no": "H1",
        "total_amount": 150_000_000, "settle_currency": "USDT", "trade_type": "H5", "trade_timeout_express": 600,
        "return_url": "https://shop.example/r?o=H1&x=1", "passback_params": "a=1&b=2",
    });
    business.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    business
}

pub(crate) fn call(business: &Value, changes: &[(&str, &str)]) -> Fields {
    let mut call = fields(&[
        ("app_id", "a0000000000000000000000000000001"),
        ("access_token", USER_TOKEN),
        ("lang", "zh_CN"),
        ("version", "1.0"),
        ("charset", "utf8"),
        ("nonce_str", "N0000000000000000000000000000001"),
        ("biz_content", &business.to_string()),
    ]);
    call.extend(fields(changes));
    call.insert("sign".into(), hicoin_sign(&call, KEY));
    call
}

async fn pre_order(sandbox: &Sandbox, changes: Value) -> Value {
    sandbox.post_form(PRE_ORDER, &call(&business(changes), &[])).await.json()
}

/// The link to the payment page, as the document writes it.
fn link(trade_no: &str, sign_over: &str, in_link: &str) -> String {
    let page = fields(&[
        ("appId", "a0000000000000000000000000000001"),
        ("nonceStr", "N0000000000000000000000000000003"),
        ("package", &sign_over.replace("{}", trade_no)),
        ("signType", "HMAC-SHA256"),
        ("timeStamp", "1704067200"),
    ]);
    let sign = hicoin_sign(&page, KEY);
    format!(
        "/hicoin/hicoinfe/payment?appId={}&nonceStr={}&package={}&signType={}&timeStamp={}&paySign={sign}",
        page["appId"],
        page["nonceStr"],
        in_link.replace("{}", trade_no),
        page["signType"],
        page["timeStamp"],
    )
}

#[tokio::test]
async fn a_pre_order_gets_a_signed_answer() {
    let sandbox = Sandbox::start().await;
    let answer = pre_order(&sandbox, json!({})).await;
    assert_eq!(answer["code"], "0", "{answer}");
    let data = texts(&answer["data"]);
    assert_eq!((data["out_trade_no"].as_str(), data["trade_type"].as_str()), ("H1", "H5"));
    assert_eq!(data["sign"], hicoin_sign(&data, KEY));
    assert_eq!((data["trade_no"].len(), data["nonce_str"].len()), (22, 32));
}

#[tokio::test]
async fn what_the_document_forbids_is_refused() {
    let sandbox = Sandbox::start().await;
    assert_eq!(pre_order(&sandbox, json!({"out_trade_no": "taken"})).await["code"], "0");
    let inner = [
        ("100004", json!({"openid": "u2"})),
        ("100004", json!({"body": "长".repeat(65)})),
        ("100004", json!({"subject": "长".repeat(33)})),
        ("100004", json!({"subject": ""})),
        ("100004", json!({"out_trade_no": "H-1"})),
        ("100004", json!({"out_trade_no": "H".repeat(33)})),
        ("100004", json!({"total_amount": "150000000"})),
        ("100004", json!({"total_amount": 1.5})),
        ("100004", json!({"total_amount": 0})),
        ("100004", json!({"settle_currency": "usdt"})),
        ("100004", json!({"trade_type": "APP"})),
        ("100004", json!({"trade_timeout_express": "600"})),
        ("100004", json!({"return_url": "shop.example"})),
        ("110088", json!({"out_trade_no": "taken"})),
    ];
    for (code, changes) in inner {
        let refused = pre_order(&sandbox, changes.clone()).await;
        assert_eq!(refused["code"], code, "{changes}: {refused}");
    }
    let outer: [(&str, &[(&str, &str)]); 7] = [
        ("100004", &[("app_id", "another")]),
        ("100004", &[("access_token", "another")]),
        ("100004", &[("lang", "en_US")]),
        ("100004", &[("version", "2.0")]),
        ("100004", &[("charset", "gbk")]),
        ("100004", &[("nonce_str", "short")]),
        ("100004", &[("biz_content", "[]")]),
    ];
    for (code, changes) in outer {
        let refused = sandbox.post_form(PRE_ORDER, &call(&business(json!({})), changes)).await.json();
        assert_eq!(refused["code"], code, "{changes:?}: {refused}");
    }
    let longest =
        json!({"subject": "长".repeat(32), "body": "长".repeat(64), "out_trade_no": "H".repeat(32)});
    assert_eq!(pre_order(&sandbox, longest).await["code"], "0", "the limits count characters");
}

#[tokio::test]
async fn only_the_right_signature_over_the_text_that_was_sent_passes() {
    let sandbox = Sandbox::start().await;
    let mut altered = call(&business(json!({})), &[]);
    altered.insert("biz_content".into(), business(json!({"total_amount": 1})).to_string());
    assert_eq!(sandbox.post_form(PRE_ORDER, &altered).await.json()["code"], "100005");
    let mut with_app_secret = call(&business(json!({})), &[]);
    with_app_secret.insert("sign".into(), hicoin_sign(&with_app_secret, "sandbox-hicoin-app-secret"));
    assert_eq!(sandbox.post_form(PRE_ORDER, &with_app_secret).await.json()["code"], "100005");
    let mut in_small_letters = call(&business(json!({})), &[]);
    let sign = in_small_letters["sign"].to_lowercase();
    in_small_letters.insert("sign".into(), sign);
    assert_eq!(sandbox.post_form(PRE_ORDER, &in_small_letters).await.json()["code"], "100005");
    let pretty = serde_json::to_string_pretty(&business(json!({}))).unwrap();
    let pretty = call(&Value::Null, &[("biz_content", &pretty)]);
    assert_eq!(sandbox.post_form(PRE_ORDER, &pretty).await.json()["code"], "0");
}

#[tokio::test]
async fn an_order_is_found_with_a_base_token_and_with_its_payers_token() {
    let sandbox = Sandbox::start().await;
    pre_order(&sandbox, json!({})).await;
    let token = |secret: &'static str| {
        let grant = fields(&[
            ("app_id", "a0000000000000000000000000000001"),
            ("secret", secret),
            ("grant_type", "client_credential"),
        ]);
        let sandbox = &sandbox;
        async move { sandbox.post_form("/hicoin/avenger/api/cgi-bin/access_token", &grant).await.json() }
    };
    assert_eq!(token("wrong").await["code"], "100004");
    let base = token("sandbox-hicoin-app-secret").await;
    assert_eq!(base["data"]["expires_in"], "7200");
    let base = base["data"]["access_token"].as_str().unwrap();
    for token in [base, USER_TOKEN] {
        let question = call(&json!({"out_trade_no": "H1"}), &[("access_token", token)]);
        let found = sandbox.post_form(QUERY_ORDER, &question).await.json();
        assert_eq!(found["data"]["trade_status"], "NOTPAY", "{found}");
        assert_eq!(
            (&found["data"]["total_amount"], &found["data"]["timeout_express"]),
            (&json!(150_000_000), &json!("600"))
        );
        let data = texts(&found["data"]);
        assert_eq!(data["sign"], hicoin_sign(&data, KEY));
    }
    sandbox.control(Method::PUT, "/hicoin/users/u2", json!({"access_token": "t2"})).await;
    let stranger = call(&json!({"out_trade_no": "H1"}), &[("access_token", "t2")]);
    assert_eq!(sandbox.post_form(QUERY_ORDER, &stranger).await.json()["code"], "100004");
    let with_base = call(&business(json!({"out_trade_no": "H2"})), &[("access_token", base)]);
    assert_eq!(
        sandbox.post_form(PRE_ORDER, &with_base).await.json()["code"],
        "100004",
        "a pre-order is the payer's"
    );
}

#[tokio::test]
async fn the_payer_types_a_password_and_pays_and_the_shop_is_told() {
    let sandbox = Sandbox::start().await;
    let mut merchant = Merchant::open().await;
    sandbox.control(Method::PUT, "/hicoin/callback", json!({"url": merchant.url})).await;
    let trade_no = pre_order(&sandbox, json!({})).await["data"]["trade_no"].as_str().unwrap().to_owned();
    let link = link(&trade_no, "prepay_id%3D{}", "prepay_id%3D{}");
    let page = sandbox.get(&link).await;
    assert!(
        page.text.contains("1.50000000 USDT") && page.text.contains("data-testid=\"password\""),
        "{}",
        page.text
    );

    let without = sandbox.post_form(&link, &fields(&[("decision", "pay"), ("password", "")])).await;
    assert!(without.text.contains("complaint"), "{}", without.text);
    let back = sandbox.post_form(&link, &fields(&[("decision", "cancel")])).await;
    assert_eq!(back.location(), "https://shop.example/r?o=H1&x=1");
    assert_eq!(sandbox.order("hicoin").await["status"], "unpaid");
    let back = sandbox.post_form(&link, &fields(&[("decision", "pay"), ("password", "x")])).await;
    assert_eq!(back.location(), "https://shop.example/r?o=H1&x=1");

    let notification = merchant.received().await;
    let names: Vec<_> = notification.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "app_id",
            "body",
            "nonce_str",
            "openid",
            "out_trade_no",
            "passback_params",
            "settle_currency",
            "sign",
            "subject",
            "total_amount",
            "trade_no",
            "trade_status",
            "trade_type"
        ]
    );
    assert_eq!(notification["sign"], hicoin_sign(&notification, KEY));
    for (name, value) in
        [("total_amount", "150000000"), ("trade_status", "SUCCESS"), ("passback_params", "a=1&b=2")]
    {
        assert_eq!(notification[name], value);
    }
    let question = call(&json!({"out_trade_no": "H1"}), &[]);
    let found = sandbox.post_form(QUERY_ORDER, &question).await.json();
    assert_eq!(
        (&found["data"]["trade_status"], &found["data"]["settle_trans_amount"]),
        (&json!("SUCCESS"), &json!(150_000_000))
    );
}

#[tokio::test]
async fn a_link_that_is_not_encoded_once_or_not_signed_so_shows_an_error() {
    let sandbox = Sandbox::start().await;
    let trade_no = pre_order(&sandbox, json!({})).await["data"]["trade_no"].as_str().unwrap().to_owned();
    let good = link(&trade_no, "prepay_id%3D{}", "prepay_id%3D{}");
    assert_eq!(sandbox.get(&good).await.status, StatusCode::OK);
    let bad = [
        ("package", link(&trade_no, "prepay_id=%3D{}", "prepay_id={}")),
        ("package", link(&trade_no, "prepay_id%3D{}", "prepay_id%253D{}")),
        ("paySign", link(&trade_no, "prepay_id={}", "prepay_id%3D{}")),
        ("package", link("1", "prepay_id%3D{}", "prepay_id%3D{}")),
        ("timeStamp", good.replace("timeStamp=1704067200", "timeStamp=1704067200000")),
        ("appId", good.replace("appId=a0", "appId=b0")),
        ("signType", good.replace("HMAC-SHA256", "MD5")),
        ("parameters", good.replace("nonceStr=", "nonce=")),
    ];
    for (name, link) in bad {
        let page = sandbox.get(&link).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{link}");
        assert!(
            page.text.contains(&format!("<code id=\"error-code\">{name}</code>")),
            "{name}: {}",
            page.text
        );
        let posted = sandbox.post_form(&link, &fields(&[("decision", "pay"), ("password", "x")])).await;
        assert_eq!(posted.status, StatusCode::BAD_REQUEST, "{link}");
    }
    assert_eq!(sandbox.order("hicoin").await["status"], "unpaid");
    let journal = sandbox.journal().await;
    let pages: Vec<_> = journal.iter().filter(|entry| entry["endpoint"] == "payment_page").collect();
    assert_eq!(
        (pages.len(), &pages[0]["verdict"], &pages[1]["reason"]),
        (9, &json!("ok"), &json!("link: package"))
    );
}

#[tokio::test]
async fn an_order_that_was_not_paid_in_time_is_closed() {
    let sandbox = Sandbox::start().await;
    let trade_no = pre_order(&sandbox, json!({"trade_timeout_express": 1})).await["data"]["trade_no"]
        .as_str()
        .unwrap()
        .to_owned();
    let question = call(&json!({"out_trade_no": "H1"}), &[]);
    let closed = async {
        while sandbox.post_form(QUERY_ORDER, &question).await.json()["data"]["trade_status"] != "CLOSED" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(super::support::PATIENCE, closed).await.expect("closed in time");
    let link = link(&trade_no, "prepay_id%3D{}", "prepay_id%3D{}");
    let page = sandbox.post_form(&link, &fields(&[("decision", "pay"), ("password", "x")])).await;
    assert!(page.text.contains("data-testid=\"closed\""), "{}", page.text);
}

#[tokio::test]
async fn a_form_is_the_only_encoding() {
    let sandbox = Sandbox::start().await;
    let body = call(&business(json!({})), &[]);
    assert_eq!(sandbox.post_json(PRE_ORDER, &json!(body)).await.json()["code"], "100004");
    assert_eq!(sandbox.get(&format!("{PRE_ORDER}?{}", form(&body))).await.json()["code"], "100004");
}
