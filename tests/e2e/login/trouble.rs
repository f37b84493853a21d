//! Gateways that do not answer while a payer logs in, time that runs out, and power that fails.

use std::time::Duration;

use axum::http::Method;
use countersign_tests::{DOTWALLET_AUTOPAY, HICOIN_H5, Way, World, eventually, keys};
use serde_json::{Value, json};

use super::{BOTH, Waiting, login_page, usual_payer, waiting};
use crate::judge::{failure, time};

const NO_ANSWER: [&str; 6] =
    ["status_500_before", "status_500_after", "garbage_after", "drop_before", "drop_after", "hang"];

/// The calls that a login consists of.
fn calls(way: &Way) -> &'static [&'static str] {
    if way.gateway == "hicoin" { &["sns_access_token"] } else { &["access_token", "get_user_info"] }
}

/// Asserts that the payer is asked to log in anew and that this then works.
async fn logs_in_after_all(world: &World, first: &Waiting, class: &str) -> Value {
    first.is_not_ordered(world).await;
    let view = first.view(world).await;
    failure(&view["failure"], class);
    let second = Waiting { page: login_page(&view), ..first.clone() };
    assert_ne!(second.nonce(), first.nonce());
    assert_eq!(login_page(&world.api.confirm(&first.payment).await), second.page);
    second.logs_in().await;
    second.is_ordered_once(world, usual_payer(&first.way)).await;
    view
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_leads_to_a_new_login() {
    let world = World::start().await;
    world.fill_wallet().await;
    for way in BOTH {
        for call in calls(&way) {
            for fault in NO_ANSWER {
                let first = waiting(&world, &way).await;
                world.gateways.fault(way.gateway, json!({"endpoint": call, "fault": fault})).await;
                first.logs_in().await;
                let view = logs_in_after_all(&world, &first, "retry").await;
                assert_eq!(view["failure"]["code"], "login_unavailable", "{call} {fault}");
            }
        }
    }
}

#[tokio::test]
async fn a_gateway_that_is_gone_during_the_login_has_refused_nothing() {
    let mut world = World::start().await;
    for way in BOTH {
        let first = waiting(&world, &way).await;
        let back = first.agrees().await;
        world.gateways.stop().await;
        first.comes_back(&back).await;
        world.gateways.start_again().await;
        world.set_callback().await;
        world.fill_wallet().await;
        logs_in_after_all(&world, &first, "retry").await;
    }
}

#[tokio::test]
async fn a_refusal_of_the_gateway_is_told_with_its_code() {
    let world = World::start().await;
    world.fill_wallet().await;
    for (way, call, code, class) in [
        (HICOIN_H5, "sns_access_token", 100_004, "payer"),
        (DOTWALLET_AUTOPAY, "access_token", 10017, "reauthorize"),
        (DOTWALLET_AUTOPAY, "get_user_info", 10021, "reauthorize"),
        (DOTWALLET_AUTOPAY, "access_token", 10012, "configuration"),
    ] {
        let first = waiting(&world, &way).await;
        let fault = json!({"endpoint": call, "fault": "code", "code": code, "message": "no"});
        world.gateways.fault(way.gateway, fault).await;
        first.logs_in().await;
        let view = logs_in_after_all(&world, &first, class).await;
        assert_eq!(view["failure"]["gateway_code"], code.to_string(), "{view}");
    }
}

#[tokio::test]
async fn a_login_that_is_finished_when_the_time_is_over_orders_nothing() {
    let world = World::with(|settings| settings.set("payments.expires_in_s", 4)).await;
    world.fill_wallet().await;
    let mut late = Vec::new();
    for way in BOTH {
        let waiting = waiting(&world, &way).await;
        let back = waiting.agrees().await;
        late.push((waiting, back));
    }
    for (waiting, back) in &late {
        let left = time(&waiting.payment.body["expires_at"]).duration_since(jiff::Timestamp::now());
        // The time that is told has no fractions of a second.
        tokio::time::sleep(Duration::try_from(left).unwrap_or_default() + Duration::from_secs(1)).await;
        waiting.comes_back(back).await;
        let expired = world.api.until_status(&waiting.payment.id, "expired").await;
        assert!(expired["next_action"].is_null() && expired["failure"].is_null(), "{expired}");
        waiting.is_not_ordered(&world).await;
        let path = format!("/v1/payments/{}/confirm", waiting.payment.id);
        world.api.post(&path, &json!({})).await.problem(409, "not_confirmable");
        waiting.comes_back(back).await;
        waiting.is_not_ordered(&world).await;
    }
    assert!(world.gateways.journal("hicoin", "sns_access_token").await.is_empty());
    assert!(world.gateways.journal("dotwallet", "access_token").await.is_empty());
}

#[tokio::test]
async fn a_signer_that_loses_power_during_a_login_asks_for_another() {
    let mut world = World::start().await;
    world.fill_wallet().await;
    for way in BOTH {
        for call in calls(&way) {
            let first = waiting(&world, &way).await;
            let back = first.agrees().await;
            let before = world.gateways.journal(way.gateway, call).await.len();
            world.gateways.fault(way.gateway, json!({"endpoint": call, "fault": "hang"})).await;
            let (api, path) = (world.api.clone(), back[world.api.url.len()..].to_owned());
            let coming =
                tokio::spawn(async move { api.try_send(api.request(Method::GET, &path)).await.is_ok() });
            eventually("the code arrives at the gateway", async || {
                (world.gateways.journal(way.gateway, call).await.len() > before).then_some(())
            })
            .await;
            world.kill_signer().await;
            assert!(!coming.await.expect("the browser gives up"), "nobody can have answered");
            world.start_signer().await;
            first.is_not_ordered(&world).await;
            // The old way back is used up, whether or not the gateway took the code.
            first.comes_back(&back).await;
            first.is_not_ordered(&world).await;
            let page = login_page(&world.api.confirm(&first.payment).await);
            let second = Waiting { page, ..first };
            second.logs_in().await;
            second.is_ordered_once(&world, usual_payer(&way)).await;
        }
    }
}

#[tokio::test]
async fn a_login_survives_a_restart_of_the_signer() {
    let mut world = World::start().await;
    world.fill_wallet().await;
    let mut logins = Vec::new();
    for way in BOTH {
        let waiting = waiting(&world, &way).await;
        let back = waiting.agrees().await;
        logins.push((waiting, back));
    }
    world.kill_signer().await;
    world.start_signer().await;
    for (waiting, back) in &logins {
        assert_eq!(login_page(&waiting.view(&world).await), waiting.page);
        waiting.comes_back(back).await;
        waiting.is_ordered_once(&world, usual_payer(&waiting.way)).await;
    }
}

#[tokio::test]
async fn an_order_whose_answer_is_lost_after_the_login_is_made_good() {
    let world = World::start().await;
    world.fill_wallet().await;
    for way in BOTH {
        for fault in ["drop_after", "garbage_after", "status_500_after"] {
            let waiting = waiting(&world, &way).await;
            world.gateways.fault(way.gateway, json!({"endpoint": way.submit, "fault": fault})).await;
            waiting.logs_in().await;
            let expected = super::goes_on_to(&way);
            world.api.until_status(&waiting.payment.id, expected).await;
            waiting.is_ordered_once(&world, usual_payer(&way)).await;
            if way.gateway == "hicoin" {
                assert_eq!(waiting.view(&world).await["next_action"]["type"], "hicoin_h5");
            }
        }
    }
}

#[tokio::test]
async fn a_hicoin_gateway_that_is_down_after_the_login_gets_the_order_later_without_another_login() {
    let world = World::start().await;
    let waiting = waiting(&world, &HICOIN_H5).await;
    world.gateways.fault("hicoin", json!({"endpoint": "preOrder", "fault": "drop_before"})).await;
    waiting.logs_in().await;
    let view = waiting.view(&world).await;
    assert!(
        ["processing", "requires_action"].contains(&view["status"].as_str().expect("a status")),
        "{view}"
    );
    assert_ne!(view["next_action"]["purpose"], "login", "the payer is known: {view}");
    assert_eq!(world.api.payment(&waiting.payment.id).await["method"]["openid"], keys::HICOIN_OPENID);
}
