//! BlueOcean: QR codes, asking, the page that a scan opens, and notifications.

use countersign_sandbox::gateways::Config;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Merchant, Sandbox, blueocean_sign, fields, texts};

pub(crate) const KEY: &str = "sandbox-blueocean-key";
pub(crate) const PAY: &str = "/blueocean/payment/pay";
pub(crate) const QUERY: &str = "/blueocean/order/query";

pub(crate) fn order(changes: Value) -> Value {
    let mut order = json!({
        "appid": "1000001", "payment": "alipay.qrcode", "total_fee": 1000, "out_trade_no": "B1", "body": "测试商品",
    });
    order.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    order.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    order
}

pub(crate) fn signed(mut order: Value) -> Value {
    order["sign"] = blueocean_sign(&texts(&order), KEY).into();
    order
}

#[tokio::test]
async fn an_order_gets_a_qr_code_and_a_signed_answer_with_the_samples_types() {
    let sandbox = Sandbox::start().await;
    let answer = sandbox.post_json(PAY, &signed(order(json!({})))).await.json();
    assert_eq!((&answer["code"], &answer["message"]), (&json!(200), &json!("success")), "{answer}");
    let data = &answer["data"];
    assert_eq!(data["sign"], blueocean_sign(&texts(data), KEY));
    assert_eq!(
        (&data["appid"], &data["total_fee"], &data["cash_fee"]),
        (&json!("1000001"), &json!(1000), &json!("0"))
    );
    assert_eq!(
        (&data["trade_state"], &data["trade_type"], &data["time_end"]),
        (&json!("NOTPAY"), &json!("NATIVE"), &json!(0))
    );
    let sn = data["sn"].as_str().unwrap();
    assert_eq!(data["qrcode"], sandbox.url(&format!("/blueocean/order/qrcode/{sn}")));
}

#[tokio::test]
async fn the_qr_code_can_point_elsewhere() {
    let mut config = Config::default();
    config.blueocean.qr_page_url = Some("https://wallet.example/scan".parse().unwrap());
    let sandbox = Sandbox::with(config).await;
    let data = sandbox.post_json(PAY, &signed(order(json!({})))).await.json()["data"].clone();
    let sn = data["sn"].as_str().unwrap();
    assert_eq!(data["qrcode"], format!("https://wallet.example/scan/{sn}"));
}

#[tokio::test]
async fn every_documented_refusal_has_its_code() {
    let sandbox = Sandbox::start().await;
    let taken = signed(order(json!({"out_trade_no": "taken"})));
    assert_eq!(sandbox.post_json(PAY, &taken).await.json()["code"], 200);
    let cases = [
        (4002, json!({"appid": "1000002"})),
        (4003, json!({"appid": null})),
        (4003, json!({"payment": null})),
        (4003, json!({"total_fee": null})),
        (492001, json!({"total_fee": "ten"})),
        (492001, json!({"total_fee": 10.5})),
        (492001, json!({"notify_url": "shop.example/n"})),
        (491002, json!({"attach": "长".repeat(129)})),
        (492003, json!({"payment": "wechat.lookup"})),
        (40106, json!({"out_trade_no": "taken"})),
    ];
    for (code, changes) in cases {
        let refused = sandbox.post_json(PAY, &signed(order(changes.clone()))).await.json();
        assert_eq!(refused["code"], code, "{changes}: {refused}");
        assert!(refused["message"].is_string() && refused.get("ret").is_none(), "{refused}");
    }
    assert_eq!(sandbox.post_json(PAY, &order(json!({}))).await.json()["code"], 4003, "no sign at all");
    let mut altered = signed(order(json!({})));
    altered["total_fee"] = json!(1);
    assert_eq!(sandbox.post_json(PAY, &altered).await.json()["code"], 4004);
    assert_eq!(
        sandbox.post_form(PAY, &texts(&signed(order(json!({}))))).await.json()["code"],
        4001,
        "a form"
    );
    assert_eq!(sandbox.get(PAY).await.json()["code"], 4007);
    assert_eq!(sandbox.post_json("/blueocean/nothing/here", &taken).await.json()["code"], 404);
}

#[tokio::test]
async fn a_number_and_its_digits_are_taken_alike() {
    let sandbox = Sandbox::start().await;
    let answer =
        sandbox.post_json(PAY, &signed(order(json!({"total_fee": "1000", "appid": 1_000_001})))).await.json();
    assert_eq!(answer["code"], 200, "{answer}");
}

