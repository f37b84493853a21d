//! The WeChat app: what its scripts may ask, and the official account that signs pages.

use reqwest::Method;
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};

use super::blueocean::{PAY, order, signed};
use super::support::{Merchant, Sandbox};

const APP_ID: &str = "wx0000000000000001";

async fn prepared(sandbox: &Sandbox, changes: Value) -> Value {
    let mut body = json!({"payment": "wechat.jsapi", "sub_appid": APP_ID, "sub_openid": "oPayer"});
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let answer = sandbox.post_json(PAY, &signed(order(body))).await.json();
    serde_json::from_str(answer["data"]["jsapi"].as_str().unwrap()).unwrap()
}

async fn ask(sandbox: &Sandbox, path: &str, body: &Value) -> Value {
    let (path, body) = (format!("/wechat{path}"), Some(("text/plain", body.to_string())));
    let reply = sandbox.try_send(Method::POST, &path, body).await.unwrap();
    assert_eq!(reply.headers["access-control-allow-origin"], "*");
    reply.json()
}

async fn open(sandbox: &Sandbox, call: &str, payload: &Value) -> Value {
    ask(sandbox, "/bridge/open", &json!({"call": call, "payload": payload, "url": "https://shop.example/"}))
        .await
}

async fn ticket(sandbox: &Sandbox) -> String {
    let token = "/wechat/cgi-bin/token?grant_type=client_credential&appid=wx0000000000000001\
                 &secret=sandbox-wechat-secret";
    let token = sandbox.get(token).await.json();
    assert_eq!(token["expires_in"], 7200, "{token}");
    let token = token["access_token"].as_str().unwrap();
    let path = format!("/wechat/cgi-bin/ticket/getticket?access_token={token}&type=jsapi");
    let answer = sandbox.get(&path).await.json();
    assert_eq!((&answer["errcode"], &answer["errmsg"]), (&json!(0), &json!("ok")), "{answer}");
    answer["ticket"].as_str().unwrap().to_owned()
}

fn config(ticket: &str, url: &str) -> Value {
    let text = format!("jsapi_ticket={ticket}&noncestr=N1&timestamp=1704067200&url={url}");
    let signature: String = Sha1::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "beta": true, "appId": APP_ID, "timestamp": 1_704_067_200, "nonceStr": "N1", "signature": signature,
        "jsApiList": ["getH5PrepayRequest"],
    })
}

#[tokio::test]
async fn a_payload_is_paid_once_and_the_shop_is_told() {
    let sandbox = Sandbox::start().await;
    let mut merchant = Merchant::open().await;
    for (call, wallet, order_no) in [("getBrandWCPayRequest", "CN", "B1"), ("getH5PrepayRequest", "HK", "B2")]
    {
        let changes = json!({"wallet": wallet, "out_trade_no": order_no, "notify_url": merchant.url});
        let payload = prepared(&sandbox, changes).await;
        let sheet = open(&sandbox, call, &payload).await;
        assert_eq!(
            json!([sheet["ok"], sheet["amount"], sheet["goods"], sheet["payment"]]),
            json!([true, "HKD 10.00", "测试商品", "sheet"])
        );
        let pay = json!({"call": call, "payload": payload});
        assert_eq!(ask(&sandbox, "/bridge/pay", &pay).await["ok"], true);
        let told = merchant.received().await;
        assert_eq!((told["out_trade_no"].as_str(), told["trade_type"].as_str()), (order_no, "JSAPI"));
        assert_eq!(ask(&sandbox, "/bridge/pay", &pay).await["ok"], false);
        assert!(merchant.is_idle());
    }
}

