//! DotWallet's codes, call by call, with their signs: 10039 is not -10039.

use countersign_tests::{Browser, DOTWALLET_AUTOPAY, DOTWALLET_ORDER, Payment, World, keys};
use serde_json::{Value, json};

use super::{UNHEARD_OF, comes_to, confirmed_into, published, quiet_world, sync, throw};
use crate::judge;

const TABLE: &str = include_str!("../../vectors/codes/dotwallet.json");

/// What each code means where it is thrown.
fn class(code: i64) -> &'static str {
    match code {
        10039 | 10107 | UNHEARD_OF => "query",
        10019 | 10040 | 10108 => "retry",
        10016..=10018 | 10020 | 10021 | 10302 | 10303 => "reauthorize",
        10041 | 10044 | -101_001 | -10_039 | -10_044 => "reauthorize",
        10003 | 10010..=10015 | 10030..=10049 | 10100..=10110 | 10300 | 10301 => "configuration",
        other => panic!("{other} is printed nowhere"),
    }
}

/// The codes that are printed for a call, and one that is not.
fn codes_of(call: &str) -> Vec<i64> {
    let table = published(TABLE);
    assert_eq!(table.len(), 57);
    let known = [
        "page",
        "get_code",
        "set_pay_config",
        "access_token",
        "get_user_info",
        "refresh_access_token",
        "pay_small_money",
        "create_order",
        "search_order",
    ];
    assert!(table.iter().all(|(_, call)| known.contains(&call.as_str())), "every call is tried below");
    let mut codes: Vec<i64> = table.into_iter().filter(|(_, of)| of == call).map(|(code, _)| code).collect();
    assert!(!codes.is_empty(), "{call}");
    codes.push(UNHEARD_OF);
    codes
}

#[tokio::test]
async fn every_code_that_refuses_an_automatic_payment_comes_to_what_it_means() {
    let world = quiet_world().await;
    for code in codes_of("pay_small_money") {
        let (payment, view) = confirmed_into(&world, &DOTWALLET_AUTOPAY, code).await;
        comes_to(&view, class(code), code);
        if class(code) == "reauthorize" {
            assert_eq!(view["next_action"]["type"], "dotwallet_set_pay_config");
        }
        assert_eq!(world.api.payment(&payment.id).await["attempts"].as_array().map(Vec::len), Some(1));
    }
    assert_eq!(world.gateways.orders("dotwallet").await, Vec::<Value>::new());
}

#[tokio::test]
async fn every_code_that_refuses_an_order_comes_to_what_it_means() {
    let world = quiet_world().await;
    for code in codes_of("create_order") {
        let (_, view) = confirmed_into(&world, &DOTWALLET_ORDER, code).await;
        comes_to(&view, class(code), code);
    }
    assert_eq!(world.gateways.orders("dotwallet").await, Vec::<Value>::new());
}

#[tokio::test]
async fn no_code_that_refuses_a_question_says_anything_of_the_order() {
    let world = quiet_world().await;
    let order = world.order(&DOTWALLET_ORDER);
    let payment = world.api.create(&order).await;
    let open = world.api.confirm(&payment).await;
    for code in codes_of("search_order") {
        throw(&world, "dotwallet", "search_order", code).await;
        let asked = sync(&world, &payment).await;
        assert_eq!(asked["status"], "requires_action", "{code}: {asked}");
        assert_eq!(asked["next_action"], open["next_action"], "{code}");
    }
    let order_no = order["order_id"].as_str().expect("a number");
    assert_eq!(world.gateways.pay("dotwallet", order_no, &json!({})).await, [DOTWALLET_ORDER.taken()]);
    assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded");
}

/// A payment whose payer was sent to the login, which sends them on at once.
async fn sent_to_login(world: &World) -> (Payment, Value, String) {
    world.gateways.switch("dotwallet", json!({"login": "authorize"})).await;
    let mut order = world.order(&DOTWALLET_AUTOPAY);
    order["method"] = json!({"type": "dotwallet_autopay"});
    let payment = world.api.create(&order).await;
    let waiting = world.api.confirm(&payment).await;
    let action = &waiting["next_action"];
    assert_eq!((&action["type"], &action["purpose"]), (&json!("redirect"), &json!("login")));
    let page = action["url"].as_str().expect("an address").to_owned();
    (payment, waiting, page)
}

