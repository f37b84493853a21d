//! Where the payer confirms: which methods work there, and what the gateway is told of it.

mod addresses;
mod hong_kong;
mod pages;

use axum::http::Method;
use axum::http::header::AUTHORIZATION;
use countersign_tests::{ALL, Payment, Reply, World};
use serde_json::{Value, json};

const ENVIRONMENTS: [&str; 5] = ["wechat", "alipay", "unionpay", "mobile", "desktop"];

/// Confirms as a browser with these headers.
async fn confirm_with(world: &World, payment: &Payment, headers: &[(&str, &str)], body: &Value) -> Reply {
    let path = format!("/v1/checkout/{}/confirm", payment.id);
    let mut request = world.api.checkout_request(&path, &payment.secret, body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.api.send(request).await
}

/// Whether WeChat or its absence makes a method impossible.
fn is_ruled_out(method: &str, environment: &str) -> bool {
    match method {
        "jubao_wechat_h5" | "jubao_alipay_wap" | "blueocean_wechat_mweb" | "blueocean_alipay_wap" => {
            environment == "wechat"
        }
        "blueocean_wechat_jsapi" | "blueocean_wechat_hk_jsapi" => environment != "wechat",
        _ => false,
    }
}

#[tokio::test]
async fn a_method_that_cannot_work_in_a_place_is_refused_there_and_nothing_is_sent() {
    let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
    world.fill_wallet().await;
    for way in ALL {
        for environment in ENVIRONMENTS {
            let payment = world.api.create(&world.order(&way)).await;
            let reply = world.api.try_confirm(&payment, &json!({"environment": environment})).await;
            if !is_ruled_out(way.method, environment) {
                assert_eq!(reply.expect(200)["status"], way.status_when_confirmed(), "{}", way.method);
                continue;
            }
            assert_eq!(reply.misfits(), ["environment"], "{} in {environment}", way.method);
            let untouched = world.api.payment(&payment.id).await;
            assert_eq!((&untouched["status"], &untouched["revision"]), (&json!("created"), &json!(1)));
            let number = &payment.body["order_id"];
            let booked = world.gateways.orders(way.gateway).await;
            assert!(booked.iter().all(|order| order["order_no"] != *number), "nothing was sent");
            // Opened where it works, it is paid as ever.
            let elsewhere = if environment == "wechat" { "mobile" } else { "wechat" };
            let reply = world.api.try_confirm(&payment, &json!({"environment": elsewhere})).await;
            assert_eq!(reply.expect(200)["status"], "requires_action");
        }
    }
}

#[tokio::test]
async fn a_page_that_does_not_say_where_it_is_is_refused_nowhere() {
    const AGENTS: [&str; 4] = [
        "",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/8.0.49",
    ];
    let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
    world.fill_wallet().await;
    for way in ALL {
        for agent in AGENTS {
            // What a browser calls itself is a guess, and a guess refuses nobody.
            let payment = world.api.create(&world.order(&way)).await;
            let reply = confirm_with(&world, &payment, &[("user-agent", agent)], &json!({})).await;
            let view = reply.expect(200);
            assert_eq!(view["status"], way.status_when_confirmed(), "{} in {agent}: {view}", way.method);
        }
    }
}

#[tokio::test]
async fn a_backend_confirms_every_method() {
    let world = World::with(|settings| settings.set("polling.open_s", vec![600])).await;
    world.fill_wallet().await;
    for way in ALL {
        let payment = world.api.create(&world.order(&way)).await;
        let path = format!("/v1/payments/{}/confirm", payment.id);
        let confirmed = world.api.post(&path, &json!({})).await.expect(200);
        assert_eq!(confirmed["status"], way.status_when_confirmed(), "{}", way.method);
    }
}

#[tokio::test]
async fn a_place_is_checked_for_payments_that_are_still_to_be_sent_only() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&countersign_tests::JUBAO_WECHAT_H5)).await;
    let open = world.api.try_confirm(&payment, &json!({"environment": "mobile"})).await.expect(200);
    let again = world.api.try_confirm(&payment, &json!({"environment": "wechat"})).await.expect(200);
    assert_eq!(again, open, "the page shows what there is, wherever it is opened");
    let path = format!("/v1/checkout/{}", payment.id);
    let request = world.api.request(Method::GET, &path);
    let shown = world.api.send(request.header(AUTHORIZATION, format!("Bearer {}", payment.secret))).await;
    assert_eq!(shown.expect(200), open);
}
