//! DotWallet: automatic payments, the query, and the consent page.

use countersign_sandbox::gateways::Config;
use http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Fields, Sandbox, fields};

const PAY: &str = "/dotwallet/openapi/pay_small_money";
const CONSENT: &str = "/dotwallet/openapi/set_pay_config?app_id=0123456789abcdef0123456789abcdef\
                       &redirect_uri=http%3A%2F%2Fshop.example%3A3000%2Fdone%3Fa%3D1%26b%3D2";

fn payment(order_no: &str, changes: Value) -> Value {
    let mut body = json!({
        "app_id": "0123456789abcdef0123456789abcdef", "secret": "sandbox-dotwallet-secret",
        "merchant_order_sn": order_no, "pre_amount": 700, "user_open_id": "sandbox-payer-0001", "item_name": "Tea",
    });
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}

async fn agree(sandbox: &Sandbox, balance: i64) {
    let account =
        json!({"balance": balance, "single_limit": 10_000, "total_limit": 20_000, "consented": true});
    sandbox.control(Method::PUT, "/dotwallet/users/sandbox-payer-0001", account).await;
}

#[tokio::test]
async fn a_payment_is_taken_at_once_and_found_afterwards() {
    let sandbox = Sandbox::start().await;
    agree(&sandbox, 5_000).await;
    let paid = sandbox.post_json(PAY, &payment("d1", json!({}))).await.json();
    assert_eq!((&paid["code"], &paid["msg"]), (&json!(0), &json!("")));
    assert_eq!(paid["data"]["pay_txid"].as_str().unwrap().len(), 64);

    let account = sandbox.control(Method::GET, "/dotwallet/users/sandbox-payer-0001", Value::Null).await;
    assert_eq!(account["balance"], 5_000 - 700 - 113);

    let query = json!({
        "app_id": "0123456789abcdef0123456789abcdef", "secret": "sandbox-dotwallet-secret", "merchant_order_sn": "d1",
    });
    for path in ["/openapi/search_order/", "/openapi/search_order", "/platform/openapi/search_order/"] {
        let found = sandbox.post_json(&format!("/dotwallet{path}"), &query).await.json();
        assert_eq!(found["code"], 0, "{found}");
        assert_eq!(found["data"]["status"], 9);
        assert_eq!(found["data"]["amount"], 700);
        assert_eq!(found["data"]["order_sn"], paid["data"]["order_sn"]);
        assert_eq!(found["data"]["pay_txid"], paid["data"]["pay_txid"]);
    }
}

#[tokio::test]
async fn a_form_is_taken_like_json() {
    let sandbox = Sandbox::start().await;
    agree(&sandbox, 5_000).await;
    let body: Fields = payment("d1", json!({"pre_amount": "700"}))
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    let paid = sandbox.post_form("/dotwallet/platform/openapi/pay_small_money", &body).await.json();
    assert_eq!(paid["code"], 0, "{paid}");
}

#[tokio::test]
async fn every_documented_refusal_has_its_code() {
    let sandbox = Sandbox::start().await;
    agree(&sandbox, 100_000).await;
    assert_eq!(sandbox.post_json(PAY, &payment("taken", json!({}))).await.json()["code"], 0);
    let address = "1BitcoinEaterAddressDontSendf59kuE";
    let to = |amount: Value| json!([{"address": address, "amount": amount}]).to_string();
    let cases = [
        (10030, json!({"app_id": ""})),
        (10032, json!({"app_id": "another"})),
        (10034, json!({"user_open_id": ""})),
        (10035, json!({"user_open_id": "nobody"})),
        (10036, json!({"secret": null})),
        (10037, json!({"secret": "wrong"})),
        (10038, json!({"merchant_order_sn": ""})),
        (10039, json!({"merchant_order_sn": "taken"})),
        (10042, json!({"pre_amount": null})),
        (10042, json!({"pre_amount": "700"})),
        (10042, json!({"pre_amount": 700.5})),
        (10043, json!({"pre_amount": 0})),
        (10044, json!({"pre_amount": 10_001})),
        (10045, json!({"item_name": ""})),
        (10046, json!({"receive_address": ""})),
        (10047, json!({"receive_address": "not JSON"})),
        (10047, json!({"receive_address": [{"address": address, "amount": 700}]})),
        (10047, json!({"receive_address": json!([{"address": "me", "amount": 700}]).to_string()})),
        (10048, json!({"receive_address": to(json!("700"))})),
        (10049, json!({"receive_address": to(json!(699))})),
    ];
    for (code, changes) in cases {
        let refused = sandbox.post_json(PAY, &payment("d2", changes.clone())).await.json();
        assert_eq!(refused["code"], code, "{changes}: {refused}");
        assert_eq!(refused["data"], json!([]), "{changes}");
        assert!(refused["msg"].as_str().unwrap().contains(&code.to_string()), "{refused}");
    }
    let good = payment("d2", json!({"receive_address": to(json!(700)), "opreturn": "006a0568656c6c6f"}));
    assert_eq!(sandbox.post_json(PAY, &good).await.json()["code"], 0, "nothing above has used the number up");
}

