//! BlueOcean: what each way to pay needs, and what it hands out.

use reqwest::Method;
use serde_json::{Value, json};

use super::blueocean::{KEY, PAY, QUERY, order, signed};
use super::support::{Sandbox, blueocean_sign, fields, texts};

/// The gateway's own key at WeChat, by which payloads can be judged.
const WECHAT_KEY: &str = "sandbox-wechat-key";

async fn pay(sandbox: &Sandbox, changes: Value) -> Value {
    sandbox.post_json(PAY, &signed(order(changes))).await.json()
}

async fn placed(sandbox: &Sandbox, changes: Value) -> Value {
    let answer = pay(sandbox, changes).await;
    assert_eq!(answer["code"], 200, "{answer}");
    assert_eq!(answer["data"]["sign"], blueocean_sign(&texts(&answer["data"]), KEY));
    answer["data"].clone()
}

fn parsed(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn every_qr_code_opens_a_page_on_which_it_is_paid() {
    let sandbox = Sandbox::start().await;
    for (payment, provider) in [
        ("alipay.qrcode", "alipay"),
        ("wechat.qrcode", "wechat"),
        ("blueocean.qrcode", "blueocean"),
        ("unionpay.qrcode", "unionpay"),
    ] {
        let data = placed(&sandbox, json!({"payment": payment, "out_trade_no": payment})).await;
        assert_eq!(
            (&data["provider"], &data["trade_type"], &data["trade_state"]),
            (&json!(provider), &json!("NATIVE"), &json!("NOTPAY"))
        );
        let page = data["qrcode"].as_str().unwrap();
        assert!(sandbox.post_form(page, &fields(&[("decision", "pay")])).await.text.contains("Paid."));
        let question = signed(json!({"appid": "1000001", "out_trade_no": payment}));
        let found = sandbox.post_json(QUERY, &question).await.json();
        assert_eq!(found["data"]["trade_state"], "SUCCESS", "{found}");
    }
}

#[tokio::test]
async fn pages_to_go_to_stand_where_the_samples_have_them() {
    let sandbox = Sandbox::start().await;
    for (payment, member, trade_type, state) in [
        ("alipay.wappay", "qrcode", "WAPPAY", "NOTPAY"),
        ("unionpay.link", "qrcode", "LINK", "USERPAYING"),
        ("wechat.mweb", "mweb_url", "MWEB", "USERPAYING"),
    ] {
        let changes = json!({
            "payment": payment, "out_trade_no": payment, "h5_redirect_url": "https://shop.example/r",
            "spbill_create_ip": "203.0.113.9",
        });
        let data = placed(&sandbox, changes).await;
        assert_eq!((&data["trade_type"], &data["trade_state"]), (&json!(trade_type), &json!(state)));
        let page = data[member].as_str().unwrap();
        let back = sandbox.post_form(page, &fields(&[("decision", "cancel")])).await;
        assert_eq!(back.location(), "https://shop.example/r");
        let back = sandbox.post_form(page, &fields(&[("decision", "pay")])).await;
        assert_eq!(back.location(), "https://shop.example/r");
    }
    sandbox.turn("blueocean", "settings", json!({"mweb_ip_required": true})).await;
    assert_eq!(pay(&sandbox, json!({"payment": "wechat.mweb"})).await["code"], 40109);
    let bad = pay(&sandbox, json!({"payment": "wechat.mweb", "spbill_create_ip": "here"})).await;
    assert_eq!(bad["code"], 492001, "{bad}");
}

#[tokio::test]
async fn wechats_page_refuses_its_own_app_and_strange_referrers() {
    let sandbox = Sandbox::start().await;
    let data = placed(&sandbox, json!({"payment": "wechat.mweb"})).await;
    let page = data["mweb_url"].as_str().unwrap();
    let open = async |header: &str, value: &str| {
        sandbox.client.get(page).header(header, value).send().await.unwrap().text().await.unwrap()
    };
    assert!(open("user-agent", "Mozilla/5.0 Mobile MicroMessenger/8.0").await.contains("outside of WeChat"));
    assert!(open("user-agent", "Mozilla/5.0 Mobile").await.contains("data-testid=\"pay\""));
    sandbox.turn("blueocean", "settings", json!({"mweb_referer_host": "shop.example"})).await;
    assert!(open("accept", "text/html").await.contains("<code id=\"error-code\">referer</code>"));
    assert!(
        open("referer", "https://evil.example/").await.contains("<code id=\"error-code\">referer</code>")
    );
    assert!(open("referer", "https://shop.example/pay").await.contains("data-testid=\"pay\""));
}

#[tokio::test]
async fn the_bridges_payload_is_signed_as_wechat_does() {
    let sandbox = Sandbox::start().await;
    let changes =
        json!({"payment": "wechat.jsapi", "sub_appid": "wx0000000000000001", "sub_openid": "oPayer"});
    let data = placed(&sandbox, changes).await;
    assert_eq!((&data["openid"], &data["trade_type"]), (&json!("oPayer"), &json!("JSAPI")));
    let payload = parsed(&data["jsapi"]);
    let names: Vec<_> = payload.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["appId", "nonceStr", "package", "paySign", "signType", "timeStamp"]);
    let mut covered = texts(&payload);
    let sign = covered.remove("paySign").unwrap();
    // WeChat's rule is the one that BlueOcean has taken over.
    assert_eq!(sign, blueocean_sign(&covered, WECHAT_KEY));
    assert_eq!(
        (payload["appId"].as_str(), covered["signType"].as_str()),
        (Some("wx0000000000000001"), "MD5")
    );
    assert!(covered["package"].starts_with("prepay_id=wx"), "{covered:?}");
    assert!(payload["timeStamp"].is_string());
}

