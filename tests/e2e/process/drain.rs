//! The end: what is in flight is finished, what cannot be is cut off and taken up again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use countersign_tests::{HICOIN_H5, JUBAO_WECHAT_H5, Payment, eventually};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::stage::{Stage, last_words};

/// The payer's press on a payment whose gateway says nothing for two seconds.
async fn pressed_at_a_silent_gateway(stage: &Stage) -> (Payment, tokio::task::JoinHandle<Option<Value>>) {
    stage.world.gateways.fault("hicoin", json!({"endpoint": "preOrder", "fault": "hang_after"})).await;
    let payment = stage.api.create(&stage.order(&HICOIN_H5)).await;
    let before = stage.at_gateway(&HICOIN_H5).await.1;
    let (api, pressed) = (stage.api.clone(), payment.clone());
    let press = tokio::spawn(async move {
        let path = format!("/v1/checkout/{}/confirm", pressed.id);
        let answer = api.try_send(api.checkout_request(&path, &pressed.secret, &json!({}))).await.ok()?;
        Some(answer.expect(200))
    });
    eventually("the order is at the gateway", async || {
        (stage.at_gateway(&HICOIN_H5).await.1 > before).then_some(())
    })
    .await;
    (payment, press)
}

#[tokio::test]
async fn a_call_in_flight_is_finished_and_nobody_new_is_let_in() {
    let mut stage = Stage::running().await;
    let (payment, press) = pressed_at_a_silent_gateway(&stage).await;
    stage.signer().terminate();
    eventually("nobody is let in", async || {
        let asked = stage.api.request(axum::http::Method::GET, "/healthz");
        stage.api.try_send(asked).await.err().map(drop)
    })
    .await;
    let answer = press.await.expect("the press ended").expect("and was answered");
    assert_eq!(answer["status"], "processing");
    let ended = stage.ended().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.stderr.contains("cut off"), "{ended:?}");
    // What the lost answer said is asked for at the next start.
    stage.start().await;
    stage.api.until_status(&payment.id, "requires_action").await;
}

#[tokio::test]
async fn what_takes_too_long_is_cut_off_and_taken_up_again() {
    let mut stage = Stage::new().await;
    stage.settings.set("server.shutdown_timeout_s", 1);
    stage.settings.set("upstream.timeout_s", 20);
    stage.start().await;
    let (payment, press) = pressed_at_a_silent_gateway(&stage).await;
    let asked = Instant::now();
    let ended = stage.stop().await;
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("cut off"), "{ended:?}");
    assert!(press.await.expect("the press ended").is_none(), "it was not answered");
    taken_up_again(&mut stage, &payment).await;
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let mut stage = Stage::new().await;
    stage.settings.set("server.shutdown_timeout_s", 60);
    stage.settings.set("upstream.timeout_s", 50);
    stage.start().await;
    let (payment, _press) = pressed_at_a_silent_gateway(&stage).await;
    stage.signer().terminate();
    eventually("the first one is heard", async || stage.signer().said().contains("stopping").then_some(()))
        .await;
    let asked = Instant::now();
    stage.signer().interrupt();
    let ended = stage.ended().await;
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(last_words(&ended).contains("at once"), "{ended:?}");
    taken_up_again(&mut stage, &payment).await;
}

/// The attempt was written down before it left, so the next process asks what became of it.
async fn taken_up_again(stage: &mut Stage, payment: &Payment) {
    stage.settings.set("upstream.timeout_s", 2);
    stage.start().await;
    let before = stage.at_gateway(&HICOIN_H5).await;
    assert_eq!(stage.api.payment(&payment.id).await["status"], "processing");
    let synced = stage.post(&format!("/v1/payments/{}/sync", payment.id)).await.expect(200);
    assert_eq!(synced["status"], "requires_action", "{synced}");
    assert_eq!(stage.at_gateway(&HICOIN_H5).await, before, "nothing was sent twice");
}

/// A merchant that answers only when it is told to.
async fn slow_merchant() -> (String, Arc<AtomicUsize>, Arc<Notify>) {
    let (came, go) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("http://{}/hooks", listener.local_addr().expect("it is bound"));
    let state = (Arc::clone(&came), Arc::clone(&go));
    let take = async move || {
        let (came, go) = state;
        came.fetch_add(1, Ordering::SeqCst);
        go.notified().await;
        StatusCode::NO_CONTENT
    };
    let routes = Router::new().route("/hooks", post(take));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (url, came, go)
}

#[tokio::test]
async fn a_delivery_in_flight_is_finished_and_its_outcome_kept() {
    let (url, came, go) = slow_merchant().await;
    let mut stage = Stage::new().await;
    stage.settings.set("webhook.url", url);
    stage.start().await;
    let payment = stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await;
    stage.post(&format!("/v1/payments/{}/cancel", payment.id)).await.expect(200);
    eventually("it is on its way", async || (came.load(Ordering::SeqCst) == 1).then_some(())).await;
    stage.signer().terminate();
    eventually("the end has begun", async || stage.signer().said().contains("stopping").then_some(())).await;
    go.notify_waiters();
    let ended = stage.ended().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.stderr.contains("cut off"), "{ended:?}");
    // It is not delivered again: that it arrived was written down.
    stage.settings.set("webhook.url", stage.world.merchant.url.as_str());
    stage.start().await;
    let other = stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await;
    stage.post(&format!("/v1/payments/{}/cancel", other.id)).await.expect(200);
    stage.world.merchant.until_taken(&other.id, "payment.canceled").await;
    assert!(stage.world.merchant.about(&payment.id).is_empty());
}

#[tokio::test]
async fn a_delivery_that_was_cut_off_comes_again() {
    let (url, came, _go) = slow_merchant().await;
    let mut stage = Stage::new().await;
    stage.settings.set("webhook.url", url);
    stage.settings.set("server.shutdown_timeout_s", 1);
    stage.start().await;
    let payment = stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await;
    stage.post(&format!("/v1/payments/{}/cancel", payment.id)).await.expect(200);
    eventually("it is on its way", async || (came.load(Ordering::SeqCst) == 1).then_some(())).await;
    assert_eq!(stage.stop().await.code, Some(0));
    stage.settings.set("webhook.url", stage.world.merchant.url.as_str());
    stage.start().await;
    stage.world.merchant.until_taken(&payment.id, "payment.canceled").await;
}

#[tokio::test]
async fn a_notification_in_flight_is_finished_before_it_is_answered() {
    let mut stage = Stage::running().await;
    let payment = stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await;
    stage.api.confirm(&payment).await;
    stage.world.gateways.fault("jubao", json!({"endpoint": "query", "fault": "hang", "times": 100})).await;
    let gateways = &stage.world.gateways;
    let number = payment.body["order_id"].as_str().expect("a number").to_owned();
    let asked = gateways.journal("jubao", "query").await.len();
    let paying = gateways.pay("jubao", &number, &json!({})).await;
    // The gateway cannot be asked, but its word was kept before it was told so.
    assert_eq!(paying, [json!({"status": 200, "body": "SUCCESS"})]);
    eventually("the signer is asking", async || {
        (stage.world.gateways.journal("jubao", "query").await.len() > asked).then_some(())
    })
    .await;
    assert_eq!(stage.stop().await.code, Some(0));
    stage.world.gateways.clear_faults("jubao").await;
    stage.start().await;
    stage.api.until_status(&payment.id, "succeeded").await;
}
