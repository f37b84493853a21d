//! Tokens that run out: the payer's are renewed, the application's own is fetched once for everybody.

use countersign_tests::{DOTWALLET_AUTOPAY, HICOIN_H5, Payment, World, keys};
use serde_json::{Value, json};

use super::{Waiting, login_page, value, waiting};

async fn count(world: &World, gateway: &str, call: &str) -> usize {
    world.gateways.journal(gateway, call).await.len()
}

/// What a call answered, with its tokens.
fn answered(entry: &Value) -> Value {
    let text = entry["answer"]["body"].as_str().expect("a body");
    serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{text}: {error}"))["data"].clone()
}

#[tokio::test]
async fn hicoins_payer_token_is_renewed_before_it_ends_and_orders_carry_the_new_one() {
    let world = World::with(|settings| settings.set("accounts.coin.query_token", "user")).await;
    world.gateways.switch("hicoin", json!({"user_token_lifetime_s": 30})).await;
    let waiting = waiting(&world, &HICOIN_H5).await;
    waiting.logs_in().await;
    waiting.is_ordered_once(&world, keys::HICOIN_OPENID).await;
    let first = answered(&world.gateways.journal("hicoin", "sns_access_token").await[0]);
    let renewals = world.gateways.journal("hicoin", "refresh_token").await;
    assert_eq!(renewals[0]["fields"]["refresh_token"], first["refresh_token"]);
    let placed = &world.gateways.journal("hicoin", "preOrder").await[0];
    assert_eq!(placed["fields"]["access_token"], answered(&renewals[0])["access_token"]);
    // Each is renewed by the one before it, so that asking works for as long as the payment is open.
    for _ in 0..3 {
        let path = format!("/v1/payments/{}/sync", waiting.payment.id);
        assert_eq!(world.api.post(&path, &json!({})).await.expect(200)["status"], "requires_action");
    }
    let renewals = world.gateways.journal("hicoin", "refresh_token").await;
    assert!(renewals.len() >= 4, "{renewals:?}");
    assert!(renewals.iter().all(|entry| entry["verdict"] == "ok"), "{renewals:?}");
    let asked = world.gateways.journal("hicoin", "queryOrder").await;
    assert!(asked.iter().all(|entry| entry["verdict"] == "ok"), "{asked:?}");
    assert_eq!(count(&world, "hicoin", "sns_access_token").await, 1, "one login");
}

#[tokio::test]
async fn a_payers_token_that_lasts_is_not_renewed() {
    let world = World::start().await;
    let waiting = waiting(&world, &HICOIN_H5).await;
    waiting.logs_in().await;
    for _ in 0..3 {
        let path = format!("/v1/payments/{}/sync", waiting.payment.id);
        world.api.post(&path, &json!({})).await.expect(200);
    }
    assert_eq!(count(&world, "hicoin", "refresh_token").await, 0);
    let first = answered(&world.gateways.journal("hicoin", "sns_access_token").await[0]);
    let placed = &world.gateways.journal("hicoin", "preOrder").await[0];
    assert_eq!(placed["fields"]["access_token"], first["access_token"]);
}

/// A payer who has logged in at DotWallet and has not agreed yet, and where they come back.
async fn at_the_consent_page(world: &World) -> (Waiting, String) {
    let waiting = waiting(world, &DOTWALLET_AUTOPAY).await;
    waiting.logs_in().await;
    let view = waiting.view(world).await;
    assert_eq!(view["next_action"]["type"], "dotwallet_set_pay_config", "{view}");
    let back = view["next_action"]["redirect_uri"].as_str().expect("an address").to_owned();
    (waiting, back)
}

#[tokio::test]
async fn dotwallets_payer_token_is_renewed_when_it_ends_or_is_not_taken_any_more() {
    for short in [true, false] {
        let world = World::start().await;
        if short {
            world.gateways.switch("dotwallet", json!({"token_lifetime_s": 60})).await;
        }
        let (waiting, back) = at_the_consent_page(&world).await;
        let before = count(&world, "dotwallet", "refresh_access_token").await;
        world.fill_wallet().await;
        if !short {
            assert_eq!(before, 0, "one that lasts is not renewed");
            world.gateways.expire_tokens("dotwallet", "user").await;
        }
        waiting.comes_back(&back).await;
        assert_eq!(waiting.view(&world).await["status"], "succeeded");
        let renewals = world.gateways.journal("dotwallet", "refresh_access_token").await;
        assert!(renewals.len() > before, "{renewals:?}");
        assert!(renewals.iter().all(|entry| entry["verdict"] == "ok" && entry["method"] == "GET"));
        let read = world.gateways.journal("dotwallet", "get_user_info").await;
        let (last, newest) = (read.last().expect("a call"), renewals.last().expect("a renewal"));
        assert_eq!(last["fields"]["access_token"], answered(newest)["access_token"]);
        assert_eq!(count(&world, "dotwallet", "access_token").await, 1, "one login");
        waiting.is_ordered_once(&world, keys::DOTWALLET_USER).await;
    }
}

