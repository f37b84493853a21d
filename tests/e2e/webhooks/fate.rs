//! What becomes of one event: tried again, given up, asked for, taken up again after a power cut.

use std::time::Duration;

use countersign_tests::{JUBAO_WECHAT_H5, MerchantAnswer, World, eventually};
use serde_json::json;

use super::{event_of, paid, told_once};
use crate::judge::{names, time};

#[tokio::test]
async fn an_event_says_how_its_delivery_fares() {
    let world = World::with(|settings| settings.set("webhook.schedule_s", vec![1, 600])).await;
    world.merchant.answer_next([MerchantAnswer::Status(500), MerchantAnswer::Status(404)]);
    let payment = told_once(&world).await;
    let event = eventually("two tries have failed", async || {
        let event = event_of(&world, &payment).await;
        (event["delivery"]["last_error"] == "HTTP status 404").then_some(event)
    })
    .await;
    let delivery = &event["delivery"];
    assert_eq!(names(delivery), ["attempts", "delivered_at", "last_error", "next_attempt_at", "state"]);
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("pending"), &json!(2)));
    assert!(delivery["delivered_at"].is_null());
    let ahead = time(&delivery["next_attempt_at"]).duration_since(time(&event["timestamp"]));
    assert!((530..=670).contains(&ahead.as_secs()), "600 s, ten per cent more or less: {ahead}");
    // By order it goes out now.
    let path = format!("/v1/events/{}/redeliver", event["id"].as_str().expect("an id"));
    world.api.post(&path, &json!({})).await.expect(200);
    world.merchant.until_taken(&payment.id, "payment.canceled").await;
    let event = eventually("that is noted", async || {
        let event = event_of(&world, &payment).await;
        (event["delivery"]["state"] == "delivered").then_some(event)
    })
    .await;
    time(&event["delivery"]["delivered_at"]);
    assert_eq!(event["delivery"]["attempts"], 3);
    assert!(event["delivery"]["last_error"].is_null() && event["delivery"]["next_attempt_at"].is_null());
}

#[tokio::test]
async fn an_event_that_was_given_up_stays_visible_and_the_next_one_of_its_payment_follows() {
    let world = World::with(|settings| settings.set("webhook.schedule_s", vec![1])).await;
    let refusal = || MerchantAnswer::Status(500);
    world.merchant.answer_next([refusal(), refusal()]);
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    world.api.confirm(&payment).await;
    world.api.post(&format!("/v1/payments/{}/cancel", payment.id), &json!({})).await.expect(200);
    let last = world.merchant.until_taken(&payment.id, "payment.canceled").await;
    let events = world.api.events().await;
    let given_up = &events[0];
    assert_eq!(given_up["delivery"]["state"], "exhausted");
    assert_eq!(given_up["delivery"]["attempts"], 2);
    assert!(given_up["delivery"]["next_attempt_at"].is_null());
    let endpoint = world.api.get("/v1/webhook_endpoint").await.expect(200);
    assert_eq!(endpoint["exhausted"], 1);
    let tries = world.merchant.about(&payment.id);
    assert_eq!(tries[..2].iter().filter(|webhook| json!(webhook.id) == given_up["id"]).count(), 2);
    assert!(tries[2..].iter().all(|webhook| json!(webhook.id) != given_up["id"]));
    assert_ne!(json!(last.id), given_up["id"]);
    // It can still be had by webhook, with the id and the bytes it always had.
    let id = given_up["id"].as_str().expect("an id");
    world.api.post(&format!("/v1/events/{id}/redeliver"), &json!({})).await.expect(200);
    let again = eventually("it arrives", async || {
        world.merchant.about(&payment.id).into_iter().find(|webhook| webhook.taken && webhook.id == id)
    })
    .await;
    assert_eq!(again.raw, tries[0].raw);
    eventually("nothing is given up any more", async || {
        let endpoint = world.api.get("/v1/webhook_endpoint").await.expect(200);
        (endpoint["exhausted"] == 0 && endpoint["pending"] == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_old_event_that_is_asked_for_again_holds_up_no_newer_one() {
    let world = World::with(|settings| settings.set("webhook.schedule_s", vec![600])).await;
    let payment = world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    world.api.confirm(&payment).await;
    let old = world.merchant.until_taken(&payment.id, "payment.requires_action").await;
    eventually("that is noted", async || {
        let events = world.api.events().await;
        let event = events.into_iter().find(|event| event["id"] == json!(old.id))?;
        (event["delivery"]["state"] == "delivered").then_some(())
    })
    .await;
    world.merchant.answer_next([MerchantAnswer::Status(500)]);
    world.api.post(&format!("/v1/events/{}/redeliver", old.id), &json!({})).await.expect(200);
    eventually("it is refused this time", async || {
        let tries = world.merchant.about(&payment.id);
        tries.iter().any(|webhook| webhook.id == old.id && !webhook.taken).then_some(())
    })
    .await;
    // It is tried again in ten minutes; what happens now is told now.
    world.api.post(&format!("/v1/payments/{}/cancel", payment.id), &json!({})).await.expect(200);
    world.merchant.until_taken(&payment.id, "payment.canceled").await;
}

#[tokio::test]
async fn a_power_cut_in_the_middle_of_a_delivery_loses_nothing() {
    let mut world = World::with(|settings| {
        settings.set("webhook.schedule_s", vec![600]);
        settings.set("webhook.timeout_s", 3);
    })
    .await;
    world.merchant.answer_always(Some(MerchantAnswer::Nothing));
    let payment = paid(&world).await;
    let cut_off =
        eventually("a delivery is under way", async || world.merchant.about(&payment.id).pop()).await;
    world.kill_signer().await;
    world.merchant.answer_always(None);
    world.start_signer().await;
    world.merchant.until_taken(&payment.id, "payment.succeeded").await;
    let taken: Vec<_> =
        world.merchant.about(&payment.id).into_iter().filter(|webhook| webhook.taken).collect();
    assert_eq!((&taken[0].id, &taken[0].raw), (&cut_off.id, &cut_off.raw), "the same once more, and first");
    assert!(
        taken[0].arrived - cut_off.arrived < Duration::from_secs(20),
        "soon after the start, not in ten minutes"
    );
    let expected: Vec<_> =
        super::own_events(&world, &payment.id).await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(taken.iter().map(|webhook| json!(webhook.id)).collect::<Vec<_>>(), expected);
}
