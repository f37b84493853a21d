//! What the documents say that a gateway receives, and what the payer is then told to do.

use countersign_tests::{World, fields, hicoin_sign, keys};
use serde_json::{Value, json};

use crate::judge::{names, near, time};

/// Asserts that an order was placed with the documented fields and with this order's values.
pub(super) fn placed_as_documented(world: &World, entry: &Value, order: &Value, order_no: &str) {
    assert_eq!(entry["verdict"], "ok", "{entry}");
    assert_eq!(entry["method"], "POST");
    let (sent, notify_url) = (&entry["fields"], notify_url(world, order));
    match order["method"]["type"].as_str().expect("a method") {
        "dotwallet_autopay" => {
            assert_eq!(
                names(sent),
                ["app_id", "item_name", "merchant_order_sn", "pre_amount", "secret", "user_open_id"]
            );
            assert_eq!(sent["app_id"], keys::DOTWALLET_APP_ID);
            assert_eq!(sent["merchant_order_sn"], order_no);
            assert_eq!(sent["pre_amount"], order["amount"]["value"], "a number");
            assert_eq!(sent["user_open_id"], keys::DOTWALLET_USER);
            assert_eq!(sent["item_name"], order["subject"]);
        }
        "jubao_wechat_h5" | "jubao_alipay_wap" => {
            assert_eq!(entry["content_type"], "application/x-www-form-urlencoded");
            let channel = if order["method"]["type"] == "jubao_wechat_h5" { "201" } else { "101" };
            let mut expected = json!({
                "mch_id": keys::JUBAO_MCH_ID,
                "pay_channel_id": channel,
                "total_fee": order["amount"]["value"].to_string(),
                "out_trade_no": order_no,
                "notify_url": notify_url,
                "body": order["subject"],
                "return_url": order["return_url"],
                "version": "2",
            });
            expected["sign"] = sent["sign"].clone();
            assert_eq!(*sent, expected);
        }
        "blueocean_alipay_qrcode" => {
            assert_eq!(entry["content_type"], "application/json");
            let mut expected = json!({
                "appid": keys::BLUEOCEAN_APPID,
                "payment": "alipay.qrcode",
                "total_fee": order["amount"]["value"],
                "out_trade_no": order_no,
                "notify_url": notify_url,
                "body": order["subject"],
            });
            expected["sign"] = sent["sign"].clone();
            assert_eq!(*sent, expected);
        }
        "hicoin_h5" => {
            outer_fields_of_hicoin(entry);
            assert_eq!(sent["access_token"], keys::HICOIN_ACCESS_TOKEN, "the payer's own");
            let expected = json!({
                "openid": keys::HICOIN_OPENID,
                "body": order["description"],
                "subject": order["subject"],
                "out_trade_no": order_no,
                "total_amount": order["amount"]["value"],
                "settle_currency": "USDT",
                "trade_type": "H5",
                "trade_timeout_express": 600,
                "return_url": order["return_url"],
            });
            assert_eq!(business(entry), expected);
        }
        other => panic!("no document for {other}"),
    }
}

/// Asserts that an order was asked for with the documented fields.
pub(super) fn asked_as_documented(entry: &Value, gateway: &str, order_no: &str, gateway_order_no: &str) {
    assert_eq!(entry["verdict"], "ok", "{entry}");
    let sent = &entry["fields"];
    match gateway {
        "dotwallet" => {
            assert_eq!(names(sent), ["app_id", "merchant_order_sn", "secret"]);
            assert_eq!(sent["merchant_order_sn"], order_no);
        }
        "jubao" => {
            assert_eq!(names(sent), ["mch_id", "order_sn", "sign", "version"]);
            assert_eq!(sent["order_sn"], gateway_order_no);
        }
        "blueocean" => {
            let by_its_number = sent.get("sn").is_some();
            let name = if by_its_number { "sn" } else { "out_trade_no" };
            let mut expected = ["appid", "sign", name];
            expected.sort_unstable();
            assert_eq!(names(sent), expected);
            assert_eq!(sent[name], if by_its_number { gateway_order_no } else { order_no });
        }
        "hicoin" => {
            outer_fields_of_hicoin(entry);
            assert_eq!(business(entry), json!({"out_trade_no": order_no}));
        }
        other => panic!("no document for {other}"),
    }
}

