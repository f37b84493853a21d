//! Refunds whose outcome nobody knows: they are asked about, and never made twice.

use countersign_tests::{
    BLUEOCEAN_ALIPAY_QRCODE, HICOIN_H5, Payment, Settings, Way, World, eventually, holds_while,
};
use serde_json::json;

use super::{
    BOTH, asked, booked, id, look_up, once_in_the_book, order_no, paid, part, refund, refund_call,
    refund_query, refunds_path, until_refund,
};

/// The gateway gave the money back, and its answer is of no use.
const AFTER: [&str; 5] = ["hang_after", "drop_after", "status_500_after", "garbage_after", "bad_sign"];

/// The gateway has done nothing, but nobody can know that.
const BEFORE: [&str; 3] = ["hang", "drop_before", "status_500_before"];

/// Asks for a part of which the outcome stays unknown.
async fn in_doubt(world: &World, way: &Way, payment: &Payment, fault: &str) -> String {
    world.gateways.fault(way.gateway, json!({"endpoint": refund_call(way), "fault": fault})).await;
    let mut body = part(way, 400);
    body["refund_id"] = json!("R1");
    let made = refund(world, payment, &body).await.expect(201);
    assert_eq!(made["status"], "processing", "{fault}: {made}");
    assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded");
    id(&made).to_owned()
}

#[tokio::test]
async fn a_refund_whose_answer_is_lost_is_found_by_asking() {
    let world = World::start().await;
    for way in BOTH {
        for fault in AFTER {
            let payment = paid(&world, &way).await;
            let before = asked(&world, &way).await;
            let found = in_doubt(&world, &way, &payment, fault).await;
            let found = until_refund(&world, &payment, &found, "succeeded").await;
            assert!(found["failure"].is_null(), "{fault}: {found}");
            assert_eq!(asked(&world, &way).await - before, 1, "{fault}: it was not sent again");
            once_in_the_book(&world, &way, &payment).await;
        }
    }
}

#[tokio::test]
async fn blueocean_is_sent_a_refund_again_that_it_does_not_know() {
    let world = World::start().await;
    let way = BLUEOCEAN_ALIPAY_QRCODE;
    for fault in BEFORE {
        let payment = paid(&world, &way).await;
        let before = asked(&world, &way).await;
        let found = in_doubt(&world, &way, &payment, fault).await;
        until_refund(&world, &payment, &found, "succeeded").await;
        let calls = &world.gateways.journal("blueocean", "refund").await[before..];
        assert_eq!(calls.len(), 2, "{fault}: {calls:?}");
        assert_eq!(
            calls[0]["fields"]["out_refund_no"], calls[1]["fields"]["out_refund_no"],
            "the same number"
        );
        once_in_the_book(&world, &way, &payment).await;
    }
}

#[tokio::test]
async fn hicoin_is_never_sent_a_payout_twice_and_a_person_decides() {
    let world = World::with(|settings| settings.set("polling.settling_s", vec![1, 1, 1, 1])).await;
    let way = HICOIN_H5;
    for fault in BEFORE {
        let payment = paid(&world, &way).await;
        let before = asked(&world, &way).await;
        let found = in_doubt(&world, &way, &payment, fault).await;
        until_refund(&world, &payment, &found, "review").await;
        assert_eq!(asked(&world, &way).await - before, 1, "{fault}");
        assert!(booked(&world, &way, &payment).await.is_empty());
        let after = world.api.payment(&payment.id).await;
        assert_eq!(after["status"], "succeeded");
        assert!(after["amount_refunded"].is_null(), "{after}");
        // The same number is the same refund still: only another one pays out again.
        let mut body = part(&way, 400);
        body["refund_id"] = json!("R1");
        assert_eq!(refund(&world, &payment, &body).await.expect(200)["status"], "review");
        body["refund_id"] = json!("R2");
        assert_eq!(refund(&world, &payment, &body).await.expect(201)["status"], "succeeded");
        assert_eq!(booked(&world, &way, &payment).await, [(format!("{}f2", order_no(&payment)), 400)]);
    }
}

#[tokio::test]
async fn while_one_is_under_way_there_is_no_other() {
    let world = World::start().await;
    for way in BOTH {
        let payment = paid(&world, &way).await;
        let query = json!({"endpoint": refund_query(&way), "fault": "status_500_before", "times": 1000});
        world.gateways.fault(way.gateway, query).await;
        let found = in_doubt(&world, &way, &payment, "drop_after").await;
        let questions = world.gateways.journal(way.gateway, refund_query(&way)).await.len();
        holds_while(
            "the signer keeps asking",
            async || {
                let state = look_up(&world.api, &payment, &found).await;
                assert_eq!(state["status"], "processing", "{state}");
                refund(&world, &payment, &part(&way, 1)).await.problem(409, "not_refundable");
            },
            async || {
                let now = world.gateways.journal(way.gateway, refund_query(&way)).await.len();
                (now > questions + 2).then_some(())
            },
        )
        .await;
        world.gateways.clear_faults(way.gateway).await;
        let path = format!("/v1/payments/{}/sync", payment.id);
        world.api.post(&path, &json!({})).await.expect(200);
        assert_eq!(look_up(&world.api, &payment, &found).await["status"], "succeeded");
        assert_eq!(refund(&world, &payment, &json!({})).await.expect(201)["amount"]["value"], 600);
        assert_eq!(world.api.payment(&payment.id).await["status"], "refunded");
        assert_eq!(booked(&world, &way, &payment).await.len(), 2);
    }
}