#[tokio::test]
async fn the_hong_kong_wallets_payload_says_sha1_and_names_the_region() {
    let sandbox = Sandbox::start().await;
    let changes = json!({
        "payment": "wechat.jsapi", "wallet": "HK", "sub_appid": "wx0000000000000001", "sub_openid": "oPayer",
    });
    let payload = parsed(&placed(&sandbox, changes).await["jsapi"]);
    assert_eq!(payload["signType"], "SHA1");
    assert_eq!(payload["paySign"].as_str().unwrap().len(), 40);
    assert!(payload["package"].as_str().unwrap().ends_with("&region=HK"), "{payload}");
    let own = json!({"payment": "wechat.jsapi", "wallet": "HK", "out_trade_no": "B2"});
    let payload = parsed(&placed(&sandbox, own).await["jsapi"]);
    assert_eq!(payload["appId"], "wx0000000000000001", "the gateway's own account");
}

#[tokio::test]
async fn apps_get_what_their_kits_take() {
    let sandbox = Sandbox::start().await;
    let data =
        placed(&sandbox, json!({"payment": "wechat.app", "sub_appid": "wxapp", "out_trade_no": "W1"})).await;
    let mut app = texts(&parsed(&data["app"]));
    let sign = app.remove("paySign").unwrap();
    assert_eq!(sign, blueocean_sign(&app, WECHAT_KEY));
    let names: Vec<_> = app.keys().map(String::as_str).collect();
    assert_eq!(names, ["appid", "noncestr", "package", "partnerid", "prepayid", "timestamp"]);
    assert_eq!((app["package"].as_str(), app["appid"].as_str()), ("Sign=WXPay", "wxapp"));

    let data = placed(&sandbox, json!({"payment": "alipay.app", "out_trade_no": "A1"})).await;
    assert_eq!(parsed(&data["app"])["total_fee"], "10.00");
    assert!(data["app_format"].as_str().unwrap().contains("&total_fee=\"10.00\"&sign=\""), "{data}");
}

#[tokio::test]
async fn alipays_payload_comes_in_all_its_dresses() {
    let sandbox = Sandbox::start().await;
    for (dress, order_no) in [("object", "A1"), ("left_out", "A2"), ("broken", "A3")] {
        sandbox.turn("blueocean", "dress", json!({"alipay_app": dress})).await;
        let body = signed(order(json!({"payment": "alipay.app", "out_trade_no": order_no})));
        let text = sandbox.post_json(PAY, &body).await.text;
        match serde_json::from_str::<Value>(&text) {
            Err(_) => assert!(dress == "broken" && text.contains(r#""app":"{"_input_charset""#), "{text}"),
            Ok(answer) if dress == "object" => assert!(answer["data"]["app"].is_object(), "{answer}"),
            Ok(answer) => {
                assert!(dress == "left_out" && answer["data"].get("app").is_none(), "{answer}");
                assert_eq!(answer["data"]["sign"], blueocean_sign(&texts(&answer["data"]), KEY));
            }
        }
    }
}

#[tokio::test]
async fn a_way_to_pay_that_lacks_its_field_is_refused_with_40109() {
    let sandbox = Sandbox::start().await;
    for changes in [
        json!({"payment": "wechat.jsapi"}),
        json!({"payment": "wechat.jsapi", "sub_appid": "wx1"}),
        json!({"payment": "wechat.jsapi", "sub_openid": "o1"}),
        json!({"payment": "wechat.app"}),
        json!({"payment": "micropay"}),
    ] {
        let refused = pay(&sandbox, changes.clone()).await;
        assert_eq!(refused["code"], 40109, "{changes}: {refused}");
    }
    assert_eq!(sandbox.control(Method::GET, "/blueocean/orders", Value::Null).await, json!([]));
}
