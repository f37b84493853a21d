//! A clock that is set while the signer runs, and between two runs: nothing waits for a time planned by the wrong one.

use std::path::PathBuf;

use countersign_tests::{BLUEOCEAN_ALIPAY_QRCODE, JUBAO_WECHAT_H5, Payment, Way, eventually, holds_while};
use serde_json::{Value, json};

use super::stage::Stage;

/// A stage whose signer's wall clock can be set; the steady clock goes on.
struct Clock {
    stage: Stage,
    file: PathBuf,
}

impl Clock {
    async fn new() -> Self {
        let mut stage = Stage::new().await;
        let file = stage.dir().join("clock");
        let env = [
            ("LD_PRELOAD", library().display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", file.display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("NO_FAKE_STAT", "1".to_owned()),
        ];
        stage.settings.env.extend(env.map(|(name, value)| (name.to_owned(), value)));
        let clock = Self { stage, file };
        clock.set("+0");
        clock
    }

    /// Sets the clock so far from the right time. All at once: it is read all the time.
    fn set(&self, offset: &str) {
        let new = self.file.with_extension("new");
        std::fs::write(&new, offset).expect("the temporary folder can be written");
        std::fs::rename(&new, &self.file).expect("the temporary folder can be written");
    }

    async fn until_noticed(&mut self, words: &str) {
        eventually(words, async || self.stage.signer().said().contains(words).then_some(())).await;
    }

    async fn until_refused(&self, payment: &Payment, times: usize) {
        let merchant = &self.stage.world.merchant;
        eventually("it was refused", async || (merchant.about(&payment.id).len() >= times).then_some(()))
            .await;
    }

    async fn canceled(&self) -> Payment {
        let payment = self.stage.api.create(&self.stage.order(&JUBAO_WECHAT_H5)).await;
        self.stage.post(&format!("/v1/payments/{}/cancel", payment.id)).await.expect(200);
        payment
    }

    async fn open(&self, way: &Way) -> Payment {
        let payment = self.stage.api.create(&self.stage.order(way)).await;
        assert_eq!(self.stage.api.confirm(&payment).await["status"], "requires_action");
        payment
    }

    async fn pay_in_silence(&self, way: &Way, payment: &Payment) {
        let number = payment.body["order_id"].as_str().expect("a number");
        self.stage.world.gateways.pay(way.gateway, number, &json!({"notify": false})).await;
    }
}

/// Debian's `faketime`.
fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").expect("a folder of libraries").flatten();
    let found =
        folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|file| file.is_file());
    found.expect("libfaketime is not there: `cargo xtask setup` installs it, or Debian's package faketime")
}

#[tokio::test]
async fn a_webhook_planned_by_a_clock_a_day_ahead_goes_out_when_the_clock_is_right() {
    let mut clock = Clock::new().await;
    clock.stage.start().await;
    clock.set("+1d");
    clock.until_noticed("the clock was set").await;
    // Its signature is of tomorrow, so it is not taken; the next try is planned for tomorrow.
    let payment = clock.canceled().await;
    clock.until_refused(&payment, 1).await;
    clock.set("+0");
    clock.stage.world.merchant.until_taken(&payment.id, "payment.canceled").await;
}

#[tokio::test]
async fn a_webhook_planned_by_a_clock_a_day_ahead_goes_out_after_a_restart_with_the_right_one() {
    let mut clock = Clock::new().await;
    clock.stage.settings.set("webhook.schedule_s", vec![600, 600, 600]);
    clock.stage.start().await;
    clock.stage.world.merchant.fail_next(1);
    let payment = clock.canceled().await;
    clock.until_refused(&payment, 1).await;
    assert_eq!(clock.stage.stop().await.code, Some(0));
    // In this run no payment changes: only the delivery fails once more.
    clock.set("+1d");
    clock.stage.start().await;
    clock.until_refused(&payment, 2).await;
    assert_eq!(clock.stage.stop().await.code, Some(0));
    clock.set("+0");
    clock.stage.start().await;
    clock.until_noticed("a later time than this clock").await;
    clock.stage.world.merchant.until_taken(&payment.id, "payment.canceled").await;
}

