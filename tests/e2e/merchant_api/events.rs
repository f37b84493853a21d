//! Events, for merchants that pull.

use countersign_tests::{JUBAO_WECHAT_H5, World, eventually};
use serde_json::{Value, json};

use crate::judge::names;

async fn three_payments_paid(world: &World) {
    for _ in 0..3 {
        let order = world.order(&JUBAO_WECHAT_H5);
        let payment = world.api.create(&order).await;
        world.api.confirm(&payment).await;
        world.gateways.pay("jubao", order["order_id"].as_str().expect("a number"), &json!({})).await;
        world.api.until_status(&payment.id, "succeeded").await;
    }
}

#[tokio::test]
async fn what_webhooks_deliver_can_be_pulled_page_by_page_instead() {
    let world = World::with(|settings| settings.leave_out("webhook", "url")).await;
    three_payments_paid(&world).await;
    let all = world.api.events().await;
    assert!(all.len() >= 6, "{all:?}");
    let (mut paged, mut after): (Vec<Value>, String) = (Vec::new(), String::new());
    loop {
        let page = world.api.get(&format!("/v1/events?limit=2{after}")).await.expect(200);
        let data = page["data"].as_array().expect("a list");
        paged.extend(data.iter().cloned());
        let Some(last) = data.last() else { break };
        after = format!("&after={}", last["id"].as_str().expect("an id"));
    }
    assert_eq!(paged, all);
    for event in &all {
        assert_eq!(names(event), ["data", "delivery", "id", "timestamp", "type"]);
        assert_eq!(event["delivery"]["state"], "not_sent");
        assert_eq!(event["type"], format!("payment.{}", event["data"]["status"].as_str().expect("a status")));
        assert!(event["data"].get("client_secret").is_none());
    }
    assert!(world.merchant.all().is_empty(), "there is no address to send to");
    // Whoever has read everything gets what is new, and only that.
    three_payments_paid(&world).await;
    let new = world.api.get(&format!("/v1/events?limit=100{after}")).await.expect(200);
    assert_eq!(new["data"], json!(world.api.events().await[all.len()..]));
    for query in ["after=evt_01JD0000000000000000000000", "after=x", "limit=0"] {
        world.api.get(&format!("/v1/events?{query}")).await.problem(422, "invalid_request");
    }
}

#[tokio::test]
async fn an_event_can_be_delivered_again() {
    let world = World::start().await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    world.api.post(&format!("/v1/payments/{}/cancel", payment.id), &json!({})).await.expect(200);
    let first = world.merchant.until_taken(&payment.id, "payment.canceled").await;
    let events = world.api.events().await;
    let event = events.iter().find(|event| event["data"]["id"] == payment.id).expect("its event");
    assert_eq!(event["id"], first.id, "the event's id is the webhook's");
    assert_eq!(event["data"], first.body["data"]);
    let path = format!("/v1/events/{}/redeliver", first.id);
    let reply = world.api.post(&path, &json!({})).await;
    assert!(reply.status.is_success(), "{}", reply.text);
    let again = eventually("it is delivered again", async || {
        let delivered = world.merchant.about(&payment.id);
        (delivered.len() == 2).then(|| delivered[1].clone())
    })
    .await;
    assert_eq!((&again.id, &again.raw), (&first.id, &first.raw));
}
