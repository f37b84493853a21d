//! What the documents say that a gateway receives, and what the payer is then told to do.

use countersign_tests::{Way, World, dotwallet_sign, fields, hicoin_sign, keys};
use serde_json::{Map, Value, json};

use crate::judge::{names, near, time};

/// Asserts that an order was placed with the documented fields and with this order's values.
pub(super) fn placed_as_documented(world: &World, entry: &Value, order: &Value, order_no: &str) {
    assert_eq!(entry["verdict"], "ok", "{entry}");
    assert_eq!(entry["method"], "POST");
    match order["method"]["type"].as_str().expect("a method") {
        "dotwallet_autopay" => charged_as_documented(entry, order, order_no),
        "dotwallet_order" => ordered_at_dotwallet(world, entry, order, order_no),
        "hicoin_h5" => ordered_at_hicoin(entry, order, order_no, "H5"),
        "hicoin_jsapi" => ordered_at_hicoin(entry, order, order_no, "JSAPI"),
        method if method.starts_with("jubao") => ordered_at_jubao(world, entry, order, order_no),
        _ => ordered_at_blueocean(world, entry, order, order_no),
    }
}

fn charged_as_documented(entry: &Value, order: &Value, order_no: &str) {
    assert_eq!(entry["content_type"], "application/json");
    let expected = json!({
        "app_id": keys::DOTWALLET_APP_ID,
        "secret": "***",
        "merchant_order_sn": order_no,
        "pre_amount": order["amount"]["value"],
        "user_open_id": keys::DOTWALLET_USER,
        "item_name": order["subject"],
    });
    assert_eq!(entry["fields"], expected);
}

/// The signed order: what is signed, and in which order, is what is sent.
fn ordered_at_dotwallet(world: &World, entry: &Value, order: &Value, order_no: &str) {
    assert_eq!(entry["content_type"], "application/json");
    let sent = &entry["fields"];
    let nonce = sent["nonce_str"].as_str().expect("a nonce");
    assert!(!nonce.is_empty() && nonce.bytes().all(|digit| digit.is_ascii_digit()), "digits only: {nonce}");
    let (amount, notify_url) = (order["amount"]["value"].to_string(), notify_url(world, order));
    let text = |name: &str| order[name].as_str().expect("a text");
    let signed = [
        ("app_id", keys::DOTWALLET_APP_ID),
        ("merchant_order_sn", order_no),
        ("item_name", text("subject")),
        ("order_amount", &amount),
        ("nonce_str", nonce),
        ("notice_uri", &notify_url),
        ("redirect_uri", text("return_url")),
    ];
    let mut expected: Map<String, Value> =
        signed.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    expected.insert("order_amount".into(), order["amount"]["value"].clone());
    expected.insert("sign".into(), dotwallet_sign(&signed, keys::DOTWALLET_SECRET).into());
    assert_eq!(*sent, Value::Object(expected));
    let body = entry["body"].as_str().expect("a body");
    let places: Vec<_> = signed.iter().map(|(name, _)| body.find(&format!("\"{name}\":"))).collect();
    assert!(places.is_sorted(), "the order that was signed is the one that was sent: {body}");
}

fn ordered_at_jubao(world: &World, entry: &Value, order: &Value, order_no: &str) {
    let sent = &entry["fields"];
    assert_eq!(entry["content_type"], "application/x-www-form-urlencoded");
    let channel = match order["method"]["type"].as_str().expect("a method") {
        "jubao_wechat_h5" => "201".to_owned(),
        "jubao_alipay_wap" => "101".to_owned(),
        _ => order["method"]["pay_channel_id"].to_string(),
    };
    let mut expected = json!({
        "mch_id": keys::JUBAO_MCH_ID,
        "pay_channel_id": channel,
        "total_fee": order["amount"]["value"].to_string(),
        "out_trade_no": order_no,
        "notify_url": notify_url(world, order),
        "body": order["subject"],
        "return_url": order["return_url"],
        "version": "2",
    });
    expected["sign"] = sent["sign"].clone();
    assert_eq!(*sent, expected);
}

