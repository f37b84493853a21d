//! What nobody's login brings to the address where payers come back: nothing.

use axum::http::Method;
use countersign_tests::{Browser, DOTWALLET_AUTOPAY, HICOIN_H5, Way, World, keys};
use serde_json::json;

use super::{BOTH, Waiting, login_page, order_without_payer, usual_payer, value, waiting, waiting_for};

/// The simulators' name of the call that turns a code into a token.
fn token_call(way: &Way) -> &'static str {
    if way.gateway == "hicoin" { "sns_access_token" } else { "access_token" }
}

async fn token_calls(world: &World, way: &Way) -> usize {
    world.gateways.journal(way.gateway, token_call(way)).await.len()
}

/// The address that an agreeing payer is sent to, with another code in it.
fn with_code(waiting: &Waiting, code: &str) -> String {
    let back = value(&waiting.page, "redirect_uri");
    match waiting.way.gateway {
        "hicoin" => format!("{back}?code={code}&state={}", waiting.nonce()),
        _ => format!("{back}&code={code}"),
    }
}

#[tokio::test]
async fn an_address_that_belongs_to_no_login_is_not_found() {
    let world = World::start().await;
    for way in BOTH {
        let waiting = waiting(&world, &way).await;
        let nonce = waiting.nonce();
        let (start, end) = nonce.split_at(39);
        let other = if end == "A" { "B" } else { "A" };
        let queries = [
            String::new(),
            "?".to_owned(),
            "?state=".to_owned(),
            "?code=C1".to_owned(),
            format!("?state={start}&code=C1"),
            format!("?state={start}{other}&code=C1"),
            format!("?state={nonce}{nonce}&code=C1"),
            format!("?state=%00{nonce}&code=C1"),
            format!("?nonce={nonce}&code=C1"),
            format!("?state=x&state={nonce}&code=C1"),
            format!("?state={}&code=C1", "9".repeat(4000)),
            "?state=%FF%FE&code=C1".to_owned(),
            "?state=' OR 1=1 --&code=C1".to_owned(),
            format!("?state={}&code=C1", waiting.payment.id),
        ];
        for query in queries {
            let path = format!("/v1/authorize/{}/callback{query}", way.account);
            world.api.send(world.api.request(Method::GET, &path)).await.problem(404, "not_found");
        }
        for account in ["shop", "hk", "nobody", "..", "%20"] {
            let path = format!("/v1/authorize/{account}/callback?state={nonce}&code=C1");
            let reply = world.api.send(world.api.request(Method::GET, &path)).await;
            assert_eq!(reply.status, 404, "{account}: {}", reply.text);
        }
        let path = format!("/v1/authorize/{}/callback?state={nonce}&code=C1", way.account);
        let reply = world.api.send(world.api.request(Method::POST, &path)).await;
        assert_eq!(reply.status, 405, "{}", reply.text);
        assert_eq!(token_calls(&world, &way).await, 0);
        waiting.is_not_ordered(&world).await;
        assert_eq!(login_page(&waiting.view(&world).await), waiting.page, "the login is still there");
    }
}

#[tokio::test]
async fn a_login_of_one_account_is_none_of_another() {
    let world = World::start().await;
    world.fill_wallet().await;
    for way in BOTH {
        let waiting = waiting(&world, &way).await;
        let back = waiting.agrees().await;
        let other = if way.account == "coin" { "wallet" } else { "coin" };
        let wrong = back.replace(&format!("/{}/callback", way.account), &format!("/{other}/callback"));
        assert_ne!(wrong, back);
        Browser::default().open(&wrong).await.problem(404, "not_found");
        assert_eq!(token_calls(&world, &way).await, 0);
        waiting.comes_back(&back).await;
        waiting.is_ordered_once(&world, usual_payer(&way)).await;
    }
}

#[tokio::test]
async fn coming_back_again_with_the_same_code_changes_nothing() {
    let world = World::start().await;
    world.fill_wallet().await;
    for way in BOTH {
        let waiting = waiting(&world, &way).await;
        let back = waiting.agrees().await;
        waiting.comes_back(&back).await;
        let before = world.api.payment(&waiting.payment.id).await;
        let calls = token_calls(&world, &way).await;
        for _ in 0..5 {
            waiting.comes_back(&back).await;
            waiting.comes_back(&with_code(&waiting, "another")).await;
        }
        assert_eq!(token_calls(&world, &way).await, calls, "a login is finished once");
        let after = world.api.payment(&waiting.payment.id).await;
        assert_eq!(after["revision"], before["revision"]);
        waiting.is_ordered_once(&world, usual_payer(&way)).await;
    }
}

#[tokio::test]
async fn twenty_browsers_that_come_back_at_once_order_once() {
    let world = World::start().await;
    world.fill_wallet().await;
    for way in BOTH {
        let waiting = waiting(&world, &way).await;
        let back = waiting.agrees().await;
        let returns = (0..20).map(|_| {
            let (waiting, back) = (waiting.clone(), back.clone());
            tokio::spawn(async move { waiting.comes_back(&back).await })
        });
        for task in returns.collect::<Vec<_>>() {
            task.await.expect("an answer");
        }
        assert_eq!(token_calls(&world, &way).await, 1);
        waiting.is_ordered_once(&world, usual_payer(&way)).await;
    }
}

