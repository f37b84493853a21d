//! Notifications that are repeated, forged, about somebody else, or written in another way.

use axum::http::Method;
use countersign_tests::{Way, World};
use serde_json::{Value, json};

use super::notice::{Open, notification, open_payment, signed};
use crate::judge::refused;

super::suite! {
    every way: [
        a_notification_that_is_not_the_gateways_is_refused_and_changes_nothing,
        a_flood_of_forged_notifications_does_not_lock_the_real_ones_out,
        a_notification_that_is_much_too_long_is_refused_in_the_gateways_words,
    ],
    ways that notify: [
        a_repeated_notification_is_answered_alike_and_changes_nothing,
        a_forged_notification_is_refused_and_changes_nothing,
        a_true_notification_is_taken_as_form_as_json_and_as_query,
        a_notification_that_no_query_confirms_is_not_success,
    ],
    dotwallet_states at DOTWALLET_ORDER: [a_true_notification_that_tells_of_no_money_changes_nothing],
    jubao_states at JUBAO_WECHAT_H5: [a_true_notification_that_tells_of_no_money_changes_nothing],
    hicoin_states at HICOIN_H5: [a_true_notification_that_tells_of_no_money_changes_nothing],
    jubao_keys at JUBAO_WECHAT_H5: [a_notification_signed_with_the_key_before_the_rotation_is_taken],
    blueocean_keys at BLUEOCEAN_ALIPAY_QRCODE: [a_notification_signed_with_the_key_before_the_rotation_is_taken],
    hicoin_keys at HICOIN_H5: [a_notification_signed_with_the_key_before_the_rotation_is_taken],
    jubao_charsets at JUBAO_WECHAT_H5: [either_reading_of_a_chinese_notification_is_taken],
}

async fn a_repeated_notification_is_answered_alike_and_changes_nothing(way: Way) {
    let world = World::start().await;
    let Open { payment, order_no, .. } = open_payment(&world, &way).await;
    let first = world.gateways.pay(way.gateway, &order_no, &json!({"times": 8, "together": true})).await;
    assert_eq!(first, vec![way.taken(); 8]);
    let paid = world.api.payment(&payment.id).await;
    assert_eq!(paid["status"], "succeeded");
    let again = world.gateways.pay(way.gateway, &order_no, &json!({"times": 3})).await;
    assert_eq!(again, vec![way.taken(); 3]);
    assert_eq!(world.api.payment(&payment.id).await, paid);
    world.merchant.until_taken(&payment.id, "payment.succeeded").await;
    let told = world.merchant.about(&payment.id);
    assert_eq!(told.iter().filter(|webhook| webhook.body["type"] == "payment.succeeded").count(), 1);
}

async fn a_forged_notification_is_refused_and_changes_nothing(way: Way) {
    let world = World::start().await;
    let Open { payment, order_no, .. } = open_payment(&world, &way).await;
    let before = world.api.payment(&payment.id).await;
    let replies = world.gateways.pay(way.gateway, &order_no, &json!({"forge": true, "times": 3})).await;
    assert_eq!(replies.len(), 3);
    for reply in &replies {
        refused(&reply["status"], &reply["body"], way.failure_text);
    }
    assert_eq!(world.api.payment(&payment.id).await, before);
}

async fn a_notification_that_is_not_the_gateways_is_refused_and_changes_nothing(way: Way) {
    let world = World::start().await;
    world.fill_wallet().await;
    let open = open_payment(&world, &way).await;
    let before = world.api.payment(&open.payment.id).await;
    for (what, message) in not_the_gateways(&way, &open) {
        let reply = world.api.notify(way.account, &message).await;
        let (status, body) = (json!(reply.status.as_u16()), Value::String(reply.text));
        assert!(reply.status.is_client_error(), "{what}: {status} {body}");
        refused(&status, &body, way.failure_text);
    }
    assert_eq!(world.api.payment(&open.payment.id).await, before);
    let nowhere = world.api.notify("nowhere", &notification(&way, &open, |_| {}).form()).await;
    assert!(nowhere.status.is_client_error(), "{}", nowhere.status);
}

