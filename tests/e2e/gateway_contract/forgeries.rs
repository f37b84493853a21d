//! Notifications that are repeated, forged, about somebody else, or written in another way.

use axum::http::Method;
use countersign_tests::{
    Fields, Payment, Way, World, blueocean_sign, dotwallet_sign, fields, form, hicoin_sign, jubao_sign, keys,
};
use serde_json::{Value, json};

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
        a_notification_signed_with_the_key_before_the_rotation_is_taken,
    ],
    jubao_states at JUBAO_WECHAT_H5: [a_true_notification_that_tells_of_no_money_changes_nothing],
    hicoin_states at HICOIN_H5: [a_true_notification_that_tells_of_no_money_changes_nothing],
    jubao_charsets at JUBAO_WECHAT_H5: [either_reading_of_a_chinese_notification_is_taken],
}

/// A confirmed payment and its order number.
async fn open_payment(world: &World, way: &Way) -> (Payment, String) {
    let order = world.order(way);
    let payment = world.api.create(&order).await;
    world.api.confirm(&payment).await;
    (payment, order["order_id"].as_str().expect("an order number").to_owned())
}

/// A "paid" notification as the gateway's document has it, rightly signed.
fn notification(
    way: &Way,
    order_no: &str,
    gateway_order_no: &str,
    change: impl FnOnce(&mut Fields),
) -> Fields {
    let mut message = match way.gateway {
        "jubao" => fields(&[
            ("mch_id", keys::JUBAO_MCH_ID),
            ("out_trade_no", order_no),
            ("order_sn", gateway_order_no),
            ("pay_channel_id", "201"),
            ("body", "tea"),
            ("total_fee", "1000"),
            ("status", "2"),
            ("attach", ""),
            ("cash_fee", "1000"),
            ("finish_time", "2026-11-22 08:00:05"),
            ("nonce_str", "O2r8GjZ46e"),
        ]),
        "blueocean" => fields(&[
            ("bank_type", "CFT"),
            ("cash_fee", "1000"),
            ("cash_fee_type", "HKD"),
            ("fee_type", "HKD"),
            ("out_trade_no", order_no),
            ("transaction_id", "4200000000"),
            ("time_end", "20261122080005"),
            ("total_fee", "1000"),
            ("trade_type", "NATIVE"),
            ("appid", keys::BLUEOCEAN_APPID),
            ("nonce_str", "O2r8GjZ46e"),
            ("sn", gateway_order_no),
            ("version", "1.0"),
        ]),
        "hicoin" => fields(&[
            ("app_id", keys::HICOIN_APP_ID),
            ("trade_status", "SUCCESS"),
            ("trade_no", gateway_order_no),
            ("out_trade_no", order_no),
            ("openid", keys::HICOIN_OPENID),
            ("trade_type", "H5"),
            ("total_amount", "1000"),
            ("settle_currency", "USDT"),
            ("passback_params", ""),
            ("body", "tea"),
            ("subject", "tea"),
            ("nonce_str", "N0000000000000000000000000000003"),
        ]),
        other => panic!("{other} does not notify like this"),
    };
    change(&mut message);
    let key = match way.gateway {
        "jubao" => keys::JUBAO_KEY,
        "blueocean" => keys::BLUEOCEAN_KEY,
        _ => keys::HICOIN_MCH_KEY,
    };
    signed(way, message, key)
}

fn signed(way: &Way, mut message: Fields, key: &str) -> Fields {
    let sign = match way.gateway {
        "jubao" => jubao_sign(&message, key),
        "blueocean" => blueocean_sign(&message, key),
        _ => hicoin_sign(&message, key),
    };
    message.insert("sign".into(), sign);
    message
}

/// DotWallet's notice of an order, in its documented order of fields.
fn dotwallet_notice(app_id: &str, order_no: &str) -> String {
    let pairs = [
        ("app_id", app_id),
        ("order_sn", "f00000000000000000000000000000d1"),
        ("merchant_order_sn", order_no),
        ("item_name", "tea"),
        ("receive_address", ""),
        ("user_refund_address", ""),
        ("order_amount", "1000"),
        ("pay_txid", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("status", "9"),
        ("nonce_str", "1704067200000"),
    ];
    let sign = dotwallet_sign(&pairs, keys::DOTWALLET_SECRET);
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs).append_pair("sign", &sign).finish()
}