#[tokio::test]
async fn the_payer_scans_and_pays_and_the_shop_is_told() {
    let sandbox = Sandbox::start().await;
    let mut merchant = Merchant::open().await;
    let placed = sandbox.post_json(PAY, &signed(order(json!({"notify_url": merchant.url})))).await.json();
    let (sn, scanned) = (placed["data"]["sn"].as_str().unwrap(), placed["data"]["qrcode"].as_str().unwrap());
    let page = sandbox.get(scanned).await.text;
    assert!(page.contains("HKD 10.00") && page.contains("data-testid=\"pay\""), "{page}");
    assert!(!page.contains("data-testid=\"cancel\""), "a wallet has nowhere to go back to");

    let done = sandbox.post_form(scanned, &fields(&[("decision", "pay")])).await;
    assert!(done.text.contains("Paid. Go back to the shop."), "{}", done.text);
    let notification = merchant.received().await;
    let names: Vec<_> = notification.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "appid",
            "bank_type",
            "cash_fee",
            "cash_fee_type",
            "fee_type",
            "nonce_str",
            "out_trade_no",
            "sign",
            "sn",
            "time_end",
            "total_fee",
            "trade_type",
            "transaction_id",
            "version"
        ]
    );
    assert_eq!(notification["sign"], blueocean_sign(&notification, KEY));
    for (name, value) in [("total_fee", "1000"), ("fee_type", "HKD"), ("sn", sn), ("version", "1.0")] {
        assert_eq!(notification[name], value);
    }

    for question in
        [json!({"sn": sn}), json!({"out_trade_no": "B1"}), json!({"sn": sn, "out_trade_no": "other"})]
    {
        let mut question = question;
        question["appid"] = json!("1000001");
        let found = sandbox.post_json(QUERY, &signed(question)).await.json();
        assert_eq!(found["data"]["trade_state"], "SUCCESS", "{found}");
        assert_eq!(
            (&found["data"]["total_fee"], &found["data"]["appid"]),
            (&json!("1000"), &json!(1_000_001))
        );
        assert_eq!(found["data"]["transaction_id"], notification["transaction_id"]);
        assert_eq!(found["data"]["sign"], blueocean_sign(&texts(&found["data"]), KEY));
    }
    let unknown = signed(json!({"appid": "1000001", "sn": "1"}));
    assert_eq!(sandbox.post_json(QUERY, &unknown).await.json()["code"], 40102);
    assert_eq!(sandbox.post_json(QUERY, &signed(json!({"appid": "1000001"}))).await.json()["code"], 4003);
}

#[tokio::test]
async fn a_browser_page_returns_to_the_shop() {
    let sandbox = Sandbox::start().await;
    let wap = json!({"payment": "alipay.wappay", "h5_redirect_url": "https://shop.example/r"});
    let placed = sandbox.post_json(PAY, &signed(order(wap))).await.json();
    assert_eq!(placed["data"]["trade_type"], "WAPPAY");
    let page = placed["data"]["qrcode"].as_str().unwrap();
    let back = sandbox.post_form(page, &fields(&[("decision", "cancel")])).await;
    assert_eq!(back.location(), "https://shop.example/r");
    assert_eq!(sandbox.order("blueocean").await["status"], "unpaid");
    let back = sandbox.post_form(page, &fields(&[("decision", "pay")])).await;
    assert_eq!(back.location(), "https://shop.example/r");
    assert_eq!(sandbox.order("blueocean").await["status"], "paid");
}

#[tokio::test]
async fn another_currency_can_be_paid_by_order_of_a_test() {
    let sandbox = Sandbox::start().await;
    let mut merchant = Merchant::open().await;
    sandbox.post_json(PAY, &signed(order(json!({"notify_url": merchant.url})))).await;
    sandbox.control(Method::POST, "/blueocean/orders/B1/pay", json!({"currency": "AUD"})).await;
    let notification = merchant.received().await;
    assert_eq!(notification["fee_type"], "AUD");
    assert_eq!(notification["sign"], blueocean_sign(&notification, KEY));
    let question = signed(json!({"appid": "1000001", "out_trade_no": "B1"}));
    assert_eq!(sandbox.post_json(QUERY, &question).await.json()["data"]["fee_type"], "AUD");
}
