//! The payer logs in and comes back: the payment goes on by itself, and ends at the shop.

use countersign_tests::{Browser, DOTWALLET_AUTOPAY, HICOIN_H5, World, keys};
use serde_json::json;

use super::{
    BOTH, Waiting, goes_on_to, login_page, order_without_payer, usual_payer, value, values, waiting,
    waiting_for,
};
use crate::judge::{failure, names};

#[tokio::test]
async fn after_hicoins_login_the_payment_page_is_next_and_then_the_money() {
    let world = World::start().await;
    let waiting = waiting(&world, &HICOIN_H5).await;
    let back = waiting.agrees().await;
    let callback = format!("{}/v1/authorize/coin/callback", world.api.url);
    let code = value(&back, "code");
    assert_eq!(back, format!("{callback}?code={code}&state={}", waiting.nonce()));
    let reply = waiting.comes_back(&back).await;
    assert!(reply.text.is_empty(), "{}", reply.text);
    assert_eq!((reply.header("cache-control"), reply.header("referrer-policy")), ("no-store", "no-referrer"));
    // Nothing but the login has happened in the browser, and the order is there.
    let view = waiting.view(&world).await;
    assert_eq!(view["status"], "requires_action");
    assert_eq!(view["next_action"]["type"], "hicoin_h5", "{view}");
    assert!(view["failure"].is_null());
    assert_eq!(world.api.confirm(&waiting.payment).await["next_action"], view["next_action"]);
    let payment = waiting.is_ordered_once(&world, keys::HICOIN_OPENID).await;
    let calls = world.gateways.journal("hicoin", "sns_access_token").await;
    assert_eq!(calls.len(), 1);
    assert_eq!(names(&calls[0]["fields"]), ["app_id", "code", "grant_type", "secret"]);
    assert_eq!(calls[0]["fields"]["code"], code.as_str());
    let order_no = payment["order_id"].as_str().expect("a number");
    world.gateways.pay("hicoin", order_no, &json!({})).await;
    world.api.until_status(&waiting.payment.id, "succeeded").await;
}

#[tokio::test]
async fn after_dotwallets_login_a_payer_who_agreed_before_has_paid() {
    let world = World::start().await;
    world.fill_wallet().await;
    let waiting = waiting(&world, &DOTWALLET_AUTOPAY).await;
    let back = waiting.agrees().await;
    assert!(back.starts_with(&value(&waiting.page, "redirect_uri")), "{back}");
    let code = value(&back, "code");
    waiting.comes_back(&back).await;
    let view = waiting.view(&world).await;
    assert_eq!(view["status"], "succeeded", "{view}");
    let payment = waiting.is_ordered_once(&world, keys::DOTWALLET_USER).await;
    let booked = world.gateways.order("dotwallet", payment["order_id"].as_str().expect("a number")).await;
    assert_eq!(payment["transaction_id"], booked["transaction_id"]);
    let calls = world.gateways.journal("dotwallet", "access_token").await;
    assert_eq!(calls.len(), 1);
    assert_eq!(names(&calls[0]["fields"]), ["app_id", "code", "secret"]);
    assert_eq!(calls[0]["fields"]["code"], code.as_str());
    let told = world.merchant.until_taken(&waiting.payment.id, "payment.succeeded").await;
    assert_eq!(told.body["data"]["method"]["user_open_id"], keys::DOTWALLET_USER);
}

#[tokio::test]
async fn the_code_is_found_however_the_wallet_joins_it_to_the_address() {
    let world = World::start().await;
    world.fill_wallet().await;
    for joined in ["query", "question_mark", "slash"] {
        for login in ["page", "authorize"] {
            world.gateways.switch("dotwallet", json!({"login": "page", "code_joined": joined})).await;
            let waiting = waiting(&world, &DOTWALLET_AUTOPAY).await;
            world.gateways.switch("dotwallet", json!({"login": login})).await;
            let back = if login == "page" {
                waiting.agrees().await
            } else {
                Browser::default().open(&waiting.page).await.redirect()
            };
            let end = match joined {
                "query" => "&code=",
                "question_mark" => "?code=",
                _ => "/?code=",
            };
            assert!(back.contains(&format!("{}{end}", waiting.nonce())), "{joined}: {back}");
            waiting.comes_back(&back).await;
            waiting.is_ordered_once(&world, keys::DOTWALLET_USER).await;
        }
    }
}

#[tokio::test]
async fn the_payer_comes_back_to_the_shops_page_to_the_byte() {
    let world = World::start().await;
    world.fill_wallet().await;
    for return_url in [
        "https://shop.example/done?order=1&from=pay&empty=&q=%E4%B9%8C%20%2B#paid",
        "http://127.0.0.1:9/back?next=%2Fcart%3Fa%3D1",
        "https://shop.example",
    ] {
        for way in BOTH {
            let mut order = order_without_payer(&world, &way);
            order["return_url"] = json!(return_url);
            let waiting = waiting_for(&world, &way, &order).await;
            assert_eq!(waiting.payment.body["return_url"], return_url);
            waiting.logs_in().await;
        }
    }
    let mut order = order_without_payer(&world, &DOTWALLET_AUTOPAY);
    order.as_object_mut().expect("an object").remove("return_url");
    let waiting = waiting_for(&world, &DOTWALLET_AUTOPAY, &order).await;
    let reply = Browser::default().open(&waiting.agrees().await).await;
    assert_eq!(reply.redirect(), "https://shop.example", "the first allowed origin");
}