/// What somebody else might send, or nobody at all.
fn not_the_gateways(way: &Way, open: &Open) -> Vec<(&'static str, String)> {
    let (ours, another) = match way.gateway {
        "jubao" => ("mch_id", "20000000000002"),
        "blueocean" => ("appid", "2000002"),
        "hicoin" => ("app_id", "b0000000000000000000000000000002"),
        _ => ("app_id", "fedcba9876543210fedcba9876543210"),
    };
    let ours_no = if way.gateway == "dotwallet" { "merchant_order_sn" } else { "out_trade_no" };
    let nobodys = format!("{ours_no}={}&status=2", open.order_no);
    let true_one = notification(way, open, |_| {});
    let (mut unsigned, mut tampered, mut emptied) = (true_one.clone(), true_one.clone(), true_one);
    unsigned.leave_out("sign");
    tampered.set("nonce_str", "another");
    emptied.set("sign", "");
    let mut messages = vec![
        ("nothing", String::new()),
        ("no form", "\u{0}\u{1}%%%=%ZZ".to_owned()),
        ("no signature", nobodys),
        ("without its signature", unsigned.form()),
        ("with an empty signature", emptied.form()),
        ("changed after signing", tampered.form()),
        ("of an unknown order", notification(way, open, |m| m.set(ours_no, "A9999999")).form()),
        ("of another merchant", notification(way, open, |m| m.set(ours, another)).form()),
        ("of another merchant's order", notification(way, open, |m| m.leave_out(ours)).form()),
    ];
    match way.gateway {
        "hicoin" => {
            let other = notification(way, open, |m| m.set("openid", "u0000000000000002"));
            messages.push(("of another payer", other.form()));
        }
        "dotwallet" => {
            let other = notification(way, open, |m| m.set("nonce_str", "1704067200001"));
            messages.push(("of an order with another nonce", other.form()));
        }
        _ => {}
    }
    messages
}

