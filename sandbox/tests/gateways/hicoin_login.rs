//! Hicoin: the authorise page, and the payer's and the merchant's tokens.

use http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};

use super::hicoin::{PRE_ORDER, QUERY_ORDER, business, call};
use super::support::{Sandbox, fields, form, query_of};

const APP: &str = "a0000000000000000000000000000001";
const SECRET: &str = "sandbox-hicoin-app-secret";
const RETURN: &str = "https://pay.example/v1/authorize/coin/callback?a=1";

fn authorize(changes: &[(&str, &str)]) -> String {
    let mut query = fields(&[
        ("app_id", APP),
        ("redirect_uri", RETURN),
        ("response_type", "code"),
        ("scope", "snsapi_base"),
        ("state", "N1"),
    ]);
    query.extend(fields(changes));
    format!("/hicoin/oauth/api/connect/oauth/authorize?{}", form(&query))
}

async fn code(sandbox: &Sandbox) -> String {
    let back = sandbox.get(&authorize(&[])).await;
    assert_eq!(back.status, StatusCode::FOUND, "{}", back.text);
    let query = query_of(back.location());
    assert_eq!((&query[0].0[..], &query[1].0[..], &query[2].1[..]), ("a", "code", "N1"), "{query:?}");
    query[1].1.clone()
}

async fn token(sandbox: &Sandbox, changes: &[(&str, &str)]) -> Value {
    let mut body = fields(&[("app_id", APP), ("secret", SECRET), ("grant_type", "authorization_code")]);
    body.extend(fields(changes));
    sandbox.post_form("/hicoin/oauth/api/sns/oauth/access_token", &body).await.json()
}

async fn refresh(sandbox: &Sandbox, refresh_token: &Value) -> Value {
    let body = fields(&[
        ("app_id", APP),
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str().unwrap()),
    ]);
    sandbox.post_form("/hicoin/oauth/api/sns/oauth/refresh_token", &body).await.json()
}

async fn pre_order(sandbox: &Sandbox, token: &Value, order_no: &str) -> Value {
    let changes = [("access_token", token.as_str().unwrap())];
    let order = call(&business(json!({"out_trade_no": order_no})), &changes);
    sandbox.post_form(PRE_ORDER, &order).await.json()["code"].clone()
}

#[tokio::test]
async fn inside_the_app_the_browser_comes_back_with_a_code_that_gives_a_token_that_pays() {
    let sandbox = Sandbox::start().await;
    let code = code(&sandbox).await;
    let granted = token(&sandbox, &[("code", &code)]).await;
    let data = &granted["data"];
    assert_eq!(
        json!([granted["code"], data["openid"], data["expires_in"], data["scope"]]),
        json!(["0", "u0000000000000001", "7200", "snsapi_base"])
    );
    assert_eq!(pre_order(&sandbox, &data["access_token"], "H1").await, "0");
    assert_eq!(token(&sandbox, &[("code", &code)]).await["code"], "100004", "a code is good once");
}

#[tokio::test]
async fn the_authorise_page_refuses_what_the_documents_forbid() {
    let sandbox = Sandbox::start().await;
    sandbox.turn("hicoin", "settings", json!({"redirect_domain": "https://pay.example"})).await;
    let long = "a".repeat(129);
    for (what, changes) in [
        ("app_id", ("app_id", "another")),
        ("redirect_uri", ("redirect_uri", "https://evil.example/")),
        ("redirect_uri", ("redirect_uri", "http://pay.example/")),
        ("redirect_uri", ("redirect_uri", "javascript:alert(1)")),
        ("response_type", ("response_type", "token")),
        ("scope", ("scope", "snsapi_userinfo")),
        ("state", ("state", "")),
        ("state", ("state", "a-b")),
        ("state", ("state", &long)),
    ] {
        let page = sandbox.get(&authorize(&[changes])).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{changes:?}");
        assert!(page.text.contains(&format!("<code id=\"error-code\">{what}</code>")), "{}", page.text);
    }
    assert_eq!(sandbox.get(&authorize(&[])).await.status, StatusCode::FOUND);
    let invalid = sandbox.get(&authorize(&[("redirect_uri", "https://evil.example/")])).await.text;
    assert!(invalid.contains("无效的redirect_uri"), "{invalid}");
    sandbox.turn("hicoin", "settings", json!({"inside_app": false})).await;
    assert!(sandbox.get(&authorize(&[])).await.text.contains("请在APP中访问此页面"));
    let journal = sandbox.journal().await;
    assert_eq!(journal.last().unwrap()["reason"], "authorize: outside");
}

