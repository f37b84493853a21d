//! Jubao: ordering, asking, the payer's page, and notifications.

use countersign_sandbox::gateways::{Charset, Config};
use http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Fields, Merchant, Sandbox, as_json, fields, form, jubao_sign};

pub(crate) const KEY: &str = "sandbox-jubao-key";
pub(crate) const APPLY: &str = "/jubao/index.php?_m=pay_gateway&_a=apply_pay";
const QUERY: &str = "/jubao/index.php?_m=payment&_a=query";

pub(crate) fn order(changes: &[(&str, &str)]) -> Fields {
    let mut order = fields(&[
        ("mch_id", "10000000000001"),
        ("pay_channel_id", "201"),
        ("total_fee", "1000"),
        ("out_trade_no", "T1"),
        ("body", "测试商品"),
        ("attach", "x&1"),
        ("return_url", "https://shop.example/r?a=1&b=2"),
        ("version", "2"),
    ]);
    order.extend(fields(changes));
    order
}

pub(crate) fn signed(mut fields: Fields) -> Fields {
    let plain = fields.get("version").is_some_and(|version| version == "2");
    fields.insert("sign".into(), jubao_sign(&fields, KEY, plain));
    fields
}

async fn ask(sandbox: &Sandbox, order_sn: &str) -> Value {
    let query = signed(fields(&[("mch_id", "10000000000001"), ("order_sn", order_sn), ("version", "2")]));
    sandbox.post_form(QUERY, &query).await.json()
}

#[tokio::test]
async fn an_order_is_taken_as_form_and_as_json_under_either_reading_of_the_text() {
    for version in [Some("2"), None] {
        for body in ["form", "json"] {
            let sandbox = Sandbox::start().await;
            let mut order = order(&[]);
            if version.is_none() {
                order.remove("version");
            }
            let order = signed(order);
            let answer = match body {
                "form" => sandbox.post_form(APPLY, &order).await.json(),
                _ => sandbox.post_json(APPLY, &as_json(&order)).await.json(),
            };
            assert_eq!((&answer["ret"], &answer["msg"]), (&json!(0), &json!("success")), "{answer}");
            assert_eq!(answer["data"]["out_trade_no"], "T1");
            let sn = answer["data"]["order_sn"].as_str().unwrap();
            let code_url = answer["data"]["code_url"].as_str().unwrap();
            assert_eq!(code_url, sandbox.url(&format!("/jubao/index.php?_m=pay&parameter={sn}")));
        }
    }
}

#[tokio::test]
async fn the_text_must_be_signed_under_the_reading_that_its_version_says() {
    let sandbox = Sandbox::start().await;
    let mut plain_without_version = order(&[]);
    plain_without_version.remove("version");
    plain_without_version.insert("sign".into(), jubao_sign(&plain_without_version, KEY, true));
    let mut encoded_again_with_version = order(&[]);
    encoded_again_with_version.insert("sign".into(), jubao_sign(&encoded_again_with_version, KEY, false));
    for order in [plain_without_version, encoded_again_with_version] {
        assert_eq!(sandbox.post_form(APPLY, &order).await.json()["ret"], 4004);
    }
}

