//! The addresses that payers are sent to, part by part, and what binds them to a payment.

use std::collections::BTreeSet;

use countersign_tests::{DOTWALLET_AUTOPAY, HICOIN_H5, World, keys};
use serde_json::json;

use super::{BOTH, login_page, order_without_payer, value, waiting, waiting_for};
use crate::judge::names;

/// Letters and digits stay, everything else becomes `%XX`.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[tokio::test]
async fn hicoins_login_page_has_the_documented_address_to_the_byte() {
    let world = World::start().await;
    let waiting = waiting(&world, &HICOIN_H5).await;
    let callback = format!("{}/v1/authorize/coin/callback", world.api.url);
    let expected = format!(
        "{}/hicoin/oauth/api/connect/oauth/authorize?app_id={}&redirect_uri={}&response_type=code&scope=snsapi_base&state={}&#wallet_redirect",
        world.gateways.url,
        keys::HICOIN_APP_ID,
        encoded(&callback),
        waiting.nonce(),
    );
    assert_eq!(waiting.page, expected);
    assert_eq!(value(&waiting.page, "redirect_uri"), callback);
}

#[tokio::test]
async fn dotwallets_login_page_has_the_documented_address_to_the_byte() {
    let world = World::start().await;
    let waiting = waiting(&world, &DOTWALLET_AUTOPAY).await;
    // There is no state of its own in this interface: the nonce travels in the address that is come back to.
    let callback = format!("{}/v1/authorize/wallet/callback?state={}", world.api.url, waiting.nonce());
    let expected = format!(
        "{}/dotwallet/openapi/get_code?app_id={}&redirect_uri={}",
        world.gateways.url,
        keys::DOTWALLET_APP_ID,
        encoded(&callback),
    );
    assert_eq!(waiting.page, expected);
}

#[tokio::test]
async fn the_way_back_is_built_on_the_public_address() {
    for (public_url, base) in [
        ("https://pay.shop.example", "https://pay.shop.example"),
        ("https://pay.shop.example/signer/", "https://pay.shop.example/signer"),
    ] {
        let world = World::with(|settings| settings.set("server.public_url", public_url)).await;
        let hicoin = waiting(&world, &HICOIN_H5).await;
        assert_eq!(value(&hicoin.page, "redirect_uri"), format!("{base}/v1/authorize/coin/callback"));
        let dotwallet = waiting(&world, &DOTWALLET_AUTOPAY).await;
        let expected = format!("{base}/v1/authorize/wallet/callback?state={}", dotwallet.nonce());
        assert_eq!(value(&dotwallet.page, "redirect_uri"), expected);
    }
}

#[tokio::test]
async fn a_payer_is_sent_to_the_login_and_the_gateway_takes_the_address_as_it_is() {
    let world = World::start().await;
    for way in BOTH {
        let waiting = waiting(&world, &way).await;
        let payment = world.api.payment(&waiting.payment.id).await;
        assert_eq!(payment["next_action"]["url"], waiting.page);
        assert_eq!(payment["method"], json!({"type": way.method}), "nobody is known yet");
        assert!(payment["failure"].is_null());
        waiting.is_not_ordered(&world).await;
        let told = world.merchant.until_taken(&waiting.payment.id, "payment.requires_action").await;
        assert_eq!(told.body["data"]["next_action"], payment["next_action"]);
        let view = waiting.view(&world).await;
        assert_eq!(names(&view["method"]), ["type"]);
        waiting.agrees().await;
        let page = if way.gateway == "hicoin" { "authorize" } else { "get_code" };
        let opened = world.gateways.journal(way.gateway, page).await;
        assert!(opened.iter().all(|entry| entry["verdict"] == "ok"), "{opened:?}");
        let last = opened.last().expect("the page was opened");
        let sent = names(&last["fields"]);
        if way.gateway == "hicoin" {
            assert_eq!(sent, ["app_id", "redirect_uri", "response_type", "scope", "state"]);
        } else {
            assert_eq!(sent, ["app_id", "redirect_uri"]);
        }
    }
}