async fn a_repeated_notification_is_answered_alike_and_changes_nothing(way: Way) {
    let world = World::start().await;
    let (payment, order_no) = open_payment(&world, &way).await;
    let first = world.gateways.pay(way.gateway, &order_no, &json!({"times": 8, "together": true})).await;
    let success = json!({"status": 200, "body": "SUCCESS"});
    assert_eq!(first, vec![success.clone(); 8]);
    let paid = world.api.payment(&payment.id).await;
    assert_eq!(paid["status"], "succeeded");
    let again = world.gateways.pay(way.gateway, &order_no, &json!({"times": 3})).await;
    assert_eq!(again, vec![success; 3]);
    assert_eq!(world.api.payment(&payment.id).await, paid);
    world.merchant.until_taken(&payment.id, "payment.succeeded").await;
    let told = world.merchant.about(&payment.id);
    assert_eq!(told.iter().filter(|webhook| webhook.body["type"] == "payment.succeeded").count(), 1);
}

async fn a_forged_notification_is_refused_and_changes_nothing(way: Way) {
    let world = World::start().await;
    let (payment, order_no) = open_payment(&world, &way).await;
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
    let (payment, order_no) = open_payment(&world, &way).await;
    let before = world.api.payment(&payment.id).await;
    let mut messages = vec![
        ("nothing", String::new()),
        ("no form", "\u{0}\u{1}%%%=%ZZ".to_owned()),
        ("no signature", form(&fields(&[("out_trade_no", &order_no), ("status", "2")]))),
    ];
    if way.notifies {
        let booked = world.gateways.order(way.gateway, &order_no).await;
        let number = booked["gateway_order_no"].as_str().expect("a number").to_owned();
        let changed = |change: &dyn Fn(&mut Fields)| notification(&way, &order_no, &number, change);
        let ours = if way.gateway == "jubao" { "mch_id" } else { "appid" };
        let ours = if way.gateway == "hicoin" { "app_id" } else { ours };
        let mut unsigned = changed(&|_| {});
        unsigned.remove("sign");
        let mut tampered = changed(&|_| {});
        tampered.insert("nonce_str".into(), "another".into());
        let mut emptied = changed(&|_| {});
        emptied.insert("sign".into(), String::new());
        messages.extend([
            ("without its signature", form(&unsigned)),
            ("with an empty signature", form(&emptied)),
            ("changed after signing", form(&tampered)),
            ("of an unknown order", form(&notification(&way, "A9999999", &number, |_| {}))),
            (
                "of another merchant",
                form(&changed(&|m| drop(m.insert(ours.into(), "20000000000002".into())))),
            ),
            ("of another merchant's order", form(&changed(&|m| drop(m.remove(ours))))),
        ]);
        if way.gateway == "hicoin" {
            let other = changed(&|m| drop(m.insert("openid".into(), "u0000000000000002".into())));
            messages.push(("of another payer", form(&other)));
        }
    } else {
        messages.push(("of an unknown order", dotwallet_notice(keys::DOTWALLET_APP_ID, "A9999999")));
        messages
            .push(("of another merchant", dotwallet_notice("fedcba9876543210fedcba9876543210", &order_no)));
    }
    for (what, message) in &messages {
        let reply = world.api.notify(way.account, message).await;
        let (status, body) = (json!(reply.status.as_u16()), Value::String(reply.text));
        assert!(reply.status.is_client_error(), "{what}: {status} {body}");
        refused(&status, &body, way.failure_text);
    }
    assert_eq!(world.api.payment(&payment.id).await, before);
    let nowhere = world.api.notify("nowhere", &messages[0].1).await;
    assert!(nowhere.status.is_client_error(), "{}", nowhere.status);
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
    let (payment, order_no) = open_payment(&world, &way).await;
    if way.notifies {
        let replies = world.gateways.pay(way.gateway, &order_no, &json!({})).await;
        assert_eq!(replies, [json!({"status": 200, "body": "SUCCESS"})]);
    }
    assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded");
    let metrics = world.api.send(world.api.request(Method::GET, "/metrics")).await.text;
    assert!(metrics.contains("300"), "refused notifications are counted: {metrics}");
}

