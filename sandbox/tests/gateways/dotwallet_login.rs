//! DotWallet: the login, its tokens, and what they tell of the user.

use http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Sandbox, fields, form, query_of};

const APP: &str = "0123456789abcdef0123456789abcdef";
const SECRET: &str = "sandbox-dotwallet-secret";
const RETURN: &str = "http://pay.example:8787/v1/authorize/wallet/callback?state=N1";

fn login(redirect_uri: &str) -> String {
    let query = form(&fields(&[("app_id", APP), ("redirect_uri", redirect_uri)]));
    format!("/dotwallet/openapi/get_code?{query}")
}

async fn code(sandbox: &Sandbox) -> String {
    let back = sandbox.post_form(&login(RETURN), &fields(&[("decision", "authorize")])).await;
    let query = query_of(back.location());
    assert_eq!(query[0], ("state".into(), "N1".into()), "{query:?}");
    query.into_iter().find(|(name, _)| name == "code").unwrap().1
}

async fn token(sandbox: &Sandbox, code: &str) -> Value {
    let body = json!({"app_id": APP, "secret": SECRET, "code": code});
    sandbox.post_json("/dotwallet/platform/openapi/access_token", &body).await.json()
}

async fn user(sandbox: &Sandbox, token: &str) -> Value {
    sandbox.get(&format!("/dotwallet/openapi/get_user_info?access_token={token}")).await.json()
}

#[tokio::test]
async fn a_user_who_authorises_brings_back_a_code_that_is_good_for_one_token() {
    let sandbox = Sandbox::start().await;
    let page = sandbox.get(&login(RETURN)).await.text;
    assert!(page.contains("data-testid=\"authorize\"") && page.contains("data-testid=\"refuse\""), "{page}");
    let code = code(&sandbox).await;
    let granted = token(&sandbox, &code).await;
    assert_eq!((&granted["code"], &granted["data"]["expires_in"]), (&json!(0), &json!(7200)), "{granted}");
    assert_eq!(token(&sandbox, &code).await["code"], 10017, "a code is good once");

    let access_token = granted["data"]["access_token"].as_str().unwrap();
    let found = user(&sandbox, access_token).await["data"].clone();
    assert_eq!(
        json!([found["user_open_id"], found["pay_status"], found["pre_amount"], found["total_amount"]]),
        json!(["sandbox-payer-0001", 0, 0, 0])
    );
    let account = json!({"consented": true, "single_limit": 700, "total_limit": 7000});
    sandbox.control(Method::PUT, "/dotwallet/users/sandbox-payer-0001", account).await;
    let found = user(&sandbox, access_token).await["data"].clone();
    assert_eq!(
        json!([found["pay_status"], found["pre_amount"], found["total_amount"]]),
        json!([1, 700, 7000])
    );
}

#[tokio::test]
async fn a_user_who_refuses_comes_back_without_a_code() {
    let sandbox = Sandbox::start().await;
    let back = sandbox.post_form(&login(RETURN), &fields(&[("decision", "refuse")])).await;
    assert_eq!(back.location(), RETURN);
}

#[tokio::test]
async fn the_page_can_send_the_browser_on_at_once_and_join_the_code_in_three_ways() {
    let sandbox = Sandbox::start().await;
    for (joined, beginning) in
        [("query", "?state=N1&code="), ("question_mark", "?state=N1?code="), ("slash", "?state=N1/?code=")]
    {
        sandbox.turn("dotwallet", "settings", json!({"login": "authorize", "code_joined": joined})).await;
        let back = sandbox.get(&login(RETURN)).await;
        assert_eq!(back.status, StatusCode::FOUND);
        assert!(back.location().contains(&format!("/callback{beginning}")), "{}", back.location());
        let code = back.location().rsplit("code=").next().unwrap();
        assert_eq!(token(&sandbox, code).await["code"], 0);
    }
    sandbox.turn("dotwallet", "settings", json!({"login": "refuse"})).await;
    assert_eq!(sandbox.get(&login(RETURN)).await.location(), RETURN);
}

