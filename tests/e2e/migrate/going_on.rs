//! After the move everything is where it was: payments, webhooks, keys, secrets, positions.

use axum::http::Method;
use countersign_tests::{JUBAO_WECHAT_H5, keys};
use serde_json::{Value, json};

use super::{Move, confirmed, paid};

fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| event["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn the_signer_goes_on_where_it_was() {
    let mut moving = Move::prepare().await;
    let world = &moving.world;
    let done = paid(world).await;
    let open = confirmed(world).await;
    let order = world.order(&JUBAO_WECHAT_H5);
    let keyed = |body: &Value| {
        world.api.merchant_post("/v1/payments", &body.to_string()).header("idempotency-key", "move-1")
    };
    let first = world.api.send(keyed(&order)).await;
    first.expect(201);
    // Webhooks that did not arrive before the move.
    world.merchant.until_taken(&done.id, "payment.succeeded").await;
    world.merchant.fail_next(1_000);
    let waiting = paid(world).await;
    let events = world.api.events().await;
    let before = world.api.payment(&open.id).await;
    let ended = moving.world.stop_signer().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");

    let copied = moving.migrate().await;
    assert_eq!(copied.code, Some(0), "{copied:?}");
    assert!(copied.stdout.contains("payments") && copied.stdout.contains("the copy is complete"));
    assert!(!copied.stdout.contains("DIFFERENT"), "{}", copied.stdout);
    let said = format!("{}{}", copied.stdout, copied.stderr);
    assert!(!said.contains(&moving.target.url) && !said.contains("postgres:"), "{said}");

    moving.world.merchant.fail_next(0);
    moving.start_on_the_server().await;
    let world = &moving.world;
    assert_eq!(world.api.payment(&open.id).await, before);
    let path = format!("/v1/checkout/{}", open.id);
    assert_eq!(world.api.checkout_get(&path, &open.secret).await.expect(200)["status"], "requires_action");
    let again =
        world.api.merchant_post("/v1/payments", &order.to_string()).header("idempotency-key", "move-1");
    let again = world.api.send(again).await;
    assert_eq!((again.status, again.text), (first.status, first.text), "replayed to the byte");

    let listed = world.api.events().await;
    assert_eq!(undelivered(&listed[..events.len()]), undelivered(&events), "the list begins as it was");
    let after = ids(&events).last().expect("an event").clone();
    let order_no = open.body["order_id"].as_str().expect("a number");
    world.gateways.pay("jubao", order_no, &json!({})).await;
    world.api.until_status(&open.id, "succeeded").await;
    let page = world.api.get(&format!("/v1/events?after={after}&limit=100")).await.expect(200);
    let news = page["data"].as_array().expect("a list");
    assert!(!news.is_empty() && news.iter().all(|event| event["data"]["id"] == open.id.as_str()), "{page}");

    world.merchant.until_taken(&waiting.id, "payment.succeeded").await;
    world.merchant.until_taken(&open.id, "payment.succeeded").await;
    let own = ids(world.api.payment(&waiting.id).await["events"].as_array().expect("events"));
    let mut arrived: Vec<String> =
        world.merchant.about(&waiting.id).into_iter().filter(|w| w.taken).map(|w| w.id).collect();
    arrived.dedup();
    assert_eq!(arrived, own, "each under the id it had, in order");
    paid(world).await;
}

/// Events but for how their deliveries fare, which goes on.
fn undelivered(events: &[Value]) -> Vec<Value> {
    let bare = |event: &Value| {
        let mut event = event.clone();
        event.as_object_mut().expect("an object").remove("delivery");
        event
    };
    events.iter().map(bare).collect()
}

#[tokio::test]
async fn the_file_is_left_and_no_signer_starts_on_it_again() {
    let mut moving = Move::prepare().await;
    let payment = paid(&moving.world).await;
    moving.world.stop_signer().await;
    assert_eq!(moving.migrate().await.code, Some(0));
    let said = moving.start_refused(&moving.file_url()).await;
    assert!(said.contains("moved to PostgreSQL") && said.contains("store.url"), "{said}");
    let again = moving.migrate().await;
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.stdout.contains("complete before"), "{again:?}");
    moving.start_on_the_server().await;
    assert_eq!(moving.world.api.payment(&payment.id).await["status"], "succeeded");
}

#[tokio::test]
async fn a_running_signer_is_named_and_a_wrong_question_is_told() {
    let mut moving = Move::prepare().await;
    let running = moving.migrate().await;
    assert_eq!(running.code, Some(1));
    let address = moving.world.api.url.clone();
    assert!(running.stderr.contains(&address) && running.stderr.contains("stop the signer"), "{running:?}");
    moving.world.api.send(moving.world.api.request(Method::GET, "/readyz")).await.expect(200);

    moving.world.stop_signer().await;
    let file = moving.file();
    for (to, reason) in [
        ("env:NOWHERE", "environment variable NOWHERE is not set"),
        ("mysql://u:canary@h/d", "must be an address of PostgreSQL"),
        ("postgres://u:canary@127.0.0.1:1/d", "cannot be reached"),
    ] {
        let arguments = ["migrate", "--config", &file, "--to", to];
        let ended =
            countersign_tests::run(&countersign_tests::signer(), &arguments, &moving.environment()).await;
        assert!(ended.code.is_some_and(|code| code > 0), "{ended:?}");
        assert!(ended.stderr.contains(reason), "{ended:?}");
        assert!(!ended.stderr.contains("canary") && !ended.stdout.contains("canary"), "{ended:?}");
    }
    // Nothing of this cost the ledger anything.
    moving.world.start_signer().await;
    let no_secret = [keys::API_KEY, keys::WEBHOOK_SECRET];
    assert!(no_secret.iter().all(|secret| !running.stderr.contains(secret)));
}
