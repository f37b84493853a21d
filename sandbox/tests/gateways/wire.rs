//! The whole messages of `tests/vectors/wire`: requests are taken, and what the simulators send looks like the samples.

use countersign_sandbox::gateways::Config;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Fields, Merchant, Reply, Sandbox, blueocean_sign, hicoin_sign, jubao_sign};

fn file(name: &str) -> String {
    let path = format!("{}/../tests/vectors/wire/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn sample(name: &str) -> Value {
    serde_json::from_str(&file(name)).unwrap()
}

fn form_sample(name: &str) -> Fields {
    url::form_urlencoded::parse(file(name).as_bytes()).into_owned().collect()
}

/// A sandbox that knows the merchants of the vectors.
async fn sandbox() -> Sandbox {
    let mut config = Config::default();
    config.dotwallet.secret = "dw_test_secret_0001".into();
    config.jubao.key = "0123456789abcdef0123456789abcdef".into();
    config.blueocean.key = "AbCdEfGh0123456789IjKlMnOpQrStUv".into();
    config.hicoin.mch_key = "9f8e7d6c5b4a39281706f5e4d3c2b1a0".into();
    config.hicoin.access_token = "t0000000000000000000000000000001".into();
    Sandbox::with(config).await
}

async fn replay(sandbox: &Sandbox, path: &str, name: &str) -> Reply {
    let content_type =
        if name.ends_with(".form") { "application/x-www-form-urlencoded" } else { "application/json" };
    sandbox.try_send(Method::POST, path, Some((content_type, file(name)))).await.unwrap()
}

/// Whether an answer has every member of a sample, with values of the same kind, and no more than `further` besides.
fn assert_like(answer: &Value, sample: &Value, further: &[&str]) {
    let (answer, sample) = (answer.as_object().unwrap(), sample.as_object().unwrap());
    for (name, value) in sample {
        let given = answer.get(name).unwrap_or_else(|| panic!("{name} is missing in {answer:?}"));
        assert_eq!(
            std::mem::discriminant(given),
            std::mem::discriminant(value),
            "{name}: {given} for {value}"
        );
    }
    for name in answer.keys() {
        assert!(sample.contains_key(name) || further.contains(&name.as_str()), "{name} is not in the sample");
    }
}

#[tokio::test]
async fn dotwallet_takes_the_requests_and_answers_like_the_samples() {
    let sandbox = sandbox().await;
    let pay = "/dotwallet/openapi/pay_small_money";
    let low = replay(&sandbox, pay, "dotwallet/pay_small_money.request.json").await.json();
    assert_eq!(low, sample("dotwallet/pay_small_money.low_balance.json"));
    let account = json!({"balance": 10_000, "consented": true});
    sandbox.control(Method::PUT, "/dotwallet/users/sandbox-payer-0001", account).await;
    let paid = replay(&sandbox, pay, "dotwallet/pay_small_money.request.json").await.json();
    assert_eq!(paid["code"], 0);
    assert_like(&paid, &sample("dotwallet/pay_small_money.success.json"), &[]);
    assert_like(&paid["data"], &sample("dotwallet/pay_small_money.success.json")["data"], &[]);
    let again = replay(&sandbox, pay, "dotwallet/pay_small_money.request.json").await.json();
    assert_eq!(again, sample("dotwallet/pay_small_money.duplicate_zh.json"));
    let found = replay(&sandbox, "/dotwallet/openapi/search_order/", "dotwallet/search_order.request.json")
        .await
        .json();
    assert_like(&found["data"], &sample("dotwallet/search_order.paid.json")["data"], &["fee", "pay_txid"]);
}

#[tokio::test]
async fn jubao_takes_the_requests_and_answers_like_the_samples() {
    let apply = "/jubao/index.php?_m=pay_gateway&_a=apply_pay";
    for name in ["jubao/apply_pay.request.form", "jubao/apply_pay.request.json"] {
        let sandbox = sandbox().await;
        let placed = replay(&sandbox, apply, name).await.json();
        assert_eq!(placed["ret"], 0, "{placed}");
        assert_like(&placed["data"], &sample("jubao/apply_pay.success.json")["data"], &[]);
        assert_eq!(replay(&sandbox, apply, name).await.json(), sample("jubao/apply_pay.failure.json"));
    }
    let none = replay(&sandbox().await, "/jubao/index.php?_m=payment&_a=query", "jubao/query.request.form")
        .await
        .json();
    assert_eq!(none, sample("jubao/query.no_such_order.json"));
}

#[tokio::test]
async fn blueocean_takes_the_requests_and_answers_like_the_samples() {
    for (name, answer) in [
        ("blueocean/payment.alipay.qrcode.request.json", "blueocean/payment.alipay.qrcode.success.json"),
        ("blueocean/payment.alipay.wappay.request.json", "blueocean/payment.alipay.wappay.success.json"),
        ("blueocean/payment.wechat.jsapi.request.json", "blueocean/payment.wechat.jsapi.success.json"),
    ] {
        let sandbox = sandbox().await;
        let placed = replay(&sandbox, "/blueocean/payment/pay", name).await.json();
        assert_eq!(placed["code"], 200, "{placed}");
        assert_like(&placed["data"], &sample(answer)["data"], &["refundable", "total_refund_fee", "wallet"]);
        let query = "blueocean/order.query.request.json";
        let found = replay(&sandbox, "/blueocean/order/query", query).await.json();
        assert_eq!(found["data"]["trade_state"], "NOTPAY", "{found}");
    }
}

#[tokio::test]
async fn blueoceans_bar_code_is_taken_and_answered_like_the_sample() {
    let sandbox = sandbox().await;
    let paid = replay(&sandbox, "/blueocean/payment/pay", "blueocean/payment.micropay.request.json").await;
    let answer = sample("blueocean/payment.micropay.success.json");
    assert_like(&paid.json()["data"], &answer["data"], &["refundable", "total_refund_fee", "wallet"]);
    assert_eq!(paid.json()["data"]["trade_state"], "SUCCESS");
}

#[tokio::test]
async fn dotwallets_order_is_taken_and_answered_like_the_sample() {
    let sandbox = sandbox().await;
    let create = "/dotwallet/openapi/create_order";
    let placed = replay(&sandbox, create, "dotwallet/create_order.request.json").await.json();
    assert_like(&placed["data"], &sample("dotwallet/create_order.success.json")["data"], &[]);
    let again = replay(&sandbox, create, "dotwallet/create_order.request.json").await.json();
    assert_eq!(again["code"], sample("dotwallet/create_order.duplicate.json")["code"]);
}

#[tokio::test]
async fn hicoin_takes_the_requests_and_answers_like_the_samples() {
    for name in ["hicoin/preOrder.request.form", "hicoin/preOrder.request_chinese.form"] {
        let sandbox = sandbox().await;
        let placed = replay(&sandbox, "/hicoin/oauth/api/pay/preOrder", name).await.json();
        assert_eq!(placed["code"], "0", "{placed}");
        assert_like(&placed["data"], &sample("hicoin/preOrder.success.json")["data"], &[]);
        let query = "hicoin/queryOrder.request.form";
        let found = replay(&sandbox, "/hicoin/oauth/api/pay/queryOrder", query).await.json();
        assert_like(&found["data"], &sample("hicoin/queryOrder.success.json")["data"], &[]);
    }
}

#[tokio::test]
async fn notifications_have_the_fields_of_the_samples() {
    let sandbox = sandbox().await;
    let mut merchant = Merchant::open().await;
    sandbox.control(Method::PUT, "/hicoin/callback", json!({"url": merchant.url})).await;
    replay(&sandbox, "/hicoin/oauth/api/pay/preOrder", "hicoin/preOrder.request_chinese.form").await;
    sandbox.control(Method::POST, "/hicoin/orders/H20240101000001/pay", json!({})).await;
    let told = merchant.received().await;
    let names = |fields: &Fields| fields.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&told), names(&form_sample("hicoin/notify.success.form")));

    let place = async |path: &str, order: Value| sandbox.post_json(path, &order).await.json();
    let mut order = form_sample("jubao/apply_pay.request.form");
    order.insert("notify_url".into(), merchant.url.clone());
    order.insert("sign".into(), jubao_sign(&order, "0123456789abcdef0123456789abcdef", true));
    place("/jubao/index.php?_m=pay_gateway&_a=apply_pay", json!(order)).await;
    sandbox.control(Method::POST, "/jubao/orders/T20240101000001/pay", json!({})).await;
    assert_eq!(names(&merchant.received().await), names(&form_sample("jubao/notify.paid.form")));

    let mut order = super::support::texts(&sample("blueocean/payment.alipay.qrcode.request.json"));
    order.insert("notify_url".into(), merchant.url.clone());
    order.insert("sign".into(), blueocean_sign(&order, "AbCdEfGh0123456789IjKlMnOpQrStUv"));
    place("/blueocean/payment/pay", json!(order)).await;
    sandbox.control(Method::POST, "/blueocean/orders/B20240101000001/pay", json!({})).await;
    assert_eq!(names(&merchant.received().await), names(&form_sample("blueocean/notify.paid.form")));
}

#[test]
fn this_files_own_signing_agrees_with_the_samples() {
    let jubao = form_sample("jubao/notify.paid_chinese_double_encoded.form");
    assert_eq!(jubao["sign"], jubao_sign(&jubao, "0123456789abcdef0123456789abcdef", false));
    let blueocean = form_sample("blueocean/notify.paid.form");
    assert_eq!(blueocean["sign"], blueocean_sign(&blueocean, "AbCdEfGh0123456789IjKlMnOpQrStUv"));
    let hicoin = form_sample("hicoin/notify.success_chinese_empty_passback.form");
    assert_eq!(hicoin["sign"], hicoin_sign(&hicoin, "9f8e7d6c5b4a39281706f5e4d3c2b1a0"));
}
