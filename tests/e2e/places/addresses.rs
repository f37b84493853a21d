//! WeChat's H5 payment is bound to the payer's address.

use countersign_tests::{BLUEOCEAN_WECHAT_MWEB, World};
use serde_json::{Value, json};

use super::confirm_with;

async fn sent_address(world: &World, headers: &[(&str, &str)]) -> Value {
    let payment = world.api.create(&world.order(&BLUEOCEAN_WECHAT_MWEB)).await;
    let body = json!({"environment": "mobile"});
    let view = confirm_with(world, &payment, headers, &body).await.expect(200);
    assert_eq!(view["next_action"]["type"], "redirect");
    let calls = world.gateways.journal("blueocean", "pay").await;
    calls.last().expect("a call")["fields"]["spbill_create_ip"].clone()
}

#[tokio::test]
async fn the_address_is_the_connections_when_no_proxy_is_configured() {
    let world = World::start().await;
    assert_eq!(sent_address(&world, &[]).await, "127.0.0.1");
    let forged =
        [("x-forwarded-for", "203.0.113.7"), ("x-real-ip", "203.0.113.8"), ("forwarded", "for=1.2.3.4")];
    assert_eq!(sent_address(&world, &forged).await, "127.0.0.1", "anybody can write a header");
}

#[tokio::test]
async fn the_address_is_the_one_that_the_configured_proxy_writes() {
    let world = World::with(|settings| settings.set("server.client_address_header", "x-forwarded-for")).await;
    for (header, expected) in [
        ("198.51.100.9", "198.51.100.9"),
        // What stands in front of the proxy's own entry was made up by whoever sent it.
        ("203.0.113.7, 198.51.100.9", "198.51.100.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:198.51.100.9", "198.51.100.9"),
        // Nothing that could be read as an address is the same as no header.
        ("unknown", "127.0.0.1"),
        ("203.0.113.7, nonsense", "127.0.0.1"),
    ] {
        assert_eq!(sent_address(&world, &[("x-forwarded-for", header)]).await, expected, "{header}");
    }
    assert_eq!(sent_address(&world, &[]).await, "127.0.0.1");
    let two = [("x-forwarded-for", "203.0.113.7"), ("x-forwarded-for", "198.51.100.9")];
    assert_eq!(sent_address(&world, &two).await, "198.51.100.9");
}

#[tokio::test]
async fn a_backend_has_no_payers_address_to_give() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&BLUEOCEAN_WECHAT_MWEB)).await;
    let path = format!("/v1/payments/{}/confirm", payment.id);
    world.api.post(&path, &json!({})).await.expect(200);
    let calls = world.gateways.journal("blueocean", "pay").await;
    assert!(calls[0]["fields"].get("spbill_create_ip").is_none(), "not the backend's own: {}", calls[0]);
}

#[tokio::test]
async fn a_gateway_that_wants_the_address_is_told_what_is_missing() {
    let world = World::start().await;
    world.gateways.switch("blueocean", json!({"mweb_ip_required": true})).await;
    assert_eq!(sent_address(&world, &[]).await, "127.0.0.1");
    let payment = world.api.create(&world.order(&BLUEOCEAN_WECHAT_MWEB)).await;
    let path = format!("/v1/payments/{}/confirm", payment.id);
    let failed = world.api.post(&path, &json!({})).await.expect(200);
    assert_eq!((&failed["status"], &failed["failure"]["class"]), (&json!("failed"), &json!("configuration")));
    let hint = failed["failure"]["hint"].as_str().expect("where to look");
    assert!(hint.contains("browser"), "the merchant learns who has to confirm: {hint}");
}