#[tokio::test]
async fn a_payer_who_refuses_is_told_so_and_may_change_their_mind() {
    let world = World::start().await;
    world.fill_wallet().await;
    let waiting = waiting(&world, &DOTWALLET_AUTOPAY).await;
    let back = Browser::default().press(&waiting.page, "decision=refuse").await.redirect();
    assert_eq!(back, value(&waiting.page, "redirect_uri"), "without a code");
    // However often: nothing is ordered, no page of the gateway follows by itself.
    for _ in 0..3 {
        waiting.comes_back(&back).await;
        let view = waiting.view(&world).await;
        assert_eq!(login_page(&view), waiting.page);
        failure(&view["failure"], "payer");
        assert_eq!(view["failure"]["code"], "login_refused");
    }
    assert_eq!(login_page(&world.api.confirm(&waiting.payment).await), waiting.page);
    assert!(world.gateways.journal("dotwallet", "access_token").await.is_empty());
    waiting.is_not_ordered(&world).await;
    waiting.logs_in().await;
    assert_eq!(waiting.view(&world).await["status"], "succeeded");
    waiting.is_ordered_once(&world, keys::DOTWALLET_USER).await;
}

#[tokio::test]
async fn no_code_is_a_refusal_at_hicoin_too() {
    let world = World::start().await;
    let waiting = waiting(&world, &HICOIN_H5).await;
    let callback = value(&waiting.page, "redirect_uri");
    for query in ["", "&code=", "&error=access_denied"] {
        waiting.comes_back(&format!("{callback}?state={}{query}", waiting.nonce())).await;
        let view = waiting.view(&world).await;
        assert_eq!(login_page(&view), waiting.page);
        assert_eq!(view["failure"]["code"], "login_refused");
    }
    waiting.is_not_ordered(&world).await;
    waiting.logs_in().await;
    waiting.is_ordered_once(&world, keys::HICOIN_OPENID).await;
}

#[tokio::test]
async fn somebody_else_cannot_pay_in_the_place_of_a_payer_whom_the_backend_named() {
    let world = World::start().await;
    let mut order = order_without_payer(&world, &HICOIN_H5);
    order["method"]["openid"] = json!("u0000000000000002");
    let first = waiting_for(&world, &HICOIN_H5, &order).await;
    first.logs_in().await;
    let view = first.view(&world).await;
    failure(&view["failure"], "payer");
    assert_eq!(view["failure"]["code"], "other_payer");
    first.is_not_ordered(&world).await;
    // The right one gets a login of their own.
    let page = login_page(&view);
    assert_ne!(page, first.page);
    assert_eq!(login_page(&world.api.confirm(&first.payment).await), page);
    world.gateways.switch("hicoin", json!({"openid": "u0000000000000002"})).await;
    let second = Waiting { page, ..first };
    second.logs_in().await;
    second.is_ordered_once(&world, "u0000000000000002").await;
    assert_eq!(second.view(&world).await["next_action"]["type"], "hicoin_h5");
}

#[tokio::test]
async fn a_second_tab_confirms_while_the_payer_logs_in() {
    let world = World::start().await;
    world.fill_wallet().await;
    for way in BOTH {
        let waiting = waiting(&world, &way).await;
        let back = waiting.agrees().await;
        let presses = (0..10).map(|_| {
            let (api, payment) = (world.api.clone(), waiting.payment.clone());
            tokio::spawn(async move { api.confirm(&payment).await })
        });
        let presses: Vec<_> = presses.collect();
        waiting.comes_back(&back).await;
        for press in presses {
            let view = press.await.expect("an answer");
            let expected = ["requires_action", "processing", "succeeded"];
            assert!(expected.contains(&view["status"].as_str().expect("a status")), "{view}");
        }
        assert_eq!(world.api.confirm(&waiting.payment).await["status"], goes_on_to(&way));
        waiting.is_ordered_once(&world, usual_payer(&way)).await;
    }
}

#[tokio::test]
async fn the_consent_page_is_not_opened_for_a_payer_who_agreed_to_enough() {
    let world = World::start().await;
    world.fill_wallet().await;
    let waiting = waiting(&world, &DOTWALLET_AUTOPAY).await;
    waiting.logs_in().await;
    let payment = world.api.payment(&waiting.payment.id).await;
    let told: Vec<_> =
        payment["events"].as_array().expect("events").iter().map(|event| event["type"].clone()).collect();
    assert_eq!(told.last(), Some(&json!("payment.succeeded")));
    assert_eq!(told.iter().filter(|kind| **kind == "payment.requires_action").count(), 1, "{told:?}");
    assert!(values(&waiting.page, "state").is_empty());
}