#[tokio::test]
async fn a_code_of_another_session_pays_one_payment_only() {
    let world = World::start().await;
    world.fill_wallet().await;
    for way in BOTH {
        let (one, other) = (waiting(&world, &way).await, waiting(&world, &way).await);
        assert_ne!(one.nonce(), other.nonce());
        let back = other.agrees().await;
        let code = value(&back, "code");
        // Whoever brings a good code pays the payment that its nonce says ...
        one.comes_back(&with_code(&one, &code)).await;
        one.is_ordered_once(&world, usual_payer(&way)).await;
        // ... and the code is gone for the other one.
        other.comes_back(&back).await;
        other.is_not_ordered(&world).await;
        let view = other.view(&world).await;
        assert_eq!(view["failure"]["class"], if way.gateway == "hicoin" { "payer" } else { "reauthorize" });
        assert_ne!(login_page(&view), other.page);
    }
}

#[tokio::test]
async fn a_wrong_code_leads_to_a_new_login() {
    let world = World::start().await;
    world.fill_wallet().await;
    for way in BOTH {
        let first = waiting(&world, &way).await;
        first.comes_back(&with_code(&first, "no-such-code")).await;
        let view = first.view(&world).await;
        assert!(!view["failure"].is_null(), "{view}");
        let page = login_page(&view);
        let second = Waiting { page: page.clone(), ..first.clone() };
        assert_ne!(second.nonce(), first.nonce(), "what was used once is of no use again");
        let late = first.agrees().await;
        first.comes_back(&late).await;
        assert_eq!(token_calls(&world, &way).await % 2, 1, "the old login is over");
        first.is_not_ordered(&world).await;
        assert_eq!(login_page(&world.api.confirm(&first.payment).await), page);
        second.logs_in().await;
        second.is_ordered_once(&world, usual_payer(&way)).await;
    }
}

#[tokio::test]
async fn a_code_that_is_too_old_leads_to_a_new_login() {
    let world = World::start().await;
    world.fill_wallet().await;
    for way in BOTH {
        world.gateways.switch(way.gateway, json!({"code_lifetime_s": 0})).await;
        let first = waiting(&world, &way).await;
        first.logs_in().await;
        first.is_not_ordered(&world).await;
        let page = login_page(&first.view(&world).await);
        world.gateways.switch(way.gateway, json!({"code_lifetime_s": 300})).await;
        let second = Waiting { page, ..first };
        second.logs_in().await;
        second.is_ordered_once(&world, usual_payer(&way)).await;
    }
}

#[tokio::test]
async fn a_payment_that_was_given_up_takes_no_login() {
    let world = World::start().await;
    world.fill_wallet().await;
    for way in BOTH {
        let waiting = waiting(&world, &way).await;
        let back = waiting.agrees().await;
        let path = format!("/v1/payments/{}/cancel", waiting.payment.id);
        assert_eq!(world.api.post(&path, &json!({})).await.expect(200)["status"], "canceled");
        waiting.comes_back(&back).await;
        assert_eq!(waiting.view(&world).await["status"], "canceled");
        assert_eq!(token_calls(&world, &way).await, 0);
        waiting.is_not_ordered(&world).await;
    }
}

#[tokio::test]
async fn payers_are_never_mixed_up() {
    let world = World::start().await;
    let users = ["sandbox-payer-0001", "sandbox-payer-0002", "sandbox-payer-0003"];
    for user in users {
        let account = json!({"balance": 1_000_000, "single_limit": 1_000_000, "total_limit": 1_000_000, "consented": true});
        world.gateways.put_user(user, account).await;
    }
    let mut logins = Vec::new();
    for user in users {
        let waiting = waiting(&world, &DOTWALLET_AUTOPAY).await;
        logins.push((waiting.clone(), waiting.agrees_as(user).await, user));
    }
    for number in 1..=3 {
        let openid = format!("u000000000000000{number}");
        world.gateways.switch("hicoin", json!({"openid": openid})).await;
        let waiting = waiting(&world, &HICOIN_H5).await;
        logins.push((
            waiting.clone(),
            waiting.agrees().await,
            match number {
                1 => keys::HICOIN_OPENID,
                2 => "u0000000000000002",
                _ => "u0000000000000003",
            },
        ));
    }
    let returns: Vec<_> = logins
        .iter()
        .cloned()
        .map(|(waiting, back, _)| tokio::spawn(async move { waiting.comes_back(&back).await }))
        .collect();
    for task in returns {
        task.await.expect("an answer");
    }
    for (waiting, _, payer) in &logins {
        waiting.is_ordered_once(&world, payer).await;
    }
}

#[tokio::test]
async fn a_login_that_ends_with_another_payer_than_the_backends_binds_nobody() {
    let world = World::start().await;
    let mut order = order_without_payer(&world, &HICOIN_H5);
    order["method"]["openid"] = json!("u0000000000000002");
    let waiting = waiting_for(&world, &HICOIN_H5, &order).await;
    waiting.logs_in().await;
    let payment = world.api.payment(&waiting.payment.id).await;
    assert_eq!(payment["method"], json!({"type": "hicoin_h5", "openid": "u0000000000000002"}));
    assert_eq!(world.api.confirm(&waiting.payment).await["failure"]["code"], "other_payer");
    waiting.is_not_ordered(&world).await;
}
