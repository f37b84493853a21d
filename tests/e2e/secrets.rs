//! No secret in any log, in anything a browser gets, in any metric, nor a client secret in the ledger.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use countersign_tests::{SHAPES, World, eventually, keys, md5_hex};
use serde_json::json;

/// Everything that must not be seen, by a name that may be.
fn secrets() -> Vec<(String, Vec<u8>)> {
    let plain = [
        ("API key", keys::API_KEY),
        ("webhook secret", keys::WEBHOOK_SECRET),
        ("DotWallet secret", keys::DOTWALLET_SECRET),
        ("Jubao key", keys::JUBAO_KEY),
        ("BlueOcean key", keys::BLUEOCEAN_KEY),
        ("Hicoin application secret", keys::HICOIN_APP_SECRET),
        ("Hicoin payment key", keys::HICOIN_MCH_KEY),
        ("payer's token", keys::HICOIN_ACCESS_TOKEN),
    ];
    let mut found = Vec::new();
    for (name, secret) in plain {
        let md5 = md5_hex(secret);
        found.push((name.to_owned(), secret.as_bytes().to_vec()));
        found.push((format!("MD5 of the {name}"), md5.to_uppercase().into_bytes()));
        found.push((format!("MD5 of the {name}"), md5.into_bytes()));
        found.push((format!("base64 of the {name}"), STANDARD_NO_PAD.encode(secret).into_bytes()));
        found.push((format!("{name} in a form"), form_encoded(secret).into_bytes()));
    }
    let bytes = STANDARD.decode(keys::WEBHOOK_SECRET.trim_start_matches("whsec_")).expect("base64");
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    for text in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes), hex.to_uppercase(), hex] {
        found.push(("bytes of the webhook secret".to_owned(), text.into_bytes()));
    }
    found.push(("bytes of the webhook secret".to_owned(), bytes));
    found
}

fn form_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn holds(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|window| window == needle)
}

/// Runs every way through success, refusal, trouble and forgery, and gives what browsers were answered.
async fn everything_happens(world: &World, secrets: &mut Vec<(String, Vec<u8>)>) -> Vec<String> {
    let mut seen = Vec::new();
    for way in SHAPES {
        for fault in ["none", "code", "garbage_after", "drop_after", "status_500_after"] {
            if fault != "none" {
                let fault = json!({
                    "endpoint": way.submit, "fault": fault, "code": way.configuration_code, "message": "refused"
                });
                world.gateways.fault(way.gateway, fault).await;
            }
            let order = world.order(&way);
            let payment = world.api.create(&order).await;
            secrets.push(("client secret".to_owned(), payment.secret.clone().into_bytes()));
            let path = format!("/v1/checkout/{}", payment.id);
            for (verb, body) in [("/confirm", way.confirmation()), ("/returned", json!({"result": "ok"}))] {
                seen.push(
                    world.api.checkout_post(&format!("{path}{verb}"), &payment.secret, &body).await.text,
                );
            }
            seen.push(world.api.checkout_get(&path, &payment.secret).await.text);
            seen.push(world.api.checkout_get(&path, "cs_wrong-client-secret").await.text);
            world.api.post("/v1/payments", &json!({"account": way.account, "method": order["method"]})).await;
            let order_no = order["order_id"].as_str().expect("a number");
            let booked = world.gateways.orders(way.gateway).await;
            if way.notifies && booked.iter().any(|order| order["order_no"] == order_no) {
                world.gateways.pay(way.gateway, order_no, &json!({"forge": true})).await;
                world.gateways.pay(way.gateway, order_no, &json!({})).await;
            }
            world.api.notify(way.account, &format!("sign={}&x=1", keys::JUBAO_KEY)).await;
        }
        world.gateways.clear_faults(way.gateway).await;
    }
    secrets.push(("wrong client secret".to_owned(), b"cs_wrong-client-secret".to_vec()));
    seen
}

#[tokio::test]
async fn no_secret_is_in_logs_answers_or_metrics() {
    for format in ["pretty", "json"] {
        let mut world = World::with(|settings| {
            settings.set("log.level", "debug");
            settings.set("log.format", format);
        })
        .await;
        world.fill_wallet().await;
        let mut secrets = secrets();
        let mut seen = everything_happens(&world, &mut secrets).await;
        world.merchant.fail_next(2);
        eventually("polling has happened, too", async || {
            (world.gateways.journal("hicoin", "queryOrder").await.len() > 5).then_some(())
        })
        .await;
        seen.extend(world.metrics().await);
        world.stop_signer().await;
        let logs = world.said();
        assert!(logs.contains("pay_"), "the logs tell of payments: {logs}");
        for (name, secret) in &secrets {
            assert!(!holds(logs.as_bytes(), secret), "{name} is in the log: {}", line_of(&logs, secret));
            for answer in &seen {
                assert!(!holds(answer.as_bytes(), secret), "{name} is in {answer}");
            }
        }
        for line in logs.lines() {
            assert!(!line.to_lowercase().contains("bearer "), "{line}");
        }
        the_ledger_keeps_no_token(&world, &secrets).await;
    }
}

fn line_of(logs: &str, secret: &[u8]) -> String {
    logs.lines().find(|line| holds(line.as_bytes(), secret)).unwrap_or_default().to_owned()
}

/// Client secrets are derived and never stored; the payer's token is stored sealed; keys are not stored at all.
async fn the_ledger_keeps_no_token(world: &World, secrets: &[(String, Vec<u8>)]) {
    for kept in world.kept().await {
        for (name, secret) in secrets {
            assert!(!holds(&kept.bytes, secret), "{name} is in {}", kept.place);
        }
    }
}

#[tokio::test]
async fn a_flood_of_forged_notifications_does_not_flood_the_log() {
    let world = World::start().await;
    let before = world.said().lines().count();
    let started = std::time::Instant::now();
    for _ in 0..200 {
        world.api.notify("shop", "mch_id=10000000000001&sign=0").await;
    }
    let seconds = usize::try_from(started.elapsed().as_secs()).expect("a short time");
    // Each forged one that is logged is logged in one line, and those at most once a second.
    let lines = world.said().lines().count() - before;
    assert!(lines <= 2 * (seconds + 2), "{lines} lines in {seconds} seconds");
}
