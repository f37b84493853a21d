//! The endpoint as a whole, as its merchant and its operator see it.

use std::time::Duration;

use countersign_tests::{MerchantAnswer, World, eventually};
use serde_json::{Value, json};

use super::told_once;
use crate::judge::{names, time};

async fn endpoint(world: &World) -> Value {
    world.api.get("/v1/webhook_endpoint").await.expect(200)
}

async fn until(world: &World, state: &str) -> Value {
    eventually(&format!("the endpoint is {state}"), async || {
        let endpoint = endpoint(world).await;
        (endpoint["state"] == state).then_some(endpoint)
    })
    .await
}

/// The value of a line of `/metrics`.
async fn metric(world: &World, line: &str) -> Option<i64> {
    let text = world.api.get("/metrics").await.text;
    assert!(!text.contains("http://"), "{text}");
    let line = text.lines().find(|known| known.rsplit_once(' ').is_some_and(|(name, _)| name == line))?;
    line.rsplit_once(' ').and_then(|(_, value)| value.parse().ok())
}

#[tokio::test]
async fn its_state_can_be_read_by_the_merchant_alone() {
    let world = World::with(|settings| {
        let url = settings.text().parse::<toml::Table>().expect("TOML")["webhook"]["url"].clone();
        let url = url.as_str().expect("a text").replace("http://", "http://user:canary@");
        settings.set("webhook.url", format!("{url}?token=canary"));
    })
    .await;
    let before = endpoint(&world).await;
    assert_eq!(
        names(&before),
        [
            "consecutive_failures",
            "disabled_at",
            "exhausted",
            "failing_since",
            "last_failure",
            "last_success_at",
            "next_probe_at",
            "oldest_pending_at",
            "paused_until",
            "pending",
            "state",
            "url"
        ]
    );
    assert_eq!((&before["state"], &before["url"]), (&json!("ok"), &json!(world.merchant.url)));
    for name in ["disabled_at", "failing_since", "last_failure", "last_success_at", "oldest_pending_at"] {
        assert!(before[name].is_null(), "{before}");
    }
    told_once(&world).await;
    let after = eventually("a success is noted", async || {
        let endpoint = endpoint(&world).await;
        endpoint["last_success_at"].is_string().then_some(endpoint)
    })
    .await;
    time(&after["last_success_at"]);
    assert_eq!((&after["pending"], &after["exhausted"]), (&json!(0), &json!(0)));
    assert!(!after.to_string().contains("canary") && !world.said().contains("canary"));
    for (method, path) in [("GET", "/v1/webhook_endpoint"), ("POST", "/v1/webhook_endpoint/enable")] {
        let method = method.parse().expect("a method");
        world.api.send(world.api.request(method, path)).await.problem(401, "unauthorized");
    }
}

#[tokio::test]
async fn without_an_address_there_is_none() {
    let world = World::with(|settings| settings.leave_out("webhook", "url")).await;
    let none = endpoint(&world).await;
    assert_eq!((&none["state"], &none["url"]), (&json!("none"), &Value::Null));
    assert_eq!(metric(&world, "countersign_webhook_endpoint_state{state=\"none\"}").await, Some(1));
}

#[tokio::test]
async fn one_that_was_down_is_probed_gently_and_gets_everything_soon_after_it_is_back() {
    let mut world = World::with(|settings| settings.set("webhook.schedule_s", vec![600])).await;
    world.merchant.answer_always(Some(MerchantAnswer::Status(500)));
    let mut payments = Vec::new();
    for _ in 0..12 {
        payments.push(told_once(&world).await);
    }
    let failing = until(&world, "failing").await;
    assert!(failing["consecutive_failures"].as_i64().is_some_and(|failures| failures >= 10), "{failing}");
    assert_eq!(failing["last_failure"]["http_status"], 500);
    time(&failing["last_failure"]["at"]);
    time(&failing["failing_since"]);
    time(&failing["next_probe_at"]);
    assert_eq!(failing["pending"], 12);
    assert_eq!(metric(&world, "countersign_webhook_endpoint_state{state=\"failing\"}").await, Some(1));
    assert_eq!(metric(&world, "countersign_webhook_events{state=\"pending\"}").await, Some(12));
    eventually("refusals are counted by whoever sent them", async || {
        metric(&world, "countersign_webhook_deliveries_total{outcome=\"refused\"}")
            .await
            .filter(|number| *number > 0)
    })
    .await;
    // A restart forgets nothing of it.
    world.kill_signer().await;
    world.start_signer().await;
    assert_eq!(endpoint(&world).await["failing_since"], failing["failing_since"]);
    // It is tried with one event at a time, and pauses between.
    let tries = world.merchant.all().len();
    let probes = eventually("it is probed twice", async || {
        let all = world.merchant.all();
        (all.len() >= tries + 2).then(|| all[tries..].to_vec())
    })
    .await;
    let pause = probes[1].arrived - probes[0].arrived;
    assert!(pause >= Duration::from_secs(4), "{pause:?}");
    world.merchant.answer_always(None);
    // All of them long before the ten minutes that their own schedule has.
    for payment in &payments {
        world.merchant.until_taken(&payment.id, "payment.canceled").await;
    }
    let back = until(&world, "ok").await;
    assert_eq!(back["consecutive_failures"], 0);
    assert!(back["failing_since"].is_null() && back["last_failure"]["http_status"] == 500);
    let said = world.said();
    assert_eq!(said.matches("the webhook endpoint fails").count(), 1, "{said}");
    assert_eq!(said.matches("the webhook endpoint takes events again").count(), 1, "{said}");
}

#[tokio::test]
async fn one_that_is_gone_is_sent_nothing_until_it_is_turned_on() {
    let mut world = World::with(|settings| settings.set("webhook.schedule_s", vec![1; 6])).await;
    world.merchant.answer_next([MerchantAnswer::Status(410)]);
    let first = told_once(&world).await;
    let gone = until(&world, "disabled").await;
    time(&gone["disabled_at"]);
    let second = told_once(&world).await;
    world.kill_signer().await;
    world.start_signer().await;
    // Nothing is lost: it can be pulled meanwhile.
    let events = world.api.events().await;
    assert_eq!(events.len(), 2);
    let waiting = eventually("both wait", async || {
        let endpoint = endpoint(&world).await;
        (endpoint["pending"] == 2).then_some(endpoint)
    })
    .await;
    assert_eq!(waiting["state"], "disabled");
    assert_eq!(metric(&world, "countersign_webhook_endpoint_state{state=\"disabled\"}").await, Some(1));
    assert_eq!(world.merchant.all().len(), 1);
    let enabled = world.api.post("/v1/webhook_endpoint/enable", &json!({})).await.expect(200);
    assert_eq!(enabled["state"], "ok");
    assert!(enabled["disabled_at"].is_null());
    for payment in [&first, &second] {
        world.merchant.until_taken(&payment.id, "payment.canceled").await;
    }
    // Another address is another endpoint.
    world.merchant.answer_next([MerchantAnswer::Status(410)]);
    let third = told_once(&world).await;
    until(&world, "disabled").await;
    world.kill_signer().await;
    let url = format!("{}?v=2", world.merchant.url);
    world.settings.set("webhook.url", url);
    world.start_signer().await;
    world.merchant.until_taken(&third.id, "payment.canceled").await;
    assert_eq!(until(&world, "ok").await["disabled_at"], Value::Null);
    assert_eq!(world.said().matches("410 Gone").count(), 2);
}