/// The notifications whose signature did not fit, at every signer.
async fn refused_count(world: &World) -> u64 {
    let metrics = world.metrics().await;
    let lines = metrics.iter().flat_map(|text| text.lines());
    let lines = lines.filter(|line| line.starts_with("countersign_notifications_total{"));
    let lines = lines.filter(|line| line.contains(r#"outcome="bad_signature""#));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}

async fn a_flood_of_forged_notifications_does_not_lock_the_real_ones_out(way: Way) {
    let world = World::start().await;
    world.fill_wallet().await;
    let forged = "out_trade_no=A1&mch_id=1&sign=00000000000000000000000000000000";
    for _ in 0..10 {
        let volley: Vec<_> = (0..30)
            .map(|_| {
                let (api, account) = (world.api.clone(), way.account);
                tokio::spawn(async move { api.notify(account, forged).await })
            })
            .collect();
        for shot in volley {
            let reply = shot.await.expect("an answer");
            assert!(reply.status.is_client_error() && reply.status != 429, "{}", reply.status);
        }
    }
    let Open { payment, order_no, .. } = open_payment(&world, &way).await;
    if way.notifies {
        let replies = world.gateways.pay(way.gateway, &order_no, &json!({})).await;
        assert_eq!(replies, [way.taken()]);
    }
    assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded");
    assert_eq!(refused_count(&world).await, 300, "refused notifications are counted");
}

async fn a_true_notification_is_taken_as_form_as_json_and_as_query(way: Way) {
    let world = World::start().await;
    for wire in ["form", "json", "json without a type", "query", "query that is got"] {
        let open = open_payment(&world, &way).await;
        world.gateways.pay(way.gateway, &open.order_no, &json!({"notify": false})).await;
        let message = notification(&way, &open, |_| {});
        let path = format!("/v1/notifications/{}?{}", way.account, message.form());
        let reply = match wire {
            "form" => world.api.notify(way.account, &message.form()).await,
            "json" => world.api.notify_as(way.account, "application/json", &message.json()).await,
            "json without a type" => world.api.notify_as(way.account, "text/plain", &message.json()).await,
            "query" => world.api.send(world.api.request(Method::POST, &path)).await,
            _ => world.api.send(world.api.request(Method::GET, &path)).await,
        };
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, way.success_text), "{wire}");
        let expected = if way.gateway == "dotwallet" { "application/json" } else { "text/plain" };
        assert!(reply.header("content-type").starts_with(expected), "{wire}");
        assert_eq!(world.api.payment(&open.payment.id).await["status"], "succeeded", "{wire}");
    }
}

async fn a_notification_that_no_query_confirms_is_not_success(way: Way) {
    let world = World::start().await;
    let Open { payment, order_no, .. } = open_payment(&world, &way).await;
    let replies = world.gateways.pay(way.gateway, &order_no, &json!({"book": false})).await;
    assert_eq!(replies, [way.taken()], "it is the gateway's, and is kept");
    let asked = world.gateways.journal(way.gateway, way.query).await.len();
    let later = countersign_tests::holds_while(
        "the gateway is asked again",
        async || assert_ne!(world.api.payment(&payment.id).await["status"], "succeeded"),
        async || {
            let now = world.gateways.journal(way.gateway, way.query).await.len();
            (now >= asked + 2).then_some(now)
        },
    )
    .await;
    assert!(later > asked);
    assert_eq!(world.api.payment(&payment.id).await["status"], "processing");
    // And when it is paid after all, it is found.
    world.gateways.pay(way.gateway, &order_no, &json!({"notify": false})).await;
    world.api.until_status(&payment.id, "succeeded").await;
}

async fn a_notification_signed_with_the_key_before_the_rotation_is_taken(way: Way) {
    const BEFORE: &str = "journey-key-of-last-year-55aa";
    let (setting, variable) = match way.gateway {
        "jubao" => ("accounts.shop.keys", "env:JUBAO_KEY"),
        "blueocean" => ("accounts.hk.keys", "env:BLUEOCEAN_KEY"),
        _ => ("accounts.coin.mch_keys", "env:HICOIN_MCH_KEY"),
    };
    let world = World::with(|settings| {
        settings.set(setting, vec![variable, "env:KEY_BEFORE"]);
        settings.env.insert("KEY_BEFORE".into(), BEFORE.into());
    })
    .await;
    for (key, taken) in [(BEFORE, true), ("journey-key-of-nobody-55aa", false)] {
        let open = open_payment(&world, &way).await;
        let mut message = notification(&way, &open, |_| {});
        message.leave_out("sign");
        let before = world.api.payment(&open.payment.id).await;
        let reply = world.api.notify(way.account, &signed(&way, message, key).form()).await;
        if taken {
            assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, way.success_text));
            let now = world.api.payment(&open.payment.id).await;
            assert_eq!(now["status"], "processing", "no query says so yet");
        } else {
            refused(&json!(reply.status.as_u16()), &json!(reply.text), way.failure_text);
            assert_eq!(world.api.payment(&open.payment.id).await, before);
        }
    }
}

async fn a_true_notification_that_tells_of_no_money_changes_nothing(way: Way) {
    let world = World::start().await;
    let open = open_payment(&world, &way).await;
    let before = world.api.payment(&open.payment.id).await;
    let (field, states) = match way.gateway {
        "dotwallet" => ("status", ["0", "-1", "-2"]),
        "jubao" => ("status", ["1", "3", "4"]),
        _ => ("trade_status", ["NOTPAY", "UNKNOW", "CLOSED"]),
    };
    for state in states {
        let message = notification(&way, &open, |m| m.set(field, state));
        let reply = world.api.notify(way.account, &message.form()).await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, way.success_text), "{state}");
        let after = world.api.payment(&open.payment.id).await;
        assert_eq!(after, before, "{state}: the gateway, when asked, says unpaid");
    }
}

async fn either_reading_of_a_chinese_notification_is_taken(way: Way) {
    for charset in ["utf8_encode", "plain"] {
        let world =
            World::with_simulators(|settings| settings.set("jubao.notification_charset", charset), |_| {})
                .await;
        let Open { payment, order_no, .. } = open_payment(&world, &way).await;
        let replies = world.gateways.pay(way.gateway, &order_no, &json!({})).await;
        assert_eq!(replies, [way.taken()], "{charset}");
        assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded", "{charset}");
    }
}

async fn a_notification_that_is_much_too_long_is_refused_in_the_gateways_words(way: Way) {
    let world = World::start().await;
    let reply = world.api.notify(way.account, &format!("x={}", "y".repeat(200_000))).await;
    refused(&json!(reply.status.as_u16()), &json!(reply.text), way.failure_text);
}