#[tokio::test]
async fn the_page_refuses_by_its_codes_and_so_it_does_on_order() {
    let sandbox = Sandbox::start().await;
    let open = async |app: &str, uri: &str| {
        let query = form(&fields(&[("app_id", app), ("redirect_uri", uri)]));
        sandbox.get(&format!("/dotwallet/openapi/get_code?{query}")).await.text
    };
    sandbox.turn("dotwallet", "settings", json!({"callback_domain": "pay.example:8787"})).await;
    for (code, app, uri) in [
        (10010, "", RETURN),
        (10011, APP, ""),
        (10012, "another", RETURN),
        (10013, APP, "javascript:alert(1)"),
        (10003, APP, "http://evil.example/"),
    ] {
        let page = open(app, uri).await;
        assert!(page.contains(&format!("<code id=\"error-code\">{code}</code>")), "{code}: {page}");
    }
    sandbox.fault("dotwallet", json!({"endpoint": "get_code", "fault": "code", "code": 10018})).await;
    assert!(open(APP, RETURN).await.contains("10018"));
    let journal = sandbox.journal().await;
    assert!(journal.iter().all(|entry| entry["endpoint"] == "get_code"));
    assert_eq!(journal.len(), 5);
}

#[tokio::test]
async fn tokens_are_refused_by_their_codes() {
    let sandbox = Sandbox::start().await;
    let good = code(&sandbox).await;
    let path = "/dotwallet/openapi/access_token";
    for (code, name, value) in [
        (10010, "app_id", ""),
        (10012, "app_id", "another"),
        (10014, "secret", ""),
        (10015, "secret", "wrong"),
        (10016, "code", ""),
        (10017, "code", "wrong"),
    ] {
        let mut body = json!({"app_id": APP, "secret": SECRET, "code": good});
        body[name] = json!(value);
        assert_eq!(sandbox.post_json(path, &body).await.json()["code"], code, "{name}={value}");
    }
    assert_eq!(token(&sandbox, &good).await["code"], 0, "nothing above has used the code up");
    let refresh = async |query: &str| {
        sandbox.get(&format!("/dotwallet/openapi/refresh_access_token?{query}")).await.json()["code"].clone()
    };
    assert_eq!(refresh("refresh_token=x").await, 10300);
    assert_eq!(refresh("app_id=another&refresh_token=x").await, 10301);
    assert_eq!(refresh(&format!("app_id={APP}")).await, 10302);
    assert_eq!(refresh(&format!("app_id={APP}&refresh_token=x")).await, 10303);
    assert_eq!(user(&sandbox, "").await["code"], 10020);
    assert_eq!(user(&sandbox, "unknown").await["code"], 10021);
}

#[tokio::test]
async fn tokens_end_and_are_renewed() {
    let sandbox = Sandbox::start().await;
    let granted = token(&sandbox, &code(&sandbox).await).await["data"].clone();
    let check = async |token: &Value| {
        let token = token.as_str().unwrap();
        let path = format!("/dotwallet/openapi/check_access_token/?access_token={token}");
        sandbox.get(&path).await.json()["data"].clone()
    };
    let good = check(&granted["access_token"]).await;
    assert_eq!(good["status"], 1);
    assert!((7190..=7200).contains(&good["expire_time"].as_i64().unwrap()), "{good}");
    sandbox.control(Method::POST, "/dotwallet/tokens/expire", json!({"which": "user"})).await;
    assert_eq!(check(&granted["access_token"]).await["status"], -1);
    assert_eq!(check(&json!("unknown")).await["status"], 0);
    assert_eq!(user(&sandbox, granted["access_token"].as_str().unwrap()).await["code"], 10021);

    let path = format!(
        "/dotwallet/openapi/refresh_access_token?app_id={APP}&refresh_token={}",
        granted["refresh_token"].as_str().unwrap()
    );
    let renewed = sandbox.get(&path).await.json()["data"].clone();
    assert_eq!(check(&renewed["access_token"]).await["status"], 1);
    assert_eq!(sandbox.get(&path).await.json()["code"], 10303, "a refresh token is good once");

    sandbox.turn("dotwallet", "settings", json!({"code_lifetime_s": 0})).await;
    let late = code(&sandbox).await;
    assert_eq!(token(&sandbox, &late).await["code"], 10017);
}