#[tokio::test]
async fn a_payers_token_ends_and_is_renewed() {
    let sandbox = Sandbox::start().await;
    let first = token(&sandbox, &[("code", &code(&sandbox).await)]).await["data"].clone();
    sandbox.control(Method::POST, "/hicoin/tokens/expire", json!({"which": "user"})).await;
    assert_eq!(pre_order(&sandbox, &first["access_token"], "H1").await, "100004");
    let second = refresh(&sandbox, &first["refresh_token"]).await;
    assert_eq!(second["code"], "0", "{second}");
    assert_eq!(pre_order(&sandbox, &second["data"]["access_token"], "H1").await, "0");
    assert_eq!(refresh(&sandbox, &first["refresh_token"]).await["code"], "100004");
    sandbox.control(Method::POST, "/hicoin/tokens/expire", json!({"which": "refresh"})).await;
    assert_eq!(refresh(&sandbox, &second["data"]["refresh_token"]).await["code"], "100004");
}

#[tokio::test]
async fn a_base_token_ends_and_needs_an_address_on_the_list() {
    let sandbox = Sandbox::start().await;
    let base = async || {
        let body = fields(&[("app_id", APP), ("secret", SECRET), ("grant_type", "client_credential")]);
        sandbox.post_form("/hicoin/avenger/api/cgi-bin/access_token", &body).await.json()
    };
    let query = async |token: &Value| {
        let question = call(&json!({"out_trade_no": "H1"}), &[("access_token", token.as_str().unwrap())]);
        sandbox.post_form(QUERY_ORDER, &question).await.json()["code"].clone()
    };
    sandbox.post_form(PRE_ORDER, &call(&business(json!({})), &[])).await;
    let first = base().await["data"]["access_token"].clone();
    assert_eq!(query(&first).await, "0");
    sandbox.control(Method::POST, "/hicoin/tokens/expire", json!({"which": "base"})).await;
    assert_eq!(query(&first).await, "100004");
    assert_eq!(query(&base().await["data"]["access_token"]).await, "0");
    sandbox.turn("hicoin", "settings", json!({"base_token_lifetime_s": 0})).await;
    let dead = base().await["data"].clone();
    assert_eq!(dead["expires_in"], "0");
    assert_eq!(query(&dead["access_token"]).await, "100004");
    sandbox.turn("hicoin", "settings", json!({"ip_allowed": false})).await;
    assert_eq!(base().await["code"], "100007");
}

#[tokio::test]
async fn a_payers_token_can_be_put_with_an_end_and_tells_who_it_is() {
    let sandbox = Sandbox::start().await;
    let user = json!({"access_token": "t2", "expires_in_s": 0});
    sandbox.control(Method::PUT, "/hicoin/users/u2", user).await;
    let info = async || {
        let query = format!("app_id={APP}&access_token=t2&openid=u2&lang=zh_CN&version=1.0&charset=utf8");
        sandbox.get(&format!("/hicoin/oauth/api/sns/user/info?{query}")).await.json()
    };
    assert_eq!(info().await["code"], "100004");
    sandbox.control(Method::PUT, "/hicoin/users/u2", json!({"access_token": "t2"})).await;
    assert_eq!(info().await["data"]["nickname"], "payer");
}