#[tokio::test]
async fn a_payment_paid_while_the_clock_is_set_back_is_found() {
    let mut clock = Clock::new().await;
    clock.stage.start().await;
    let payment = clock.open(&BLUEOCEAN_ALIPAY_QRCODE).await;
    for (offset, way) in [("-1d", BLUEOCEAN_ALIPAY_QRCODE), ("-3h", JUBAO_WECHAT_H5), ("+0", JUBAO_WECHAT_H5)]
    {
        let payment = if offset == "-1d" { payment.clone() } else { clock.open(&way).await };
        clock.set(offset);
        clock.pay_in_silence(&way, &payment).await;
        clock.stage.api.until_status(&payment.id, "succeeded").await;
    }
    clock.until_noticed("the clock was set").await;
}

#[tokio::test]
async fn revisions_and_events_keep_their_order_however_the_clock_is_set() {
    let mut clock = Clock::new().await;
    clock.set("+1d");
    clock.stage.start().await;
    let payment = clock.open(&JUBAO_WECHAT_H5).await;
    clock.set("+0");
    clock.until_noticed("the clock was set").await;
    let number = payment.body["order_id"].as_str().expect("a number");
    let replies = clock.stage.world.gateways.pay("jubao", number, &json!({})).await;
    assert_eq!(replies, [json!({"status": 200, "body": "SUCCESS"})]);
    // The news goes out now, although the payment's own time is tomorrow's.
    clock.stage.world.merchant.until_taken(&payment.id, "payment.succeeded").await;
    let told = clock.stage.world.merchant.about(&payment.id);
    let taken = told.iter().filter(|webhook| webhook.taken).map(|webhook| &webhook.body);
    let (revisions, kinds): (Vec<_>, Vec<_>) =
        taken.map(|body| (body["data"]["revision"].as_i64(), body["type"].clone())).unzip();
    assert!(revisions.is_sorted(), "{told:?}");
    assert_eq!(kinds.last(), Some(&json!("payment.succeeded")));
    let full = clock.stage.api.payment(&payment.id).await;
    assert!(full["updated_at"].as_str() >= full["created_at"].as_str(), "{full}");
    let events: Vec<Value> = clock.stage.api.events().await;
    let listed: Vec<_> = events.iter().map(|event| event["type"].clone()).collect();
    assert_eq!(listed, kinds, "in the order in which it arrived");
}

#[tokio::test]
async fn a_clock_that_runs_ahead_expires_nothing_without_asking() {
    let mut clock = Clock::new().await;
    clock.stage.settings.set("polling.settling_s", vec![1, 3600, 86_400]);
    clock.stage.start().await;
    let (paid, unpaid) =
        (clock.open(&BLUEOCEAN_ALIPAY_QRCODE).await, clock.open(&BLUEOCEAN_ALIPAY_QRCODE).await);
    let gateways = &clock.stage.world.gateways;
    gateways
        .fault("blueocean", json!({"endpoint": "query", "fault": "status_500_before", "times": 1000}))
        .await;
    clock.set("+1h");
    let asked = gateways.journal("blueocean", "query").await.len();
    holds_while(
        "it asks",
        async || {
            for payment in [&paid, &unpaid] {
                let status = clock.stage.api.payment(&payment.id).await["status"].clone();
                assert!(
                    ["requires_action", "processing"].contains(&status.as_str().unwrap_or_default()),
                    "{status}"
                );
            }
        },
        async || (gateways.journal("blueocean", "query").await.len() >= asked + 2).then_some(()),
    )
    .await;
    clock.pay_in_silence(&BLUEOCEAN_ALIPAY_QRCODE, &paid).await;
    clock.stage.world.gateways.clear_faults("blueocean").await;
    for (payment, status) in [(&paid, "succeeded"), (&unpaid, "expired")] {
        clock.stage.post(&format!("/v1/payments/{}/sync", payment.id)).await.expect(200);
        clock.stage.api.until_status(&payment.id, status).await;
    }
}