#[tokio::test]
async fn a_signer_that_loses_power_during_a_refund_finds_out_and_never_makes_it_twice() {
    let mut world = World::with(|settings| settings.set("polling.settling_s", vec![1; 12])).await;
    for way in BOTH {
        for (fault, key) in [("hang_after", true), ("hang_after", false), ("hang", true)] {
            let payment = paid(&world, &way).await;
            // A webhook that the power cut interrupts would be sent again much later.
            world.merchant.until_taken(&payment.id, "payment.succeeded").await;
            let before = asked(&world, &way).await;
            world.gateways.fault(way.gateway, json!({"endpoint": refund_call(&way), "fault": fault})).await;
            let mut body = part(&way, 400);
            body["refund_id"] = json!("R1");
            let key = key.then(|| payment.id.clone());
            let request = |api: &countersign_tests::Api| {
                let request = api.merchant_post(&refunds_path(&payment), &body.to_string());
                match &key {
                    Some(key) => request.header("idempotency-key", key),
                    None => request,
                }
            };
            let (api, sent) = (world.api.clone(), request(&world.api));
            let asking = tokio::spawn(async move { api.try_send(sent).await.is_ok() });
            eventually("the refund arrives at the gateway", async || {
                (asked(&world, &way).await > before).then_some(())
            })
            .await;
            world.kill_signer().await;
            assert!(!asking.await.expect("the request ends"), "nobody can have answered");
            world.start_signer().await;
            // The backend asks again, since it heard nothing.
            let again = world.api.send(request(&world.api)).await;
            assert!([200, 201].contains(&again.status.as_u16()), "{}", again.text);
            let found = id(&again.json()).to_owned();
            let listed = world.api.get(&refunds_path(&payment)).await.expect(200);
            assert_eq!(listed["data"].as_array().map(Vec::len), Some(1), "{listed}");
            if fault == "hang" && way.gateway == "hicoin" {
                until_refund(&world, &payment, &found, "review").await;
                assert!(booked(&world, &way, &payment).await.is_empty());
                assert_eq!(asked(&world, &way).await - before, 1);
            } else {
                until_refund(&world, &payment, &found, "succeeded").await;
                once_in_the_book(&world, &way, &payment).await;
            }
        }
    }
}

/// Where nobody answers.
fn nowhere(settings: &mut Settings) {
    settings.set("accounts.hk.base_url", "http://127.0.0.1:1/blueocean");
    settings.set("accounts.coin.payout_url", "http://127.0.0.1:1/hicoin/avenger/api");
}

#[tokio::test]
async fn a_gateway_that_cannot_be_reached_gets_the_refund_later_under_the_same_number() {
    let mut world = World::start().await;
    let usual = world.settings.clone();
    let mut open: Vec<(Way, Payment, String)> = Vec::new();
    for way in BOTH {
        open.push((way, paid(&world, &way).await, String::new()));
    }
    world.stop_signer().await;
    nowhere(&mut world.settings);
    world.start_signer().await;
    for (way, payment, found) in &mut open {
        let made = refund(&world, payment, &part(way, 400)).await.expect(201);
        assert_eq!(made["status"], "processing", "nothing was refused: {made}");
        *found = id(&made).to_owned();
        assert_eq!(asked(&world, way).await, 0);
    }
    world.stop_signer().await;
    world.settings = usual;
    world.start_signer().await;
    for (way, payment, found) in &open {
        until_refund(&world, payment, found, "succeeded").await;
        assert_eq!(asked(&world, way).await, 1);
        once_in_the_book(&world, way, payment).await;
    }
}

#[tokio::test]
async fn a_payout_waits_for_a_base_token() {
    let world = World::start().await;
    let payment = paid(&world, &HICOIN_H5).await;
    for fault in ["drop_before", "garbage_after"] {
        world.gateways.fault("hicoin", json!({"endpoint": "access_token", "fault": fault})).await;
    }
    let made = refund(&world, &payment, &part(&HICOIN_H5, 400)).await.expect(201);
    assert_eq!(made["status"], "processing", "{made}");
    until_refund(&world, &payment, id(&made), "succeeded").await;
    once_in_the_book(&world, &HICOIN_H5, &payment).await;
    assert_eq!(asked(&world, &HICOIN_H5).await, 1, "nothing was sent without a token");
}

#[tokio::test]
async fn a_refund_whose_last_question_takes_long_is_for_a_person_too() {
    let world = World::with(|settings| settings.set("polling.settling_s", vec![2])).await;
    for way in BOTH {
        let payment = paid(&world, &way).await;
        // The question begins while there is time to ask again, and ends when there is none.
        let query = json!({"endpoint": refund_query(&way), "fault": "hang", "times": 1000});
        world.gateways.fault(way.gateway, query).await;
        let found = in_doubt(&world, &way, &payment, "drop_before").await;
        until_refund(&world, &payment, &found, "review").await;
    }
}

#[tokio::test]
async fn a_refund_in_review_is_asked_about_with_its_payment() {
    let world = World::with(|settings| settings.set("polling.settling_s", vec![2])).await;
    for way in BOTH {
        let payment = paid(&world, &way).await;
        let query = json!({"endpoint": refund_query(&way), "fault": "drop_before", "times": 1000});
        world.gateways.fault(way.gateway, query).await;
        let found = in_doubt(&world, &way, &payment, "drop_after").await;
        until_refund(&world, &payment, &found, "review").await;
        world.gateways.clear_faults(way.gateway).await;
        let path = format!("/v1/payments/{}/sync", payment.id);
        world.api.post(&path, &json!({})).await.expect(200);
        assert_eq!(look_up(&world.api, &payment, &found).await["status"], "succeeded");
        once_in_the_book(&world, &way, &payment).await;
    }
}