#[tokio::test]
async fn every_documented_refusal_has_its_code() {
    let mut config = Config::default();
    config.jubao.pay_channel_ids = vec![101, 201];
    let sandbox = Sandbox::with(config).await;
    let taken = signed(order(&[("out_trade_no", "taken")]));
    assert_eq!(sandbox.post_form(APPLY, &taken).await.json()["ret"], 0);
    let long = "长".repeat(129);
    let cases: [(i64, &[(&str, &str)]); 10] = [
        (4002, &[("mch_id", "10000000000002")]),
        (4003, &[("mch_id", "")]),
        (4003, &[("total_fee", "")]),
        (492001, &[("total_fee", "10.00")]),
        (492001, &[("total_fee", "0")]),
        (492001, &[("notify_url", "shop.example/n")]),
        (491002, &[("attach", &long)]),
        (492003, &[("pay_channel_id", "999")]),
        (4004, &[("_sign", "1")]),
        (40500, &[("out_trade_no", "taken")]),
    ];
    for (code, changes) in cases {
        let mut order = signed(order(changes));
        if changes == [("total_fee", "")] {
            order.remove("total_fee");
            order = signed(order);
        }
        let refused = sandbox.post_form(APPLY, &order).await.json();
        assert_eq!(refused["ret"], code, "{changes:?}: {refused}");
        assert!(refused.get("data").is_none(), "{refused}");
    }
    let duplicate = sandbox.post_form(APPLY, &taken).await.json();
    assert_eq!(duplicate, json!({"ret": 40500, "msg": "订单号重复"}));
    assert_eq!(sandbox.post_form(APPLY, &order(&[])).await.json()["ret"], 4003, "no sign at all");
    let mut altered = signed(order(&[]));
    altered.insert("total_fee".into(), "1".into());
    assert_eq!(sandbox.post_form(APPLY, &altered).await.json()["ret"], 4004);
    assert_eq!(sandbox.get(APPLY).await.json()["ret"], 4007);
    assert_eq!(sandbox.post_json(APPLY, &json!([1])).await.json()["ret"], 4001);
    assert_eq!(sandbox.post_form("/jubao/index.php?_m=refund&_a=x", &order(&[])).await.json()["ret"], 404);
    let body = Some(("application/x-www-form-urlencoded", "mch_id=%ff".to_owned()));
    assert_eq!(sandbox.try_send(Method::POST, APPLY, body).await.unwrap().json()["ret"], 40110);
}

#[tokio::test]
async fn the_payer_pays_on_the_page_and_the_shop_is_told_before_the_browser_returns() {
    let sandbox = Sandbox::start().await;
    let mut merchant = Merchant::open().await;
    let answer = sandbox.post_form(APPLY, &signed(order(&[("notify_url", &merchant.url)]))).await.json();
    let (sn, page) =
        (answer["data"]["order_sn"].as_str().unwrap(), answer["data"]["code_url"].as_str().unwrap());
    assert_eq!(ask(&sandbox, sn).await["data"]["status"], 1);
    let shown = sandbox.get(page).await.text;
    assert!(
        shown.contains("¥10.00") && shown.contains("测试商品") && shown.contains("data-testid=\"pay\""),
        "{shown}"
    );

    let back = sandbox.post_form(page, &fields(&[("decision", "pay")])).await;
    assert_eq!(back.location(), "https://shop.example/r?a=1&b=2");

    let notification = merchant.received().await;
    let names: Vec<_> = notification.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "attach",
            "body",
            "cash_fee",
            "finish_time",
            "mch_id",
            "nonce_str",
            "order_sn",
            "out_trade_no",
            "pay_channel_id",
            "sign",
            "status",
            "total_fee"
        ]
    );
    assert_eq!(notification["sign"], jubao_sign(&notification, KEY, false));
    for (name, value) in
        [("status", "2"), ("total_fee", "1000"), ("attach", "x&1"), ("body", "测试商品"), ("order_sn", sn)]
    {
        assert_eq!(notification[name], value);
    }
    let found = ask(&sandbox, sn).await;
    assert_eq!(
        (&found["data"]["status"], &found["data"]["total_fee"]),
        (&json!(2), &json!("1000")),
        "{found}"
    );
    let booked = sandbox.order("jubao").await;
    assert_eq!((&booked["status"], &booked["notifications"][0]["body"]), (&json!("paid"), &json!("SUCCESS")));

    let again = sandbox.post_form(page, &fields(&[("decision", "pay")])).await;
    assert!(again.text.contains("data-testid=\"paid\""), "{}", again.text);
    assert!(merchant.is_idle(), "paying twice must not notify twice");
}

#[tokio::test]
async fn a_payer_who_cancels_returns_unpaid() {
    let sandbox = Sandbox::start().await;
    let answer = sandbox.post_form(APPLY, &signed(order(&[]))).await.json();
    let page = answer["data"]["code_url"].as_str().unwrap();
    let back = sandbox.post_form(page, &fields(&[("decision", "cancel")])).await;
    assert_eq!(back.location(), "https://shop.example/r?a=1&b=2");
    assert_eq!(sandbox.order("jubao").await["status"], "unpaid");
}