async fn a_true_notification_is_taken_as_form_as_json_and_as_query(way: Way) {
    let world = World::start().await;
    for wire in ["form", "json", "json without a type", "query"] {
        let (payment, order_no) = open_payment(&world, &way).await;
        world.gateways.clear_faults(way.gateway).await;
        world.gateways.pay(way.gateway, &order_no, &json!({"notify": false})).await;
        let booked = world.gateways.order(way.gateway, &order_no).await;
        let number = booked["gateway_order_no"].as_str().expect("a number");
        let message = notification(&way, &order_no, number, |_| {});
        let reply = match wire {
            "form" => world.api.notify(way.account, &form(&message)).await,
            "json" => world.api.notify_as(way.account, "application/json", &json!(message).to_string()).await,
            "json without a type" => {
                world.api.notify_as(way.account, "text/plain", &json!(message).to_string()).await
            }
            _ => {
                let path = format!("/v1/notifications/{}?{}", way.account, form(&message));
                world.api.send(world.api.request(Method::POST, &path)).await
            }
        };
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, "SUCCESS"), "{wire}");
        assert!(reply.header("content-type").starts_with("text/plain"), "{wire}");
        assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded", "{wire}");
    }
}

async fn a_notification_that_no_query_confirms_is_not_success(way: Way) {
    let world = World::start().await;
    let (payment, order_no) = open_payment(&world, &way).await;
    let replies = world.gateways.pay(way.gateway, &order_no, &json!({"book": false})).await;
    assert_eq!(replies, [json!({"status": 200, "body": "SUCCESS"})], "it is the gateway's, and is kept");
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
        let (payment, order_no) = open_payment(&world, &way).await;
        let booked = world.gateways.order(way.gateway, &order_no).await;
        let number = booked["gateway_order_no"].as_str().expect("a number");
        let mut message = notification(&way, &order_no, number, |_| {});
        message.remove("sign");
        let before = world.api.payment(&payment.id).await;
        let reply = world.api.notify(way.account, &form(&signed(&way, message, key))).await;
        if taken {
            assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, "SUCCESS"));
            assert_eq!(world.api.payment(&payment.id).await["status"], "processing", "no query says so yet");
        } else {
            refused(&json!(reply.status.as_u16()), &json!(reply.text), way.failure_text);
            assert_eq!(world.api.payment(&payment.id).await, before);
        }
    }
}

async fn a_true_notification_that_tells_of_no_money_changes_nothing(way: Way) {
    let world = World::start().await;
    let (payment, order_no) = open_payment(&world, &way).await;
    let before = world.api.payment(&payment.id).await;
    let booked = world.gateways.order(way.gateway, &order_no).await;
    let number = booked["gateway_order_no"].as_str().expect("a number");
    let (field, states) = match way.gateway {
        "jubao" => ("status", ["1", "3", "4"]),
        _ => ("trade_status", ["NOTPAY", "UNKNOW", "CLOSED"]),
    };
    for state in states {
        let message = notification(&way, &order_no, number, |m| drop(m.insert(field.into(), state.into())));
        let reply = world.api.notify(way.account, &form(&message)).await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, "SUCCESS"), "{state}");
        let after = world.api.payment(&payment.id).await;
        assert_eq!(after, before, "{state}: the gateway, when asked, says unpaid");
    }
}

async fn either_reading_of_a_chinese_notification_is_taken(way: Way) {
    for charset in ["utf8_encode", "plain"] {
        let world =
            World::with_simulators(|settings| settings.set("jubao.notification_charset", charset), |_| {})
                .await;
        let (payment, order_no) = open_payment(&world, &way).await;
        let replies = world.gateways.pay(way.gateway, &order_no, &json!({})).await;
        assert_eq!(replies, [json!({"status": 200, "body": "SUCCESS"})], "{charset}");
        assert_eq!(world.api.payment(&payment.id).await["status"], "succeeded", "{charset}");
    }
}

async fn a_notification_that_is_much_too_long_is_refused_in_the_gateways_words(way: Way) {
    let world = World::start().await;
    let reply = world.api.notify(way.account, &format!("x={}", "y".repeat(200_000))).await;
    refused(&json!(reply.status.as_u16()), &json!(reply.text), way.failure_text);
}