#[tokio::test]
async fn a_backend_that_confirms_while_creating_gets_the_login_at_once() {
    let world = World::start().await;
    for way in BOTH {
        let mut order = order_without_payer(&world, &way);
        order["confirm"] = json!(true);
        let payment = world.api.create(&order).await;
        let page = login_page(&payment.body);
        assert_eq!(login_page(&world.api.confirm(&payment).await), page, "the browser gets the same");
        let path = format!("/v1/payments/{}/confirm", payment.id);
        let confirmed = world.api.post(&path, &json!({})).await.expect(200);
        assert_eq!(login_page(&confirmed), page, "and so does the backend, again");
    }
}

#[tokio::test]
async fn pressing_again_leads_to_the_same_login_and_every_payment_has_its_own() {
    let world = World::start().await;
    let mut nonces = BTreeSet::new();
    for way in BOTH {
        for _ in 0..10 {
            let waiting = waiting(&world, &way).await;
            let nonce = waiting.nonce();
            assert_eq!(nonce.len(), 40, "{nonce}");
            assert!(nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{nonce}");
            // Nothing that others know of the payment may lead to it.
            for known in [&waiting.payment.id, &waiting.payment.secret] {
                let known = known.split_once('_').map_or(known.as_str(), |(_, rest)| rest);
                assert!(!nonce.to_lowercase().contains(&known.to_lowercase()[..8]), "{nonce} and {known}");
            }
            assert!(nonces.insert(nonce));
            let presses = (0..5).map(|_| {
                let (api, payment) = (world.api.clone(), waiting.payment.clone());
                tokio::spawn(async move { api.confirm(&payment).await })
            });
            for press in presses.collect::<Vec<_>>() {
                assert_eq!(login_page(&press.await.expect("an answer")), waiting.page);
            }
        }
    }
    // Random ones of 62 signs: any four places tell twenty of them apart, but for bad luck of one in 70 000.
    for places in [0..4, 18..22, 36..40] {
        let parts: BTreeSet<&str> = nonces.iter().map(|nonce| &nonce[places.clone()]).collect();
        assert!(parts.len() > 18, "{places:?} of {nonces:?}");
    }
}

#[tokio::test]
async fn a_payer_whom_the_backend_names_without_a_token_logs_in_too() {
    let world = World::start().await;
    let mut order = order_without_payer(&world, &HICOIN_H5);
    order["method"]["openid"] = json!(keys::HICOIN_OPENID);
    let waiting = waiting_for(&world, &HICOIN_H5, &order).await;
    assert!(!waiting.page.contains(keys::HICOIN_OPENID), "{}", waiting.page);
    waiting.logs_in().await;
    waiting.is_ordered_once(&world, keys::HICOIN_OPENID).await;
    let mut order = order_without_payer(&world, &HICOIN_H5);
    order["method"]["access_token"] = json!(keys::HICOIN_ACCESS_TOKEN);
    assert_eq!(world.api.post("/v1/payments", &order).await.misfits(), ["method.openid"]);
}

#[tokio::test]
async fn a_browser_that_names_a_payer_is_refused_before_any_login() {
    let world = World::start().await;
    for (way, name) in
        [(DOTWALLET_AUTOPAY, "user_open_id"), (HICOIN_H5, "openid"), (HICOIN_H5, "access_token")]
    {
        let payment = world.api.create(&order_without_payer(&world, &way)).await;
        let path = format!("/v1/checkout/{}/confirm", payment.id);
        let refused = world.api.checkout_post(&path, &payment.secret, &json!({name: "somebody"})).await;
        assert_eq!(refused.misfits(), [name]);
        assert_eq!(world.api.payment(&payment.id).await["status"], "created");
    }
}