#[tokio::test]
async fn a_notification_is_sent_again_until_the_reply_is_exactly_success() {
    let mut config = Config::default();
    (config.notifications.backoff_ms, config.notifications.attempts_max) = (1, 3);
    let sandbox = Sandbox::with(config).await;
    let mut merchant = Merchant::open().await;
    for (order_no, replies) in
        [("T1", [(500, "SUCCESS"), (200, "success"), (200, "SUCCESS")]), ("T2", [(200, "no"); 3])]
    {
        for (status, text) in replies {
            merchant.reply_next_with(status, text);
        }
        let changes = [("notify_url", merchant.url.as_str()), ("out_trade_no", order_no)];
        sandbox.post_form(APPLY, &signed(order(&changes))).await;
        let told = sandbox.control(Method::POST, &format!("/jubao/orders/{order_no}/pay"), json!({})).await;
        let first = json!([{"status": replies[0].0, "body": replies[0].1}]);
        assert_eq!(told, json!({"paid": true, "notifications": first}));
        let notification = merchant.received().await;
        assert_eq!(merchant.received().await, notification);
        assert_eq!(merchant.received().await, notification);
    }
    let all = sandbox.control(Method::GET, "/jubao/orders", Value::Null).await;
    assert_eq!(all[0]["notifications"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_test_can_ask_for_copies_other_amounts_forgeries_and_lies() {
    let sandbox = Sandbox::start().await;
    let mut merchant = Merchant::open().await;
    for order_no in ["T1", "T2", "T3"] {
        let changes = [("notify_url", merchant.url.as_str()), ("out_trade_no", order_no)];
        sandbox.post_form(APPLY, &signed(order(&changes))).await;
    }
    merchant.reply_next_with(400, "FAIL");
    let forged = sandbox.control(Method::POST, "/jubao/orders/T1/pay", json!({"forge": true})).await;
    assert_eq!(forged, json!({"paid": false, "notifications": [{"status": 400, "body": "FAIL"}]}));
    let forged = merchant.received().await;
    assert_ne!(forged["sign"], jubao_sign(&forged, KEY, false));

    let told = sandbox.control(Method::POST, "/jubao/orders/T2/pay", json!({"times": 2, "amount": 1})).await;
    assert_eq!(told["notifications"].as_array().unwrap().len(), 2);
    let (first, second) = (merchant.received().await, merchant.received().await);
    assert_eq!((first["total_fee"].as_str(), &first), ("1", &second));
    assert_eq!(first["sign"], jubao_sign(&first, KEY, false));

    let at_once = json!({"times": 5, "together": true});
    let told = sandbox.control(Method::POST, "/jubao/orders/T2/pay", at_once).await;
    assert_eq!(told["notifications"].as_array().unwrap().len(), 5);
    for _ in 0..5 {
        merchant.received().await;
    }

    let told = sandbox.control(Method::POST, "/jubao/orders/T3/pay", json!({"book": false})).await;
    assert_eq!(told["paid"], false);
    let lie = merchant.received().await;
    assert_eq!((lie["status"].as_str(), &lie["sign"]), ("2", &jubao_sign(&lie, KEY, false)));

    let orders = sandbox.control(Method::GET, "/jubao/orders", Value::Null).await;
    let states: Vec<_> =
        orders.as_array().unwrap().iter().map(|order| order["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["unpaid", "paid", "unpaid"]);
    assert_eq!((&orders[1]["amount"], &orders[1]["paid_amount"]), (&json!(1000), &json!(1)));
}

#[tokio::test]
async fn closed_and_refunded_orders_show_in_the_query_and_on_the_page() {
    let sandbox = Sandbox::start().await;
    for (order_no, step, status, id) in [("T1", "close", 4, "closed"), ("T2", "refund", 3, "refunded")] {
        let answer = sandbox.post_form(APPLY, &signed(order(&[("out_trade_no", order_no)]))).await.json();
        if step == "refund" {
            sandbox.control(Method::POST, &format!("/jubao/orders/{order_no}/pay"), json!({})).await;
        }
        sandbox.control(Method::POST, &format!("/jubao/orders/{order_no}/{step}"), json!({})).await;
        let found = ask(&sandbox, answer["data"]["order_sn"].as_str().unwrap()).await;
        assert_eq!(found["data"]["status"], status);
        let page = sandbox.get(answer["data"]["code_url"].as_str().unwrap()).await.text;
        assert!(page.contains(&format!("data-testid=\"{id}\"")), "{page}");
    }
}

#[tokio::test]
async fn the_other_readings_of_the_documents_can_be_configured() {
    let mut config = Config::default();
    (config.jubao.notification_charset, config.jubao.sign_answers) = (Charset::Plain, true);
    let sandbox = Sandbox::with(config).await;
    let mut merchant = Merchant::open().await;
    let answer = sandbox.post_form(APPLY, &signed(order(&[("notify_url", &merchant.url)]))).await.json();
    let data = super::support::texts(&answer["data"]);
    assert_eq!(data["sign"], jubao_sign(&data, KEY, false));
    sandbox.control(Method::POST, "/jubao/orders/T1/pay", json!({})).await;
    let notification = merchant.received().await;
    assert_eq!(notification["sign"], jubao_sign(&notification, KEY, true));
}

#[tokio::test]
async fn an_unknown_order_is_an_error_page_and_a_refused_query() {
    let sandbox = Sandbox::start().await;
    assert_eq!(ask(&sandbox, "20240101000000000001").await, json!({"ret": 40102, "msg": "订单不存在"}));
    let page = sandbox.get("/jubao/index.php?_m=pay&parameter=1").await;
    assert!(page.status == StatusCode::BAD_REQUEST && page.text.contains("40102"), "{}", page.text);
}

#[tokio::test]
async fn the_journal_keeps_the_body_as_it_was_sent() {
    let sandbox = Sandbox::start().await;
    let order = signed(order(&[]));
    sandbox.post_form(APPLY, &order).await;
    let journal = sandbox.journal().await;
    assert_eq!(journal[0]["body"], form(&order));
    assert_eq!(journal[0]["content_type"], "application/x-www-form-urlencoded");
    assert_eq!(journal[0]["fields"], as_json(&order));
    assert_eq!((&journal[0]["gateway"], &journal[0]["endpoint"]), (&json!("jubao"), &json!("apply_pay")));
    assert_eq!((&journal[0]["verdict"], &journal[0]["seq"]), (&json!("ok"), &json!(1)));
    sandbox.control(Method::DELETE, "/journal", Value::Null).await;
    assert!(sandbox.journal().await.is_empty());
}

#[tokio::test]
async fn any_channel_is_taken_and_named_on_the_page_when_none_is_configured() {
    let sandbox = Sandbox::start().await;
    let answer = sandbox.post_form(APPLY, &signed(order(&[("pay_channel_id", "304")]))).await.json();
    let page = sandbox.get(answer["data"]["code_url"].as_str().unwrap()).await.text;
    assert!(page.contains("Channel 304"), "{page}");
    let found = ask(&sandbox, answer["data"]["order_sn"].as_str().unwrap()).await;
    assert_eq!(found["data"]["pay_channel_id"], 304);
}

#[tokio::test]
async fn a_multipart_body_is_taken_as_the_php_kit_sends_it() {
    let sandbox = Sandbox::start().await;
    let mut without_version = order(&[]);
    without_version.remove("version");
    let mut body = String::new();
    for (name, value) in signed(without_version) {
        body.push_str(&format!("--x1\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    body.push_str("--x1--\r\n");
    let sent = Some(("multipart/form-data; boundary=x1", body));
    let answer = sandbox.try_send(Method::POST, APPLY, sent).await.unwrap().json();
    assert_eq!(answer["ret"], 0, "{answer}");
    let cut = Some(("multipart/form-data; boundary=x1", "--x1\r\n".to_owned()));
    assert_eq!(sandbox.try_send(Method::POST, APPLY, cut).await.unwrap().json()["ret"], 4001);
}

#[tokio::test]
async fn closed_and_refunded_orders_can_be_notified() {
    let sandbox = Sandbox::start().await;
    let mut merchant = Merchant::open().await;
    for (order_no, step, status) in [("T1", "close", "4"), ("T2", "refund", "3")] {
        let changes = [("notify_url", merchant.url.as_str()), ("out_trade_no", order_no)];
        sandbox.post_form(APPLY, &signed(order(&changes))).await;
        if step == "refund" {
            let path = format!("/jubao/orders/{order_no}/pay");
            sandbox.control(Method::POST, &path, json!({"notify": false})).await;
        }
        let path = format!("/jubao/orders/{order_no}/{step}");
        sandbox.control(Method::POST, &path, json!({"notify": true})).await;
        let told = merchant.received().await;
        assert_eq!((told["status"].as_str(), &told["sign"]), (status, &jubao_sign(&told, KEY, false)));
    }
}