/// Asserts that the payer is asked to log in anew, and told why.
fn asks_to_log_in(after: &Value, before: &Value, code: i64) {
    assert_eq!(after["status"], "requires_action", "{code}: {after}");
    let action = &after["next_action"];
    assert_eq!((&action["type"], &action["purpose"]), (&json!("redirect"), &json!("login")), "{code}");
    assert_ne!(action["url"], before["next_action"]["url"], "with another nonce");
    let expected = if code == UNHEARD_OF { "query" } else { class(code) };
    judge::failure(&judge::without_hint(&after["failure"]), expected);
    assert_eq!(after["failure"]["gateway_code"], code.to_string());
}

#[tokio::test]
async fn every_code_that_refuses_a_login_sends_the_payer_there_again() {
    let world = quiet_world().await;
    for call in ["access_token", "get_user_info"] {
        for code in codes_of(call) {
            let (payment, waiting, page) = sent_to_login(&world).await;
            let back = Browser::default().open(&page).await.redirect();
            throw(&world, "dotwallet", call, code).await;
            let done = Browser::default().open(&back).await.redirect();
            assert_eq!(done, payment.body["return_url"].as_str().expect("an address"));
            asks_to_log_in(&world.api.payment(&payment.id).await, &waiting, code);
        }
    }
    assert!(world.gateways.journal("dotwallet", "pay_small_money").await.is_empty());
}

#[tokio::test]
async fn every_code_that_refuses_to_renew_a_login_sends_the_payer_there_again() {
    let world = quiet_world().await;
    world.gateways.put_user(keys::DOTWALLET_USER, json!({"consented": false})).await;
    world.gateways.switch("dotwallet", json!({"token_lifetime_s": 1})).await;
    for code in codes_of("refresh_access_token") {
        let (payment, _, page) = sent_to_login(&world).await;
        let back = Browser::default().open(&page).await.redirect();
        Browser::default().open(&back).await.redirect();
        let consent = world.api.payment(&payment.id).await;
        assert_eq!(consent["next_action"]["type"], "dotwallet_set_pay_config", "{consent}");
        // The payer presses again: what they allow is read again, with a token that must be renewed first.
        throw(&world, "dotwallet", "refresh_access_token", code).await;
        let view = world.api.confirm(&payment).await;
        let after = world.api.payment(&payment.id).await;
        assert_eq!(view["status"], "requires_action", "{code}: {view}");
        if code == UNHEARD_OF {
            assert_eq!(after["next_action"]["type"], "dotwallet_set_pay_config", "as known before: {after}");
        } else {
            asks_to_log_in(&after, &consent, code);
        }
        world.gateways.clear_faults("dotwallet").await;
    }
    assert!(world.gateways.journal("dotwallet", "pay_small_money").await.is_empty());
}

#[tokio::test]
async fn every_code_that_a_page_shows_leaves_the_payment_waiting_for_its_payer() {
    let world = quiet_world().await;
    let (payment, waiting, page) = sent_to_login(&world).await;
    let pages = codes_of("get_code").into_iter().chain(codes_of("page")).chain(codes_of("set_pay_config"));
    for code in pages {
        throw(&world, "dotwallet", "get_code", code).await;
        let shown = Browser::default().open(&page).await;
        assert!(shown.text.contains(&code.to_string()) && shown.text.contains("error"), "{}", shown.text);
        let path = format!("/v1/checkout/{}/returned", payment.id);
        let body = json!({"result": "unknown"});
        let after = world.api.checkout_post(&path, &payment.secret, &body).await.expect(200);
        assert_eq!(after, waiting, "{code}");
    }
    let back = Browser::default().open(&page).await.redirect();
    Browser::default().open(&back).await.redirect();
    assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded");
}
