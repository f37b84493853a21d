//! `countersign reconcile`: every open or uncertain payment asked about now, by whoever has the ledger.

use countersign_tests::{
    BLUEOCEAN_ALIPAY_QRCODE, Ended, HICOIN_H5, JUBAO_WECHAT_H5, Payment, Settings, Way, World, run, signer,
};
use serde_json::json;

/// Nothing is asked about but by the command.
fn patient(settings: &mut Settings) {
    settings.set("polling.open_s", vec![600]);
}

/// Runs the command beside the signer's configuration, with the address it listens on.
async fn reconcile(world: &World, further: &[&str]) -> Ended {
    let mut settings = world.settings.clone();
    settings.set("server.listen", world.api.url.trim_start_matches("http://"));
    let file = world.dir().join("reconcile.toml");
    std::fs::write(&file, settings.text()).expect("the temporary folder can be written");
    let file = file.to_str().expect("a readable name");
    let arguments = [&["reconcile", "--config", file], further].concat();
    run(&signer(), &arguments, &settings.env).await
}

async fn open(world: &World, way: &Way) -> Payment {
    let payment = world.api.create(&world.order(way)).await;
    assert_eq!(world.api.confirm(&payment).await["status"], "requires_action");
    payment
}

fn order_no(payment: &Payment) -> &str {
    payment.body["order_id"].as_str().expect("a number")
}

/// Paid, and nobody has said so.
async fn paid_in_silence(world: &World, way: &Way) -> Payment {
    let payment = open(world, way).await;
    world.gateways.pay(way.gateway, order_no(&payment), &json!({"notify": false})).await;
    payment
}

fn line(payment: &Payment, way: &Way, rest: &str) -> String {
    format!("{} {} {} {rest}", payment.id, way.account, order_no(payment))
}

/// The lines, sorted, and the last one apart.
fn lines(ended: &Ended) -> (Vec<String>, String) {
    let mut lines: Vec<String> = ended.stdout.lines().map(str::to_owned).collect();
    let last = lines.pop().unwrap_or_else(|| panic!("nothing was said: {ended:?}"));
    lines.sort();
    (lines, last)
}

#[tokio::test]
async fn with_a_signer_running_it_is_the_signer_who_asks() {
    let world = World::with(patient).await;
    let paid = paid_in_silence(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    let waiting = open(&world, &HICOIN_H5).await;
    let settled = open(&world, &JUBAO_WECHAT_H5).await;
    world.gateways.pay("jubao", order_no(&settled), &json!({})).await;
    world.api.until_status(&settled.id, "succeeded").await;
    let ended = reconcile(&world, &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let mut expected = vec![
        line(&paid, &BLUEOCEAN_ALIPAY_QRCODE, "requires_action -> succeeded: paid"),
        line(&waiting, &HICOIN_H5, "requires_action -> requires_action: not paid yet"),
    ];
    expected.sort();
    assert_eq!(lines(&ended), (expected, "2 payments, 1 changed, 0 could not be asked".to_owned()));
    world.merchant.until_taken(&paid.id, "payment.succeeded").await;
}

#[tokio::test]
async fn without_a_signer_it_asks_by_itself_and_the_next_signer_delivers() {
    let mut world = World::with(patient).await;
    let paid = paid_in_silence(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    let lost = world.api.create(&world.order(&BLUEOCEAN_ALIPAY_QRCODE)).await;
    world.gateways.fault("blueocean", json!({"endpoint": "pay", "fault": "drop_after"})).await;
    assert_eq!(world.api.confirm(&lost).await["status"], "processing");
    world.kill_signer().await;
    let ended = reconcile(&world, &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let mut expected = vec![
        line(&paid, &BLUEOCEAN_ALIPAY_QRCODE, "requires_action -> succeeded: paid"),
        line(&lost, &BLUEOCEAN_ALIPAY_QRCODE, "processing -> requires_action: not paid yet"),
    ];
    expected.sort();
    assert_eq!(lines(&ended), (expected, "2 payments, 2 changed, 0 could not be asked".to_owned()));
    world.start_signer().await;
    assert_eq!(world.api.payment(&paid.id).await["status"], "succeeded");
    world.merchant.until_taken(&paid.id, "payment.succeeded").await;
}

#[tokio::test]
async fn what_could_not_be_asked_is_said_and_counted() {
    let mut world = World::with(patient).await;
    let mute = open(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    let fault = json!({"endpoint": "query", "fault": "status_500_before", "times": 1000});
    world.gateways.fault("blueocean", fault).await;
    for running in [true, false] {
        if !running {
            world.kill_signer().await;
        }
        let ended = reconcile(&world, &[]).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let (said, last) = lines(&ended);
        let expected =
            line(&mute, &BLUEOCEAN_ALIPAY_QRCODE, "requires_action -> requires_action: could not be asked: ");
        assert!(said.len() == 1 && said[0].starts_with(&expected), "{said:?}");
        assert!(said[0].contains("500"), "{said:?}");
        assert_eq!(last, "1 payments, 0 changed, 1 could not be asked");
    }
}

#[tokio::test]
async fn it_may_be_narrowed_to_an_account_and_to_a_time() {
    let mut world = World::with(patient).await;
    let one = open(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    let other = open(&world, &HICOIN_H5).await;
    for running in [true, false] {
        if !running {
            world.kill_signer().await;
        }
        let (said, _) = lines(&reconcile(&world, &["--account", "hk"]).await);
        assert!(said.len() == 1 && said[0].contains(&one.id), "{said:?}");
        let (said, _) = lines(&reconcile(&world, &["--since", "2020-01-01T08:00:00+08:00"]).await);
        assert!(said.len() == 2 && said.iter().any(|line| line.contains(&other.id)), "{said:?}");
        let ended = reconcile(&world, &["--since", "2100-01-01T00:00:00Z"]).await;
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(0), "0 payments, 0 changed, 0 could not be asked\n")
        );
    }
    let ended = reconcile(&world, &["--account", "nobody"]).await;
    assert!(ended.code == Some(2) && ended.stderr.contains("nobody"), "{ended:?}");
    assert_eq!(reconcile(&world, &["--since", "yesterday"]).await.code, Some(2));
}

#[tokio::test]
async fn money_for_payments_that_ended_is_found_and_reviews_are_looked_into() {
    let world = World::with(patient).await;
    let canceled = open(&world, &JUBAO_WECHAT_H5).await;
    world.api.post(&format!("/v1/payments/{}/cancel", canceled.id), &json!({})).await.expect(200);
    world.gateways.pay("jubao", order_no(&canceled), &json!({"notify": false})).await;
    let ended = reconcile(&world, &[]).await;
    let expected = line(&canceled, &JUBAO_WECHAT_H5, "canceled -> review (paid_after_cancel): paid");
    assert_eq!(lines(&ended).0, [expected], "{ended:?}");
    let again = line(&canceled, &JUBAO_WECHAT_H5, "review -> review (paid_after_cancel): paid");
    assert_eq!(lines(&reconcile(&world, &[]).await).0, [again]);
}

#[tokio::test]
async fn no_secret_is_in_what_it_says() {
    let world = World::with(patient).await;
    open(&world, &BLUEOCEAN_ALIPAY_QRCODE).await;
    let ended = reconcile(&world, &[]).await;
    for secret in world.settings.env.values() {
        assert!(!ended.stdout.contains(secret) && !ended.stderr.contains(secret));
    }
}