#[tokio::test]
async fn without_consent_or_funds_the_answer_has_the_later_shape() {
    let sandbox = Sandbox::start().await;
    let sample = json!({"code": -101001, "next_do": "todo", "show_kind": 1, "data": "balance=0,amount=700,fee=113,0 < 813"});
    assert_eq!(sandbox.post_json(PAY, &payment("d1", json!({}))).await.json(), sample);
    agree(&sandbox, 812).await;
    let refused = sandbox.post_json(PAY, &payment("d1", json!({}))).await.json();
    assert_eq!(refused["data"], "balance=812,amount=700,fee=113,812 < 813");
    agree(&sandbox, 813).await;
    assert_eq!(sandbox.post_json(PAY, &payment("d1", json!({}))).await.json()["code"], 0);
}

#[tokio::test]
async fn the_query_refuses_by_its_own_codes() {
    let sandbox = Sandbox::start().await;
    let cases = [
        (10200, json!({"app_id": ""})),
        (10201, json!({"app_id": "another"})),
        (10202, json!({"secret": ""})),
        (10203, json!({"secret": "wrong"})),
        (10204, json!({"merchant_order_sn": ""})),
        (10205, json!({})),
    ];
    for (code, changes) in cases {
        let answer =
            sandbox.post_json("/dotwallet/openapi/search_order/", &payment("d1", changes)).await.json();
        assert_eq!(answer["code"], code);
    }
}

#[tokio::test]
async fn the_user_agrees_on_the_page_and_is_sent_back_and_payments_pass() {
    let sandbox = Sandbox::start().await;
    let page = sandbox.get(CONSENT).await;
    for part in
        ["data-testid=\"continue\"", "data-testid=\"refuse\"", "name=\"single_limit\"", "No money moves"]
    {
        assert!(page.text.contains(part), "{part}");
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(sandbox.get_in_chinese(CONSENT).await.contains("开通小额自动支付"));

    let form = fields(&[
        ("decision", "continue"),
        ("single_limit", "0.00001"),
        ("total_limit", "0.1"),
        ("top_up", "0.05"),
    ]);
    let back = sandbox.post_form(CONSENT, &form).await;
    assert_eq!(back.location(), "http://shop.example:3000/done?a=1&b=2");
    assert_eq!(sandbox.post_json(PAY, &payment("d1", json!({}))).await.json()["code"], 0);
    let over = payment("d2", json!({"pre_amount": 1_001}));
    assert_eq!(sandbox.post_json(PAY, &over).await.json()["code"], 10044);
}

#[tokio::test]
async fn the_user_refuses_on_the_page_and_payments_are_refused() {
    let sandbox = Sandbox::start().await;
    agree(&sandbox, 100_000).await;
    let back = sandbox.post_form(CONSENT, &fields(&[("decision", "refuse")])).await;
    assert_eq!(back.location(), "http://shop.example:3000/done?a=1&b=2");
    assert_eq!(sandbox.post_json(PAY, &payment("d1", json!({}))).await.json()["code"], 10041);
}

#[tokio::test]
async fn amounts_that_make_no_sense_bring_the_page_again() {
    let sandbox = Sandbox::start().await;
    let form =
        fields(&[("decision", "continue"), ("single_limit", "1"), ("total_limit", "0.1"), ("top_up", "0")]);
    let page = sandbox.post_form(CONSENT, &form).await;
    assert!(page.status == StatusCode::OK && page.text.contains("complaint"), "{}", page.text);
}

#[tokio::test]
async fn the_page_refuses_other_apps_and_other_domains() {
    let mut config = Config::default();
    config.dotwallet.callback_domain = Some("shop.example:3000".into());
    let sandbox = Sandbox::with(config).await;
    let page = async |app: &str, uri: &str| {
        let query = super::support::form(&fields(&[("app_id", app), ("redirect_uri", uri)]));
        sandbox.get(&format!("/dotwallet/openapi/set_pay_config?{query}")).await
    };
    let app = "0123456789abcdef0123456789abcdef";
    assert_eq!(page(app, "http://shop.example:3000/x").await.status, StatusCode::OK);
    for uri in ["http://shop.example/x", "http://evil.example:3000/", "javascript:alert(1)", "/x", ""] {
        let page = page(app, uri).await;
        assert!(
            page.status == StatusCode::BAD_REQUEST && page.text.contains("10003"),
            "{uri}: {}",
            page.text
        );
    }
    assert!(page("another", "http://shop.example:3000/x").await.text.contains("10032"));
}

#[tokio::test]
async fn the_journal_shows_what_came_but_no_secret() {
    let sandbox = Sandbox::start().await;
    sandbox.post_json(PAY, &payment("d1", json!({"secret": "wrong-one"}))).await;
    sandbox.post_json(PAY, &payment("d1", json!({}))).await;
    let journal = sandbox.journal().await;
    assert_eq!(journal.len(), 2);
    assert_eq!(journal[0]["endpoint"], "pay_small_money");
    assert_eq!(journal[0]["fields"]["pre_amount"], 700);
    assert!(journal[0]["reason"].as_str().unwrap().starts_with("10037"), "{}", journal[0]);
    assert_eq!(journal[1]["answer"]["status"], 200);
    assert!(journal[1]["answer"]["body"].as_str().unwrap().contains("-101001"));
    let text = json!(journal).to_string();
    assert!(!text.contains("wrong-one") && !text.contains("sandbox-dotwallet-secret"), "{text}");
}
