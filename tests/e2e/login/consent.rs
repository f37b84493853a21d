//! DotWallet's consent: read after the login, asked for before a charge, and come back from to the signer.

use countersign_tests::{Browser, DOTWALLET_AUTOPAY, World, keys};
use serde_json::{Value, json};
use url::Url;

use super::{Waiting, value, waiting};
use crate::judge::failure;

const ENOUGH: &str = "decision=continue&single_limit=0.01&total_limit=0.1&top_up=0.5";

/// The consent page in a payer's view, as the browser's module opens it.
fn consent_page(world: &World, view: &Value) -> String {
    assert_eq!(view["status"], "requires_action", "{view}");
    failure(&view["failure"], "reauthorize");
    let action = &view["next_action"];
    let redirect_uri = action["redirect_uri"].as_str().unwrap_or_default();
    let expected = json!({
        "type": "dotwallet_set_pay_config",
        "page_url": format!("{}/dotwallet/openapi/set_pay_config", world.gateways.url),
        "app_id": keys::DOTWALLET_APP_ID,
        "redirect_uri": redirect_uri,
    });
    assert_eq!(*action, expected);
    // The wallet knows one domain only, so the payer comes back to the signer.
    let state = value(redirect_uri, "state");
    assert_eq!(redirect_uri, format!("{}/v1/authorize/wallet/callback?state={state}", world.api.url));
    assert!(state.len() == 40 && state.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{state}");
    let mut page = Url::parse(action["page_url"].as_str().expect("an address")).expect("an address");
    page.query_pairs_mut()
        .append_pair("app_id", keys::DOTWALLET_APP_ID)
        .append_pair("redirect_uri", redirect_uri);
    page.into()
}

/// Logs in and is sent to the consent page.
async fn asked_for_consent(world: &World) -> (Waiting, String) {
    let waiting = waiting(world, &DOTWALLET_AUTOPAY).await;
    waiting.logs_in().await;
    let page = consent_page(world, &waiting.view(world).await);
    (waiting, page)
}

/// The payer decides at the wallet: where their browser is sent.
async fn decides(page: &str, form: &str) -> String {
    let browser = Browser::default();
    let shown = browser.open(page).await;
    assert!(shown.status == 200 && shown.text.contains("id=\"continue\""), "{}", shown.text);
    let back = browser.press(page, form).await.redirect();
    assert_eq!(back, value(page, "redirect_uri"), "the wallet appends nothing");
    back
}

async fn charges(world: &World) -> usize {
    world.gateways.journal("dotwallet", "pay_small_money").await.len()
}

#[tokio::test]
async fn a_payer_who_never_agreed_is_asked_before_anything_is_charged() {
    let world = World::start().await;
    let (waiting, page) = asked_for_consent(&world).await;
    waiting.is_not_ordered(&world).await;
    let told = world.merchant.until_taken(&waiting.payment.id, "payment.requires_action").await;
    assert_eq!(told.body["data"]["next_action"]["type"], "redirect", "the login came first");
    waiting.comes_back(&decides(&page, ENOUGH).await).await;
    assert_eq!(waiting.view(&world).await["status"], "succeeded");
    waiting.is_ordered_once(&world, keys::DOTWALLET_USER).await;
    assert_eq!(world.gateways.journal("dotwallet", "access_token").await.len(), 1, "one login");
}

#[tokio::test]
async fn limits_that_do_not_reach_for_the_amount_are_raised_first() {
    let world = World::start().await;
    for (single, total) in [(999, 100_000), (1, 1), (999, 999)] {
        let account =
            json!({"balance": 1_000_000, "single_limit": single, "total_limit": total, "consented": true});
        world.gateways.put_user(keys::DOTWALLET_USER, account).await;
        let before = charges(&world).await;
        let (waiting, page) = asked_for_consent(&world).await;
        assert_eq!(charges(&world).await, before, "what is allowed is read, not tried");
        waiting.comes_back(&decides(&page, ENOUGH).await).await;
        assert_eq!(waiting.view(&world).await["status"], "succeeded");
        waiting.is_ordered_once(&world, keys::DOTWALLET_USER).await;
    }
}

#[tokio::test]
async fn limits_that_are_used_up_and_wallets_that_are_empty_show_at_the_charge() {
    let world = World::start().await;
    for (account, code) in [
        (json!({"balance": 0, "single_limit": 1000, "total_limit": 5000, "consented": true}), "-101001"),
        (
            json!({"balance": 1_000_000, "single_limit": 1000, "total_limit": 1500, "consented": true}),
            "10044",
        ),
    ] {
        world.gateways.put_user(keys::DOTWALLET_USER, account).await;
        if code == "10044" {
            let first = waiting(&world, &DOTWALLET_AUTOPAY).await;
            first.logs_in().await;
            assert_eq!(first.view(&world).await["status"], "succeeded");
        }
        let (waiting, page) = asked_for_consent(&world).await;
        assert_eq!(waiting.view(&world).await["failure"]["gateway_code"], code);
        waiting.comes_back(&decides(&page, ENOUGH).await).await;
        assert_eq!(waiting.view(&world).await["status"], "succeeded");
        let payment = world.api.payment(&waiting.payment.id).await;
        let numbers: Vec<_> =
            payment["attempts"].as_array().expect("attempts").iter().map(|a| &a["order_no"]).collect();
        assert_eq!(numbers.len(), 2, "{payment}");
        assert_eq!(*numbers[0], payment["order_id"]);
        let booked = world.gateways.orders("dotwallet").await;
        let ours: Vec<_> = booked.iter().filter(|order| numbers.contains(&&order["order_no"])).collect();
        assert_eq!(ours.len(), 1, "one charge: {booked:?}");
        assert_eq!(ours[0]["order_no"], *numbers[1]);
    }
}

#[tokio::test]
async fn a_payer_who_does_not_agree_is_not_charged_and_not_sent_round() {
    let world = World::start().await;
    let (waiting, page) = asked_for_consent(&world).await;
    let back = decides(&page, "decision=refuse").await;
    for _ in 0..3 {
        waiting.comes_back(&back).await;
        assert_eq!(consent_page(&world, &waiting.view(&world).await), page, "the same page, when they want");
    }
    assert_eq!(consent_page(&world, &world.api.confirm(&waiting.payment).await), page);
    waiting.is_not_ordered(&world).await;
    let payment = world.api.payment(&waiting.payment.id).await;
    let events = payment["events"].as_array().expect("events").len();
    assert!(events <= 4, "coming back without a change tells the merchant nothing new: {payment}");
    // They think again.
    waiting.comes_back(&decides(&page, ENOUGH).await).await;
    assert_eq!(waiting.view(&world).await["status"], "succeeded");
    waiting.is_ordered_once(&world, keys::DOTWALLET_USER).await;
}

#[tokio::test]
async fn twenty_returns_from_the_consent_page_charge_once() {
    let world = World::start().await;
    let (waiting, page) = asked_for_consent(&world).await;
    let back = value(&page, "redirect_uri");
    at_once(&waiting, &back).await;
    waiting.is_not_ordered(&world).await;
    decides(&page, ENOUGH).await;
    at_once(&waiting, &back).await;
    world.api.until_status(&waiting.payment.id, "succeeded").await;
    at_once(&waiting, &back).await;
    waiting.is_ordered_once(&world, keys::DOTWALLET_USER).await;
    assert_eq!(charges(&world).await, 1);
}

/// Twenty browsers come back at once.
async fn at_once(waiting: &Waiting, back: &str) {
    let returns = (0..20).map(|_| {
        let (waiting, back) = (waiting.clone(), back.to_owned());
        tokio::spawn(async move { waiting.comes_back(&back).await })
    });
    for task in returns.collect::<Vec<_>>() {
        task.await.expect("an answer");
    }
}

#[tokio::test]
async fn the_way_back_from_the_consent_page_logs_nobody_in() {
    let world = World::start().await;
    let (waiting, page) = asked_for_consent(&world).await;
    let logins = world.gateways.journal("dotwallet", "access_token").await.len();
    let other = super::waiting(&world, &DOTWALLET_AUTOPAY).await;
    let code = value(&other.agrees().await, "code");
    waiting.comes_back(&format!("{}&code={code}", value(&page, "redirect_uri"))).await;
    assert_eq!(world.gateways.journal("dotwallet", "access_token").await.len(), logins);
    waiting.is_not_ordered(&world).await;
    // And the login's own way back, used once, is of no more use.
    let login = value(&waiting.page, "redirect_uri");
    waiting.comes_back(&format!("{login}&code={code}")).await;
    assert_eq!(world.gateways.journal("dotwallet", "access_token").await.len(), logins);
    waiting.is_not_ordered(&world).await;
}

#[tokio::test]
async fn a_payment_that_was_given_up_is_not_charged_by_consent_that_comes_late() {
    let world = World::start().await;
    let (waiting, page) = asked_for_consent(&world).await;
    let path = format!("/v1/payments/{}/cancel", waiting.payment.id);
    assert_eq!(world.api.post(&path, &json!({})).await.expect(200)["status"], "canceled");
    waiting.comes_back(&decides(&page, ENOUGH).await).await;
    assert_eq!(waiting.view(&world).await["status"], "canceled");
    waiting.is_not_ordered(&world).await;
}

#[tokio::test]
async fn a_signer_that_loses_power_between_login_and_charge_goes_on_when_asked() {
    let mut world = World::start().await;
    let (waiting, page) = asked_for_consent(&world).await;
    let back = decides(&page, ENOUGH).await;
    // What was allowed is read again before the charge: there the power goes.
    let read = world.gateways.journal("dotwallet", "get_user_info").await.len();
    world.gateways.fault("dotwallet", json!({"endpoint": "get_user_info", "fault": "hang"})).await;
    let request = waiting.payment.clone();
    let api = world.api.clone();
    let coming = tokio::spawn(async move {
        let path = back.strip_prefix(&api.url).expect("the signer's address").to_owned();
        assert_eq!(request.body["account"], "wallet");
        api.try_send(api.request(axum::http::Method::GET, &path)).await.is_ok()
    });
    countersign_tests::eventually("the signer reads what was allowed", async || {
        (world.gateways.journal("dotwallet", "get_user_info").await.len() > read).then_some(())
    })
    .await;
    world.kill_signer().await;
    assert!(!coming.await.expect("the browser gives up"), "nobody can have answered");
    world.start_signer().await;
    waiting.is_not_ordered(&world).await;
    let view = world.api.confirm(&waiting.payment).await;
    assert_eq!(view["status"], "succeeded", "without another login: {view}");
    waiting.is_ordered_once(&world, keys::DOTWALLET_USER).await;
    assert_eq!(world.gateways.journal("dotwallet", "access_token").await.len(), 1);
}