#[tokio::test]
async fn a_payload_that_is_not_exactly_what_was_handed_out_is_refused() {
    let sandbox = Sandbox::start().await;
    let payload = prepared(&sandbox, json!({})).await;
    let mut number = payload.clone();
    number["timeStamp"] = json!(payload["timeStamp"].as_str().unwrap().parse::<i64>().unwrap());
    let mut other = payload.clone();
    other["package"] = json!("prepay_id=wx1");
    let mut more = payload.clone();
    more["extra"] = json!("1");
    for (reason, call, payload) in [
        ("paySign is wrong", "getBrandWCPayRequest", &number),
        ("paySign is wrong", "getBrandWCPayRequest", &other),
        ("this payload was never handed out", "getBrandWCPayRequest", &more),
        ("a payload of this signType is for getBrandWCPayRequest", "getH5PrepayRequest", &payload),
        ("signType \"\" is not known", "getBrandWCPayRequest", &json!({})),
    ] {
        let refused = open(&sandbox, call, payload).await;
        assert_eq!((&refused["ok"], &refused["reason"]), (&json!(false), &json!(reason)), "{refused}");
    }
    let journal = sandbox.journal().await;
    assert_eq!(journal.last().unwrap()["endpoint"], "bridge_open");
}

#[tokio::test]
async fn a_page_is_configured_with_a_ticket_for_its_own_address() {
    let sandbox = Sandbox::start().await;
    let page = "https://shop.example/pay?o=1";
    let ticket = ticket(&sandbox).await;
    let check = async |config: &Value, url: &str| {
        ask(&sandbox, "/bridge/config", &json!({"config": config, "url": url})).await["reason"].clone()
    };
    let good = config(&ticket, page);
    assert_eq!(check(&good, page).await, Value::Null);
    assert_eq!(check(&good, "https://shop.example/pay?o=1#step2").await, Value::Null, "no fragment");
    assert_eq!(check(&good, "https://shop.example/pay?o=2").await, "invalid signature");
    assert_eq!(check(&config("another", page), page).await, "invalid signature");
    for (name, value) in [("appId", json!("wx2")), ("beta", Value::Null), ("jsApiList", json!([]))] {
        let mut bad = good.clone();
        bad[name] = value;
        assert!(check(&bad, page).await.is_string(), "{name}");
    }
    sandbox.control(Method::POST, "/wechat/tokens/expire", json!({"which": "all"})).await;
    assert_eq!(check(&good, page).await, "invalid signature", "the ticket has ended");
}

#[tokio::test]
async fn the_official_account_refuses_by_wechats_codes() {
    let sandbox = Sandbox::start().await;
    let token = "/wechat/cgi-bin/token?grant_type=client_credential";
    for (code, path) in [
        (40002, "/wechat/cgi-bin/token".to_owned()),
        (40013, format!("{token}&appid=wx2&secret=sandbox-wechat-secret")),
        (40125, format!("{token}&appid={APP_ID}&secret=wrong")),
        (40001, "/wechat/cgi-bin/ticket/getticket?access_token=x&type=jsapi".to_owned()),
    ] {
        assert_eq!(sandbox.get(&path).await.json()["errcode"], code, "{path}");
    }
    sandbox
        .fault("wechat", json!({"endpoint": "getticket", "fault": "code", "code": -1, "message": "busy"}))
        .await;
    let busy = sandbox.get("/wechat/cgi-bin/ticket/getticket").await.json();
    assert_eq!(busy, json!({"errcode": -1, "errmsg": "busy"}));
    let journal = sandbox.journal().await;
    assert!(!json!(journal).to_string().contains("sandbox-wechat-secret"));
}

#[tokio::test]
async fn the_scripts_know_where_the_app_is_and_how_long_it_takes() {
    let sandbox = Sandbox::start().await;
    sandbox.turn("wechat", "settings", json!({"bridge_delay_ms": 250})).await;
    for (path, word) in [("/wechat/bridge.js", "WeixinJSBridgeReady"), ("/wechat/jweixin.js", "window.wx")] {
        let script = sandbox.get(path).await;
        assert_eq!(script.headers["content-type"], "text/javascript; charset=utf-8");
        assert!(
            script.text.contains(&sandbox.url("/wechat")) && script.text.contains("\"bridgeDelayMs\":250")
        );
        assert!(script.text.contains(word));
    }
}