fn outer_fields_of_hicoin(entry: &Value) {
    let sent = &entry["fields"];
    assert_eq!(entry["content_type"], "application/x-www-form-urlencoded");
    assert_eq!(
        names(sent),
        ["access_token", "app_id", "biz_content", "charset", "lang", "nonce_str", "sign", "version"]
    );
    assert_eq!(sent["app_id"], keys::HICOIN_APP_ID);
    assert_eq!(
        [&sent["lang"], &sent["version"], &sent["charset"]],
        [&json!("zh_CN"), &json!("1.0"), &json!("utf8")]
    );
    assert_eq!(sent["nonce_str"].as_str().map(|nonce| nonce.chars().count()), Some(32));
}

fn business(entry: &Value) -> Value {
    let text = entry["fields"]["biz_content"].as_str().expect("one text");
    serde_json::from_str(text).expect("biz_content is JSON")
}

fn notify_url(world: &World, order: &Value) -> String {
    format!("{}/v1/notifications/{}", world.api.url, order["account"].as_str().expect("an account"))
}

/// Asserts that the payer is told to do the right thing, every part of it. `entry` is the call that placed the order.
pub(super) async fn next_action_is_right(world: &World, payment: &Value, entry: &Value) {
    let action = &payment["next_action"];
    let answer: Value =
        serde_json::from_str(entry["answer"]["body"].as_str().expect("an answer")).expect("JSON");
    let data = &answer["data"];
    match payment["method"]["type"].as_str().expect("a method") {
        "jubao_wechat_h5" | "jubao_alipay_wap" => {
            let expected = json!({"type": "redirect", "purpose": "pay", "url": data["code_url"]});
            assert_eq!(*action, expected, "verbatim");
        }
        "blueocean_alipay_qrcode" => {
            assert_eq!(names(action), ["expires_at", "text", "type"]);
            assert_eq!(action["type"], "qr_code");
            assert_eq!(action["text"], data["qrcode"]);
            assert!(time(&action["expires_at"]) <= time(&payment["expires_at"]), "{action}");
        }
        "hicoin_h5" => hicoin_page_opens(world, action, data["trade_no"].as_str().expect("a number")).await,
        _ => assert!(action.is_null(), "{action}"),
    }
}

async fn hicoin_page_opens(world: &World, action: &Value, trade_no: &str) {
    assert_eq!(
        names(action),
        ["app_id", "nonce_str", "package", "page_url", "pay_sign", "sign_type", "time_stamp", "type"]
    );
    let text = |name: &str| action[name].as_str().unwrap_or_else(|| panic!("{name}: {action}"));
    assert_eq!(text("type"), "hicoin_h5");
    assert_eq!(text("page_url"), format!("{}/hicoin/hicoinfe/payment", world.gateways.url));
    assert_eq!(text("app_id"), keys::HICOIN_APP_ID);
    assert_eq!(text("sign_type"), "HMAC-SHA256");
    assert_eq!(text("package"), format!("prepay_id%3D{trade_no}"), "encoded once");
    assert_eq!(text("nonce_str").chars().count(), 32);
    let seconds = text("time_stamp").parse().expect("seconds");
    near(jiff::Timestamp::from_second(seconds).expect("a time"), jiff::Timestamp::now(), 60);
    let signed = fields(&[
        ("appId", text("app_id")),
        ("nonceStr", text("nonce_str")),
        ("package", text("package")),
        ("signType", text("sign_type")),
        ("timeStamp", text("time_stamp")),
    ]);
    assert_eq!(text("pay_sign"), hicoin_sign(&signed, keys::HICOIN_MCH_KEY));
    let link = format!(
        "{}?appId={}&nonceStr={}&package={}&signType={}&timeStamp={}&paySign={}",
        text("page_url"),
        text("app_id"),
        text("nonce_str"),
        text("package"),
        text("sign_type"),
        text("time_stamp"),
        text("pay_sign")
    );
    let page = countersign_tests::Api::new("");
    let page = page.send(page.request(axum::http::Method::GET, &link)).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("id=\"password\"") && !page.text.contains("id=\"error\""), "{}", page.text);
}
