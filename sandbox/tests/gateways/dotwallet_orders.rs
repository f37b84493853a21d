//! DotWallet: orders that the user confirms, their notices and ways back.

use http::StatusCode;
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::support::{Merchant, Sandbox, dotwallet_sign, fields, query_of};

const SECRET: &str = "sandbox-dotwallet-secret";
const CREATE: &str = "/dotwallet/openapi/create_order";
const SUCCESS: &str = r#"{"code":0,"msg":"Success","data":[]}"#;

/// The order's fields as they are sent, with changes in their places and signed.
fn order(changes: &[(&str, Value)]) -> Vec<(String, Value)> {
    let mut order: Vec<(String, Value)> = [
        ("app_id", json!("0123456789abcdef0123456789abcdef")),
        ("merchant_order_sn", json!("d1")),
        ("item_name", json!("一个苹果")),
        ("order_amount", json!(546)),
        ("nonce_str", json!("1704067200000")),
        ("notice_uri", json!("")),
        ("redirect_uri", json!("https://shop.example/r?a=1")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    for (name, value) in changes {
        match order.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value.clone(),
            None => order.push(((*name).to_owned(), value.clone())),
        }
    }
    order.retain(|(_, value)| !value.is_null());
    let sign = dotwallet_sign(&texts(&order), SECRET);
    order.push(("sign".into(), json!(sign)));
    order
}

fn texts(fields: &[(String, Value)]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    fields.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

/// A JSON object in the order of its fields.
fn in_order(fields: &[(String, Value)]) -> String {
    let members: Vec<_> = fields.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
    format!("{{{}}}", members.join(","))
}

async fn create(sandbox: &Sandbox, fields: &[(String, Value)]) -> Value {
    let body = Some(("application/json", in_order(fields)));
    sandbox.try_send(Method::POST, CREATE, body).await.unwrap().json()
}

async fn search(sandbox: &Sandbox, order_no: &str) -> Value {
    let question = json!({
        "app_id": "0123456789abcdef0123456789abcdef", "secret": SECRET, "merchant_order_sn": order_no,
    });
    sandbox.post_json("/dotwallet/openapi/search_order/", &question).await.json()
}

fn page(placed: &Value) -> String {
    format!("/dotwallet/desktop/open/order?order_sn={}", placed["data"]["order_sn"].as_str().unwrap())
}

#[tokio::test]
async fn an_order_is_taken_under_every_name_as_json_form_and_query() {
    let sandbox = Sandbox::start().await;
    for (at, name) in ["create_order", "apply_order", "order"].iter().enumerate() {
        for prefix in ["openapi", "platform/openapi"] {
            let path = format!("/dotwallet/{prefix}/{name}");
            for encoding in ["json", "form", "query"] {
                let number = json!(format!("{prefix}-{at}-{encoding}").replace('/', "-"));
                let fields = order(&[("merchant_order_sn", number)]);
                let form = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(texts(&fields))
                    .finish();
                let answer = match encoding {
                    "json" => {
                        let body = Some(("application/json", in_order(&fields)));
                        sandbox.try_send(Method::POST, &path, body).await.unwrap()
                    }
                    "form" => {
                        let body = Some(("application/x-www-form-urlencoded", form));
                        sandbox.try_send(Method::POST, &path, body).await.unwrap()
                    }
                    _ => sandbox.get(&format!("{path}?{form}")).await,
                };
                assert_eq!(answer.json()["code"], 0, "{path} {encoding}: {}", answer.text);
                assert_eq!(answer.json()["data"]["order_sn"].as_str().unwrap().len(), 32);
            }
        }
    }
}

#[tokio::test]
async fn the_signature_covers_the_fields_in_the_order_received() {
    let sandbox = Sandbox::start().await;
    let mut moved = order(&[]);
    moved.swap(1, 2);
    assert_eq!(create(&sandbox, &moved).await["code"], 10106);
    let mut altered = order(&[]);
    altered[3].1 = json!(1000);
    assert_eq!(create(&sandbox, &altered).await["code"], 10106);
    let mut with_data = order(&[]);
    with_data.push(("opreturn".into(), json!("006a0568656c6c6f")));
    assert_eq!(create(&sandbox, &with_data).await["code"], 0, "opreturn is not covered");
}

#[tokio::test]
async fn every_documented_refusal_has_its_code() {
    let sandbox = Sandbox::start().await;
    assert_eq!(create(&sandbox, &order(&[("merchant_order_sn", json!("taken"))])).await["code"], 0);
    let address = "1BitcoinEaterAddressDontSendf59kuE";
    let to = |amount: Value| json!(json!([{"address": address, "amount": amount}]).to_string());
    let cases: [(i64, (&str, Value)); 17] = [
        (10100, ("app_id", json!(""))),
        (10101, ("app_id", json!("another"))),
        (10102, ("merchant_order_sn", json!(""))),
        (10103, ("item_name", Value::Null)),
        (10104, ("order_amount", Value::Null)),
        (10104, ("order_amount", json!("546"))),
        (10104, ("order_amount", json!(546.5))),
        (10104, ("order_amount", json!(545))),
        (10105, ("nonce_str", json!("Thu Jan 01 1970 08:00:00"))),
        (10107, ("merchant_order_sn", json!("taken"))),
        (10108, ("redirect_uri", json!("shop.example/r"))),
        (10109, ("nonce_str", json!(""))),
        (10046, ("receive_address", json!(""))),
        (10047, ("receive_address", json!("not JSON"))),
        (10048, ("receive_address", to(json!("546")))),
        (10049, ("receive_address", to(json!(545)))),
        (0, ("receive_address", to(json!(546)))),
    ];
    for (code, (name, value)) in cases {
        let refused = create(&sandbox, &order(&[(name, value.clone())])).await;
        assert_eq!(refused["code"], code, "{name} {value}: {refused}");
    }
    let mut unsigned = order(&[("merchant_order_sn", json!("d2"))]);
    unsigned.pop();
    assert_eq!(create(&sandbox, &unsigned).await["code"], 10106);
    sandbox.turn("dotwallet", "settings", json!({"order_uris_required": true})).await;
    let without = order(&[("merchant_order_sn", json!("d2")), ("redirect_uri", Value::Null)]);
    assert_eq!(create(&sandbox, &without).await["code"], 10110);
}

#[tokio::test]
async fn the_user_pays_and_the_shop_is_told_by_a_signed_notice_and_a_signed_way_back() {
    let sandbox = Sandbox::start().await;
    let mut merchant = Merchant::replying(SUCCESS).await;
    let notice_uri = format!("{}?from=dotwallet", merchant.url);
    let placed = create(&sandbox, &order(&[("notice_uri", json!(notice_uri))])).await;
    assert_eq!(search(&sandbox, "d1").await["data"]["status"], 0);
    let shown = sandbox.get(&page(&placed)).await.text;
    assert!(shown.contains("0.00000546 BSV") && shown.contains("一个苹果"), "{shown}");

    let back = sandbox.post_form(&page(&placed), &fields(&[("decision", "pay")])).await;
    let notice = merchant.notification().await;
    assert_eq!(notice.method, Method::GET);
    let mut told = notice.in_order();
    assert_eq!(told.remove(0), ("from".into(), "dotwallet".into()), "the merchant's own parameter");
    let names: Vec<_> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "app_id",
            "order_sn",
            "merchant_order_sn",
            "item_name",
            "receive_address",
            "user_refund_address",
            "order_amount",
            "pay_txid",
            "status",
            "nonce_str",
            "sign"
        ]
    );
    assert_eq!(told[10].1, dotwallet_sign(&told[..10], SECRET));
    assert_eq!((told[8].1.as_str(), told[9].1.as_str()), ("1", "1704067200000"));

    assert!(back.location().starts_with("https://shop.example/r?a=1&app_id="), "{}", back.location());
    let returned = query_of(back.location());
    assert_eq!(returned[1..], told[..]);
    let found = search(&sandbox, "d1").await;
    assert_eq!(
        (&found["data"]["status"], &found["data"]["pay_txid"]),
        (&json!(9), &json!(told[7].1)),
        "{found}"
    );
    assert_eq!(sandbox.order("dotwallet").await["notifications"][0]["acknowledged"], true);
}