#[tokio::test]
async fn a_payer_whose_tokens_are_all_void_logs_in_again() {
    let world = World::start().await;
    let (waiting, back) = at_the_consent_page(&world).await;
    world.fill_wallet().await;
    world.gateways.expire_tokens("dotwallet", "all").await;
    waiting.comes_back(&back).await;
    let view = waiting.view(&world).await;
    assert_eq!(view["failure"]["class"], "reauthorize", "{view}");
    let again = Waiting { page: login_page(&view), ..waiting.clone() };
    assert_ne!(again.nonce(), waiting.nonce());
    assert_eq!(value(&again.page, "app_id"), keys::DOTWALLET_APP_ID);
    waiting.is_not_ordered(&world).await;
    again.logs_in().await;
    assert_eq!(again.view(&world).await["status"], "succeeded");
    again.is_ordered_once(&world, keys::DOTWALLET_USER).await;
}

#[tokio::test]
async fn somebody_else_cannot_log_in_for_a_payer_who_is_bound() {
    let world = World::start().await;
    let (waiting, back) = at_the_consent_page(&world).await;
    let account =
        json!({"balance": 1_000_000, "single_limit": 1_000_000, "total_limit": 1_000_000, "consented": true});
    world.gateways.put_user("sandbox-payer-0002", account).await;
    world.gateways.expire_tokens("dotwallet", "all").await;
    waiting.comes_back(&back).await;
    let again = Waiting { page: login_page(&waiting.view(&world).await), ..waiting.clone() };
    again.comes_back(&again.agrees_as("sandbox-payer-0002").await).await;
    // Nobody named the payer, and nothing has been charged: whoever logs in pays, and nobody else does.
    let view = again.view(&world).await;
    assert_eq!(view["status"], "succeeded", "{view}");
    again.is_ordered_once(&world, "sandbox-payer-0002").await;
}

/// Twenty payments that wait for their payers at Hicoin.
async fn twenty(world: &World) -> Vec<Payment> {
    let mut payments = Vec::new();
    for _ in 0..20 {
        let payment = world.api.create(&world.order(&HICOIN_H5)).await;
        assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
        payments.push(payment);
    }
    payments
}

/// All of them asked about at once.
async fn synced(world: &World, payments: &[Payment]) {
    let asked = payments.iter().map(|payment| {
        let (api, path) = (world.api.clone(), format!("/v1/payments/{}/sync", payment.id));
        tokio::spawn(async move { api.post(&path, &json!({})).await.expect(200) })
    });
    for task in asked.collect::<Vec<_>>() {
        assert_eq!(task.await.expect("an answer")["status"], "requires_action");
    }
}

#[tokio::test]
async fn twenty_questions_at_once_fetch_one_base_token_and_renew_it_once() {
    let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
    // Each signer has a token of its own.
    let signers = world.store().instances();
    let payments = twenty(&world).await;
    assert_eq!(count(&world, "hicoin", "access_token").await, 0, "orders carry the payer's token");
    synced(&world, &payments).await;
    assert_eq!(count(&world, "hicoin", "access_token").await, signers);
    world.gateways.expire_tokens("hicoin", "base").await;
    synced(&world, &payments).await;
    let given = world.gateways.journal("hicoin", "access_token").await;
    assert_eq!(given.len(), 2 * signers, "renewed once, by whoever came first");
    synced(&world, &payments).await;
    assert_eq!(count(&world, "hicoin", "access_token").await, 2 * signers);
    let newest: Vec<_> =
        given[signers..].iter().map(|entry| answered(entry)["access_token"].clone()).collect();
    let asked = world.gateways.journal("hicoin", "queryOrder").await;
    // The message was made again for the new token, and not only sent again.
    let renewed: Vec<_> =
        asked.iter().filter(|entry| newest.contains(&entry["fields"]["access_token"])).collect();
    assert!(renewed.len() >= 40, "{}", renewed.len());
    assert!(renewed.iter().all(|entry| entry["verdict"] == "ok"), "{renewed:?}");
    let nonces: std::collections::BTreeSet<_> =
        asked.iter().map(|entry| entry["fields"]["nonce_str"].to_string()).collect();
    assert_eq!(nonces.len(), asked.len(), "every message has a nonce of its own");
}

#[tokio::test]
async fn a_base_token_is_renewed_before_it_ends() {
    let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
    world.gateways.switch("hicoin", json!({"base_token_lifetime_s": 2})).await;
    let payment = &twenty(&world).await[0];
    let path = format!("/v1/payments/{}/sync", payment.id);
    countersign_tests::eventually("three base tokens were needed", async || {
        assert_eq!(world.api.post(&path, &json!({})).await.expect(200)["status"], "requires_action");
        (count(&world, "hicoin", "access_token").await >= 3).then_some(())
    })
    .await;
    let asked = world.gateways.journal("hicoin", "queryOrder").await;
    assert!(asked.iter().all(|entry| entry["verdict"] == "ok"), "none was refused first: {asked:?}");
}
