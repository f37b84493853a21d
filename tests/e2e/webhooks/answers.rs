//! What the merchant's address may answer, and what is made of it.

use std::time::{Duration, Instant};

use countersign_tests::{MerchantAnswer, Payment, Poured, Webhook, World, eventually};
use jiff::Timestamp;

use super::told_once;

/// Quick repetitions, and one second for a delivery.
async fn quick_world() -> World {
    World::with(|settings| {
        settings.set("webhook.schedule_s", vec![1; 20]);
        settings.set("webhook.timeout_s", 1);
    })
    .await
}

/// Waits until the payment's only event was taken, and gives every try.
async fn until_taken(world: &World, payment: &Payment) -> Vec<Webhook> {
    world.merchant.until_taken(&payment.id, "payment.canceled").await;
    let tries = world.merchant.about(&payment.id);
    assert!(
        tries.iter().all(|webhook| webhook.id == tries[0].id && webhook.raw == tries[0].raw),
        "{tries:?}"
    );
    tries
}

#[tokio::test]
async fn retry_after_is_waited_for_in_seconds_and_as_a_date() {
    let world = quick_world().await;
    for status in [503, 500] {
        world.merchant.answer_next([MerchantAnswer::With(status, "retry-after", "4".into())]);
        let payment = told_once(&world).await;
        let tries = until_taken(&world, &payment).await;
        let waited = tries[1].arrived - tries[0].arrived;
        assert!(tries.len() == 2 && waited >= Duration::from_millis(3_900), "{status}: {waited:?}");
    }
    for (status, form) in [
        (429, "%a, %d %b %Y %H:%M:%S GMT"),
        (502, "%A, %d-%b-%y %H:%M:%S GMT"),
        (500, "%a %b %e %H:%M:%S %Y"),
    ] {
        let later = Timestamp::now() + jiff::SignedDuration::from_secs(6);
        let date = later.strftime(form).to_string();
        world.merchant.answer_next([MerchantAnswer::With(status, "retry-after", date.clone())]);
        let payment = told_once(&world).await;
        let tries = until_taken(&world, &payment).await;
        assert!(tries.len() == 2 && tries[1].timestamp_s >= later.as_second(), "{status}: {date}: {tries:?}");
    }
}

#[tokio::test]
async fn one_that_has_too_much_to_do_is_left_alone_as_long_as_it_asks() {
    let world = quick_world().await;
    world.merchant.answer_next([MerchantAnswer::With(429, "retry-after", "3".into())]);
    let first = told_once(&world).await;
    let asked = eventually("it is asked to wait", async || world.merchant.about(&first.id).pop()).await;
    let endpoint = eventually("the pause is noted", async || {
        let endpoint = world.api.get("/v1/webhook_endpoint").await.expect(200);
        endpoint["paused_until"].is_string().then_some(endpoint)
    })
    .await;
    assert_eq!((&endpoint["state"], &endpoint["consecutive_failures"]), (&"ok".into(), &1.into()));
    // Another payment's event waits as well.
    let second = told_once(&world).await;
    for payment in [&first, &second] {
        let taken = until_taken(&world, payment).await.pop().expect("it was taken");
        assert!(taken.arrived - asked.arrived >= Duration::from_millis(2_900));
    }
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let world = World::with(|settings| settings.set("webhook.schedule_s", vec![600])).await;
    for status in [301, 302, 303, 307, 308] {
        // Whoever follows it comes back at once.
        world.merchant.answer_next([MerchantAnswer::With(status, "location", world.merchant.url.clone())]);
        let payment = told_once(&world).await;
        eventually("the failure is noted", async || {
            let endpoint = world.api.get("/v1/webhook_endpoint").await.expect(200);
            (endpoint["last_failure"]["http_status"] == status).then_some(())
        })
        .await;
        assert_eq!(world.merchant.about(&payment.id).len(), 1, "{status}");
    }
}

#[tokio::test]
async fn every_status_from_200_to_299_is_success_and_no_other() {
    let world = quick_world().await;
    for status in [200, 201, 202, 204, 206, 226, 299] {
        world.merchant.answer_next([MerchantAnswer::Status(status)]);
        let payment = told_once(&world).await;
        assert_eq!(until_taken(&world, &payment).await.len(), 1, "{status}");
    }
    for status in [304, 400, 401, 404, 409, 422, 500, 501, 599] {
        world.merchant.answer_next([MerchantAnswer::Status(status)]);
        let payment = told_once(&world).await;
        assert_eq!(until_taken(&world, &payment).await.len(), 2, "{status}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_end_in_time_is_cut_off_and_holds_up_nobody() {
    for answer in [MerchantAnswer::Drip, MerchantAnswer::Nothing] {
        let world = quick_world().await;
        world.merchant.answer_next([answer.clone()]);
        let slow = told_once(&world).await;
        eventually("it arrives", async || world.merchant.about(&slow.id).pop()).await;
        // Others go out meanwhile.
        let other = told_once(&world).await;
        let other = until_taken(&world, &other).await.pop().expect("it was taken");
        let tries = until_taken(&world, &slow).await;
        let waited = tries[1].arrived - tries[0].arrived;
        assert!(other.arrived < tries[1].arrived, "{answer:?}");
        assert!(waited >= Duration::from_millis(1_800) && waited < Duration::from_secs(10), "{waited:?}");
        let endpoint = world.api.get("/v1/webhook_endpoint").await.expect(200);
        assert_eq!(endpoint["last_failure"]["error"], "no whole answer within 1 s", "{answer:?}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_read_to_a_limit_only() {
    let world = World::start().await;
    let poured = Poured::default();
    world.merchant.answer_next([MerchantAnswer::Endless(poured.clone())]);
    let begun = Instant::now();
    let payment = told_once(&world).await;
    assert_eq!(until_taken(&world, &payment).await.len(), 1);
    eventually("the connection is closed", async || poured.is_over().then_some(())).await;
    assert!(begun.elapsed() < Duration::from_secs(10), "long before the time for a delivery is over");
    let event = super::event_of(&world, &payment).await;
    assert_eq!(
        (&event["delivery"]["state"], &event["delivery"]["attempts"]),
        (&"delivered".into(), &1.into())
    );
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_none() {
    let world = quick_world().await;
    world.merchant.answer_next([MerchantAnswer::BreakOff]);
    let payment = told_once(&world).await;
    assert_eq!(until_taken(&world, &payment).await.len(), 2);
}

#[tokio::test]
async fn the_environments_proxy_is_not_asked() {
    let world = World::with(|settings| {
        for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"] {
            // Nobody listens there.
            settings.env.insert(name.into(), "http://127.0.0.1:9".into());
        }
    })
    .await;
    let payment = told_once(&world).await;
    assert_eq!(until_taken(&world, &payment).await.len(), 1);
}