#[tokio::test]
async fn a_user_who_gives_up_comes_back_bare_or_with_a_status() {
    let sandbox = Sandbox::start().await;
    let mut merchant = Merchant::replying(SUCCESS).await;
    let cancel = fields(&[("decision", "cancel")]);
    let placed = create(&sandbox, &order(&[("notice_uri", json!(merchant.url))])).await;
    let back = sandbox.post_form(&page(&placed), &cancel).await;
    assert_eq!(back.location(), "https://shop.example/r?a=1");
    assert_eq!(search(&sandbox, "d1").await["data"]["status"], 0, "it can still be paid");

    sandbox.turn("dotwallet", "settings", json!({"cancel": "status"})).await;
    let back = sandbox.post_form(&page(&placed), &cancel).await;
    let returned = query_of(back.location());
    let told = merchant.notification().await.in_order();
    assert_eq!(returned[1..], told[..]);
    assert_eq!((told[7].1.as_str(), told[8].1.as_str()), ("", "-1"), "{told:?}");
    assert_eq!(told[10].1, dotwallet_sign(&told[..10], SECRET));
    assert_eq!(search(&sandbox, "d1").await["data"]["status"], -1);
    let late = sandbox.post_form(&page(&placed), &fields(&[("decision", "pay")])).await;
    assert!(late.text.contains("data-testid=\"closed\""), "{}", late.text);
}