fn ordered_at_blueocean(world: &World, entry: &Value, order: &Value, order_no: &str) {
    let sent = &entry["fields"];
    assert_eq!(entry["content_type"], "application/json");
    let (method, back) = (&order["method"], &order["return_url"]);
    let (payment, further) = match method["type"].as_str().expect("a method") {
        "blueocean_alipay_qrcode" => ("alipay.qrcode", json!({})),
        "blueocean_wechat_qrcode" => ("wechat.qrcode", json!({})),
        "blueocean_mixed_qrcode" => ("blueocean.qrcode", json!({})),
        "blueocean_unionpay_qrcode" => ("unionpay.qrcode", json!({})),
        "blueocean_unionpay_link" => ("unionpay.link", json!({})),
        "blueocean_alipay_wap" => ("alipay.wappay", json!({"h5_redirect_url": back})),
        "blueocean_wechat_mweb" => {
            ("wechat.mweb", json!({"h5_redirect_url": back, "spbill_create_ip": "127.0.0.1"}))
        }
        "blueocean_wechat_jsapi" => (
            "wechat.jsapi",
            json!({"sub_appid": method["sub_appid"], "sub_openid": method["sub_openid"], "wallet": "CN"}),
        ),
        "blueocean_wechat_hk_jsapi" => ("wechat.jsapi", json!({"h5_redirect_url": back, "wallet": "HK"})),
        "blueocean_alipay_app" => ("alipay.app", json!({})),
        "blueocean_wechat_app" => ("wechat.app", json!({"sub_appid": method["sub_appid"]})),
        "blueocean_micropay" => ("micropay", json!({"code": method["auth_code"]})),
        other => panic!("no document for {other}"),
    };
    let mut expected = json!({
        "appid": keys::BLUEOCEAN_APPID,
        "payment": payment,
        "total_fee": order["amount"]["value"],
        "out_trade_no": order_no,
        "notify_url": notify_url(world, order),
        "body": order["subject"],
        "sign": sent["sign"],
    });
    expected.as_object_mut().expect("an object").extend(further.as_object().expect("an object").clone());
    assert_eq!(*sent, expected);
}

fn ordered_at_hicoin(entry: &Value, order: &Value, order_no: &str, trade_type: &str) {
    outer_fields_of_hicoin(entry);
    assert_eq!(entry["fields"]["access_token"], keys::HICOIN_ACCESS_TOKEN, "the payer's own");
    let expected = json!({
        "openid": keys::HICOIN_OPENID,
        "body": order["description"],
        "subject": order["subject"],
        "out_trade_no": order_no,
        "total_amount": order["amount"]["value"],
        "settle_currency": "USDT",
        "trade_type": trade_type,
        "trade_timeout_express": 600,
        "return_url": order["return_url"],
    });
    assert_eq!(business(entry), expected);
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
pub(crate) async fn next_action_is_right(world: &World, payment: &Value, entry: &Value) {
    let (action, data) = (&payment["next_action"], &answer(entry)["data"]);
    let method = payment["method"]["type"].as_str().expect("a method");
    match Way::of(method).shows {
        None => assert!(action.is_null(), "{action}"),
        Some("hicoin_h5") => {
            hicoin_page_opens(world, action, data["trade_no"].as_str().expect("a number")).await;
        }
        Some("qr_code") => {
            assert_eq!(names(action), ["expires_at", "text", "type"]);
            assert_eq!(action["type"], "qr_code");
            assert_eq!(action["text"], data["qrcode"]);
            assert!(time(&action["expires_at"]) <= time(&payment["expires_at"]), "{action}");
        }
        Some("redirect") => {
            let url = match method {
                "dotwallet_order" => {
                    let number = data["order_sn"].as_str().expect("a number");
                    json!(format!("{}/dotwallet/desktop/open/order?order_sn={number}", world.gateways.url))
                }
                "blueocean_wechat_mweb" => data["mweb_url"].clone(),
                "blueocean_alipay_wap" | "blueocean_unionpay_link" => data["qrcode"].clone(),
                _ => data["code_url"].clone(),
            };
            assert!(url.is_string(), "{data}");
            assert_eq!(*action, json!({"type": "redirect", "purpose": "pay", "url": url}), "verbatim");
        }
        Some("wechat_jsapi") => {
            assert_eq!(*action, json!({"type": "wechat_jsapi", "payload": inner(&data["jsapi"])}));
        }
        Some("wechat_hk_jsapi") => {
            let payload = inner(&data["jsapi"]);
            assert_eq!(*action, json!({"type": "wechat_hk_jsapi", "payload": payload, "config": null}));
        }
        Some("native_app") if method == "blueocean_alipay_app" => {
            let payload = &data["app_format"];
            assert!(payload.is_string(), "{data}");
            assert_eq!(*action, json!({"type": "native_app", "platform": "alipay", "payload": payload}));
        }
        Some("native_app") => {
            let mut payload = inner(&data["app"]);
            // The SDK reads the signature under this name.
            payload["sign"] = payload["paySign"].clone();
            assert_eq!(*action, json!({"type": "native_app", "platform": "wechat", "payload": payload}));
        }
        Some(other) => panic!("no document for {other}"),
    }
}

/// A call's answer.
pub(crate) fn answer(entry: &Value) -> Value {
    serde_json::from_str(entry["answer"]["body"].as_str().expect("an answer")).expect("JSON")
}

/// JSON that an answer holds as a text.
fn inner(text: &Value) -> Value {
    serde_json::from_str(text.as_str().expect("a text that holds JSON")).expect("JSON")
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
