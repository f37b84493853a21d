//! A disk that is full: what cannot be written is refused, nothing leaves, nothing is lost, and it goes on by itself.

use axum::http::Method;
use countersign_tests::{JUBAO_WECHAT_H5, Payment, eventually};
use serde_json::{Value, json};

use super::namespace::SmallDisk;
use super::stage::{Asked, Stage, last_words, not_ready};

async fn on_a_small_disk() -> (Stage, SmallDisk) {
    let mut stage = Stage::new().await;
    let at = stage.dir().join("disk");
    std::fs::create_dir(&at).expect("the temporary folder can be written");
    let disk = SmallDisk::mount(&at, 8).await;
    stage.settings.set("store.url", format!("sqlite:{}", at.join("ledger.db").display()));
    stage.launcher = disk.launcher();
    stage.start().await;
    (stage, disk)
}

fn order_no(payment: &Payment) -> &str {
    payment.body["order_id"].as_str().expect("a number")
}

/// A payment whose payer can pay.
async fn open(stage: &Stage) -> Payment {
    let payment = stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await;
    assert_eq!(stage.api.confirm(&payment).await["status"], "requires_action");
    payment
}

#[tokio::test]
async fn what_finds_no_room_is_refused_and_when_there_is_room_again_it_goes_on() {
    let (mut stage, disk) = on_a_small_disk().await;
    let paid = open(&stage).await;
    stage.world.gateways.pay("jubao", order_no(&paid), &json!({})).await;
    stage.api.until_status(&paid.id, "succeeded").await;
    let closed = open(&stage).await;
    let (waiting, unsent) = (open(&stage).await, stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await);
    let before = stage.at_gateway(&JUBAO_WECHAT_H5).await;

    disk.fill();
    let mut refused: Vec<Value> = Vec::new();
    for _ in 0..300 {
        let order = stage.order(&JUBAO_WECHAT_H5);
        assert!(matches!(stage.ask(&order).await, Asked::NotNow), "there is no room for it");
        refused.push(order);
    }
    stage.until_ready(false).await;
    stage.is_up().await;
    assert_eq!(stage.api.payment(&paid.id).await["status"], "succeeded", "it can still be read");
    // Nothing leaves for a gateway that is not written down first.
    not_ready(&stage.api.try_confirm(&unsent, &json!({})).await);
    not_ready(&stage.post(&format!("/v1/payments/{}/confirm", unsent.id)).await);
    let mut at_once = stage.order(&JUBAO_WECHAT_H5);
    at_once["confirm"] = json!(true);
    assert!(matches!(stage.ask(&at_once).await, Asked::NotNow));
    assert_eq!(stage.at_gateway(&JUBAO_WECHAT_H5).await, before);
    // And no gateway is told that its word was taken.
    let replies = stage.world.gateways.pay("jubao", order_no(&waiting), &json!({})).await;
    assert_eq!(replies, [json!({"status": 503, "body": "FAIL"})]);
    a_word_that_is_not_paid_is_not_taken_either(&stage, &closed).await;
    not_a_line_a_request(&mut stage);

    disk.free();
    stage.until_ready(true).await;
    stage.api.until_status(&waiting.id, "succeeded").await;
    assert_eq!(stage.api.confirm(&unsent).await["status"], "requires_action");
    refused.push(at_once);
    stage.audit(&[paid, waiting, unsent, closed], &refused).await;
    assert_eq!(stage.stop().await.code, Some(0), "it was the same process all the time");
}

async fn a_word_that_is_not_paid_is_not_taken_either(stage: &Stage, payment: &Payment) {
    let gateways = &stage.world.gateways;
    let path = format!("/jubao/orders/{}/close", order_no(payment));
    gateways.ask(Method::POST, &path, &json!({"notify": true})).await;
    let replies = eventually("it was told", async || {
        let order = gateways.order("jubao", order_no(payment)).await;
        let replies = order["notifications"].as_array().expect("a list").clone();
        (!replies.is_empty()).then_some(replies)
    })
    .await;
    assert!(
        replies.iter().all(|reply| reply["status"] == 503 && reply["acknowledged"] == false),
        "{replies:?}"
    );
}

/// The log says what is wrong, and that it is over, but not with every request.
fn not_a_line_a_request(stage: &mut Stage) {
    let said = stage.signer().said();
    let lines: Vec<&str> = said.lines().filter(|line| line.contains("ERROR")).collect();
    assert!(lines.iter().any(|line| line.contains("no room on the disk")), "{said}");
    assert!(lines.len() < 30, "{} lines for more than 300 requests: {lines:#?}", lines.len());
}

#[tokio::test]
async fn a_power_cut_on_a_full_disk_loses_nothing_that_was_answered() {
    let (mut stage, disk) = on_a_small_disk().await;
    let mut done = Vec::new();
    for _ in 0..20 {
        done.push(stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await);
    }
    disk.fill();
    let mut refused = Vec::new();
    for _ in 0..20 {
        let order = stage.order(&JUBAO_WECHAT_H5);
        match stage.ask(&order).await {
            Asked::Done(payment) => done.push(payment),
            Asked::NotNow | Asked::Unanswered => refused.push(order),
        }
    }
    assert!(!refused.is_empty());
    stage.kill().await;
    if let Err(ended) = stage.try_start().await {
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let line = last_words(&ended);
        assert!(line.contains("ledger.db") && line.contains("cannot be written"), "{line}");
        disk.free();
        stage.start().await;
    } else {
        disk.free();
    }
    eventually("it can serve", async || stage.is_ready().await.then_some(())).await;
    stage.audit(&done, &refused).await;
}