#[tokio::test]
async fn each_page_says_when_it_is_for_another_device() {
    let sandbox = Sandbox::start().await;
    let placed = create(&sandbox, &order(&[])).await;
    let sn = placed["data"]["order_sn"].as_str().unwrap();
    for (device, agent) in
        [("desktop", "Mozilla/5.0 (X11; Linux)"), ("wallet", "Mozilla/5.0 (iPhone) Mobile")]
    {
        for (path, name) in [("desktop", "order"), ("desktop", "pay"), ("wallet", "order"), ("wallet", "pay")]
        {
            let url = sandbox.url(&format!("/dotwallet/{path}/open/{name}?order_sn={sn}"));
            let shown = sandbox.client.get(url).header("user-agent", agent).send().await.unwrap();
            let shown = shown.text().await.unwrap();
            assert!(shown.contains("data-testid=\"pay\""), "{shown}");
            assert_eq!(shown.contains("wrong-device"), device != path, "{device} {path}");
        }
    }
    let unknown = sandbox.get("/dotwallet/desktop/open/order?order_sn=1").await;
    assert!(unknown.status == StatusCode::BAD_REQUEST && unknown.text.contains("10205"), "{}", unknown.text);
}

#[tokio::test]
async fn an_order_is_paid_closed_and_told_of_by_control() {
    let sandbox = Sandbox::start().await;
    let mut merchant = Merchant::replying(SUCCESS).await;
    create(&sandbox, &order(&[("notice_uri", json!(merchant.url))])).await;
    let forged =
        sandbox.control(Method::POST, "/dotwallet/orders/d1/pay", json!({"forge": true})).await["paid"]
            .clone();
    assert_eq!(forged, false);
    let forgery = merchant.notification().await.in_order();
    assert_ne!(forgery[10].1, dotwallet_sign(&forgery[..10], SECRET));
    sandbox.control(Method::POST, "/dotwallet/orders/d1/close", json!({"notify": true})).await;
    assert_eq!(merchant.notification().await.texts()["status"], "-1");
    sandbox.control(Method::POST, "/dotwallet/orders/d1/pay", json!({"amount": 1000})).await;
    assert_eq!(merchant.notification().await.texts()["order_amount"], "1000");
    assert_eq!(search(&sandbox, "d1").await["data"]["amount"], 1000, "late, and another amount");
}

#[tokio::test]
async fn notices_come_in_every_dress_and_stay_signed_in_their_order() {
    let sandbox = Sandbox::start().await;
    let mut merchant = Merchant::replying(SUCCESS).await;
    for (at, notification) in ["form", "json", "query", "get"].iter().enumerate() {
        let number = format!("d{at}");
        create(
            &sandbox,
            &order(&[("merchant_order_sn", json!(number)), ("notice_uri", json!(merchant.url))]),
        )
        .await;
        let dress = json!({"notification": notification, "transaction": "paytxid", "numbers": "numbers",
            "unknown_fields": true, "sign_case": "upper"});
        sandbox.turn("dotwallet", "dress", dress).await;
        sandbox.control(Method::POST, &format!("/dotwallet/orders/{number}/pay"), Value::Null).await;
        let told = merchant.notification().await;
        let expected = if *notification == "get" { Method::GET } else { Method::POST };
        assert_eq!(told.method, expected);
        let names: Map<String, Value> = told.fields.iter().cloned().collect();
        assert!(
            names.contains_key("paytxid") && names.contains_key("Zeta") && !names.contains_key("pay_txid")
        );
        assert_eq!(names["order_amount"].is_number(), *notification == "json", "{told:?}");
        let told = told.in_order();
        let (sign, signed) = told.split_last().unwrap();
        assert_eq!(sign.1, dotwallet_sign(signed, SECRET).to_uppercase(), "{notification}");
    }
}
