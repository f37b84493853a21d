//! The Hong Kong wallet's page: what `wx.config` needs, signed for exactly the page that the payer has open.

use countersign_tests::{BLUEOCEAN_WECHAT_HK_JSAPI, Settings, World, wechat_page_sign};
use serde_json::{Value, json};

use super::confirm_with;
use crate::gateway_contract::wire::answer;
use crate::judge::{names, near};

const APPID: &str = "wx0000000000000001";

/// The account with its official account at WeChat.
fn official(settings: &mut Settings) {
    let gateways = settings.text();
    let wechat = gateways
        .lines()
        .find_map(|line| line.strip_prefix("base_url = ")?.trim_matches('"').strip_suffix("/blueocean"))
        .expect("the simulators' address")
        .to_owned();
    settings.set("accounts.hk.wechat_official.appid", APPID);
    settings.set("accounts.hk.wechat_official.secret", "env:WECHAT_SECRET");
    settings.set("accounts.hk.wechat_official.api_url", format!("{wechat}/wechat"));
    settings.env.insert("WECHAT_SECRET".into(), "sandbox-wechat-secret".into());
}

async fn action(world: &World, headers: &[(&str, &str)]) -> Value {
    let payment = world.api.create(&world.order(&BLUEOCEAN_WECHAT_HK_JSAPI)).await;
    let body = json!({"environment": "wechat"});
    let view = confirm_with(world, &payment, headers, &body).await.expect(200);
    let action = view["next_action"].clone();
    assert_eq!(names(&action), ["config", "payload", "type"]);
    assert_eq!(action["type"], "wechat_hk_jsapi");
    assert!(action["payload"]["paySign"].is_string(), "the payload goes on with or without it: {action}");
    action
}

/// Asserts that the configuration is signed for this page with a ticket that WeChat gave.
async fn signed_for(world: &World, config: &Value, page: &str) {
    assert_eq!(names(config), ["appId", "beta", "jsApiList", "nonceStr", "signature", "timestamp"]);
    assert_eq!((&config["appId"], &config["beta"]), (&json!(APPID), &json!(true)));
    assert_eq!(config["jsApiList"], json!(["getH5PrepayRequest"]));
    let timestamp_s = config["timestamp"].as_i64().expect("seconds, as a number");
    near(jiff::Timestamp::from_second(timestamp_s).expect("a time"), jiff::Timestamp::now(), 60);
    let nonce = config["nonceStr"].as_str().expect("a nonce");
    assert!(nonce.len() >= 16, "{nonce}");
    let tickets = world.gateways.journal("wechat", "getticket").await;
    let signed = |entry: &Value| {
        let told = answer(entry);
        let ticket = told["ticket"].as_str().expect("a ticket");
        config["signature"] == wechat_page_sign(ticket, nonce, timestamp_s, page)
    };
    assert!(tickets.iter().any(signed), "{page}: {config}");
}

/// Asserts that each signer has asked for a ticket once at the most, and one of them has.
async fn asked_once(world: &World) {
    for endpoint in ["token", "getticket"] {
        let asked = world.gateways.journal("wechat", endpoint).await.len();
        assert!((1..=world.store().instances()).contains(&asked), "{endpoint}: {asked}");
    }
}

#[tokio::test]
async fn the_page_is_the_one_that_the_browser_names_without_its_fragment() {
    let world = World::with(official).await;
    for (referer, page) in [
        ("https://shop.example/pay", "https://shop.example/pay"),
        ("https://shop.example/pay/?a=1&b=%e8%8c%b6", "https://shop.example/pay/?a=1&b=%e8%8c%b6"),
        ("https://shop.example/pay?a=1#/step/2", "https://shop.example/pay?a=1"),
        ("https://shop.example/", "https://shop.example/"),
        (
            "https://shop.example/%E6%94%AF%E4%BB%98?q=it's+tea",
            "https://shop.example/%E6%94%AF%E4%BB%98?q=it's+tea",
        ),
    ] {
        let action = action(&world, &[("referer", referer)]).await;
        signed_for(&world, &action["config"], page).await;
    }
    // The ticket is WeChat's to hand out a few times a day: it is kept.
    asked_once(&world).await;
}

#[tokio::test]
async fn a_page_of_somebody_elses_is_not_signed_for() {
    let world = World::with(official).await;
    for headers in
        [&[][..], &[("referer", "https://evil.example/pay")], &[("referer", "https://shop.example.evil/")]]
    {
        let action = action(&world, headers).await;
        assert!(action["config"].is_null(), "{headers:?}: {action}");
    }
    assert!(world.gateways.journal("wechat", "getticket").await.is_empty());
}

#[tokio::test]
async fn a_configured_page_stands_in_where_the_browser_names_none() {
    let world = World::with(|settings| {
        official(settings);
        settings.set("accounts.hk.wechat_official.page_url", "https://shop.example/checkout?x=1");
    })
    .await;
    for headers in [&[][..], &[("referer", "https://evil.example/pay")]] {
        let action = action(&world, headers).await;
        signed_for(&world, &action["config"], "https://shop.example/checkout?x=1").await;
    }
    let action = action(&world, &[("referer", "https://shop.example/pay")]).await;
    signed_for(&world, &action["config"], "https://shop.example/pay").await;
}

#[tokio::test]
async fn an_account_without_an_official_account_has_no_configuration() {
    let world = World::start().await;
    let action = action(&world, &[("referer", "https://shop.example/pay")]).await;
    assert!(action["config"].is_null(), "{action}");
    assert!(world.gateways.journal("wechat", "token").await.is_empty());
}

#[tokio::test]
async fn without_a_ticket_the_payload_goes_on_alone() {
    for (endpoint, fault) in [
        ("token", json!({"fault": "drop_before"})),
        ("token", json!({"fault": "code", "code": 40125, "message": "invalid appsecret"})),
        ("getticket", json!({"fault": "garbage_after"})),
        ("getticket", json!({"fault": "code", "code": 40001, "message": "invalid credential", "times": 2})),
        ("getticket", json!({"fault": "hang"})),
    ] {
        let world = World::with(official).await;
        let mut fault = fault;
        fault["endpoint"] = json!(endpoint);
        world.gateways.fault("wechat", fault.clone()).await;
        let action = action(&world, &[("referer", "https://shop.example/pay")]).await;
        assert!(action["config"].is_null(), "{fault}: {action}");
    }
}

#[tokio::test]
async fn many_payers_at_once_ask_for_one_ticket() {
    let world = World::with(official).await;
    let payer = || action(&world, &[("referer", "https://shop.example/pay")]);
    let (first, second, third) = tokio::join!(payer(), payer(), payer());
    for action in [first, second, third] {
        signed_for(&world, &action["config"], "https://shop.example/pay").await;
    }
    asked_once(&world).await;
}
