//! Codes and tokens are nobody's business: they are in no log, no answer, no webhook, no metric, and not in the ledger.

use countersign_tests::{Browser, DOTWALLET_AUTOPAY, HICOIN_H5, World, eventually};
use serde_json::{Value, json};

use super::{BOTH, value, waiting};

/// Every code that a payer brought and every token that a gateway gave, as the simulators saw them.
async fn codes_and_tokens(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (gateway, calls) in [
        ("hicoin", ["sns_access_token", "refresh_token", "access_token"]),
        ("dotwallet", ["access_token", "refresh_access_token", "get_user_info"]),
    ] {
        for call in calls {
            for entry in world.gateways.journal(gateway, call).await {
                let answer: Value =
                    serde_json::from_str(entry["answer"]["body"].as_str().unwrap_or_default())
                        .unwrap_or_default();
                let told = [
                    &entry["fields"]["code"],
                    &entry["fields"]["refresh_token"],
                    &answer["data"]["access_token"],
                    &answer["data"]["refresh_token"],
                ];
                found.extend(told.iter().filter_map(|value| value.as_str()).map(str::to_owned));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn holds(hay: &[u8], needle: &str) -> bool {
    hay.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// Logins of every kind: good, refused, replayed, renewed, interrupted. Gives everything that was answered.
async fn everything_happens(world: &World) -> Vec<String> {
    let mut seen = Vec::new();
    for way in BOTH {
        for fault in ["none", "garbage_after", "status_500_after", "code"] {
            let waiting = waiting(world, &way).await;
            let back = waiting.agrees().await;
            if fault != "none" {
                let call = if way.gateway == "hicoin" { "sns_access_token" } else { "access_token" };
                // Gateways repeat in their words what they were sent.
                let said = format!("bad code {}", value(&back, "code"));
                let fault = json!({"endpoint": call, "fault": fault, "code": 10017, "message": said});
                world.gateways.fault(way.gateway, fault).await;
            }
            seen.push(Browser::default().open(&back).await.text);
            seen.push(Browser::default().open(&back).await.text);
            let wrong = back.replace("state=", "state=x");
            seen.push(Browser::default().open(&wrong).await.text);
            seen.push(waiting.view(world).await.to_string());
            seen.push(world.api.confirm(&waiting.payment).await.to_string());
            seen.push(world.api.payment(&waiting.payment.id).await.to_string());
        }
    }
    seen
}

#[tokio::test]
async fn no_code_and_no_token_of_a_login_is_seen_anywhere() {
    for format in ["pretty", "json"] {
        let mut world = World::with(|settings| {
            settings.set("log.level", "debug");
            settings.set("log.format", format);
            settings.set("accounts.coin.query_token", "user");
        })
        .await;
        world.fill_wallet().await;
        world.gateways.switch("hicoin", json!({"user_token_lifetime_s": 30})).await;
        world.gateways.switch("dotwallet", json!({"token_lifetime_s": 60})).await;
        let mut seen = everything_happens(&world).await;
        eventually("tokens have been renewed, too", async || {
            let hicoin = world.gateways.journal("hicoin", "refresh_token").await.len();
            let dotwallet = world.gateways.journal("dotwallet", "refresh_access_token").await.len();
            (hicoin > 2 && dotwallet > 0).then_some(())
        })
        .await;
        world.gateways.switch("hicoin", json!({"user_token_lifetime_s": 7200})).await;
        seen.extend(world.metrics().await);
        seen.push(world.api.get("/v1/payments?limit=100").await.text);
        seen.push(json!(world.api.events().await).to_string());
        world.stop_signer().await;
        let secrets = codes_and_tokens(&world).await;
        assert!(secrets.len() > 12, "{secrets:?}");
        let (logs, kept) = (world.said(), world.kept().await);
        for way in [DOTWALLET_AUTOPAY, HICOIN_H5] {
            assert!(logs.contains(way.account), "the logs tell of {}: {logs}", way.account);
        }
        for secret in &secrets {
            assert!(secret.len() > 16, "{secret}");
            let line = logs.lines().find(|line| line.contains(secret));
            assert!(line.is_none(), "in the log: {line:?}");
            for answer in &seen {
                assert!(!answer.contains(secret), "in an answer: {answer}");
            }
            for webhook in world.merchant.all() {
                assert!(!holds(&webhook.raw, secret), "in a webhook: {}", webhook.body);
            }
            for kept in &kept {
                assert!(!holds(&kept.bytes, secret), "in {}", kept.place);
            }
        }
    }
}
