//! The order of syncs and answers, as the system saw it: what is answered as done is on the disk before.

use std::path::PathBuf;

use countersign_tests::{JUBAO_WECHAT_H5, Payment};
use serde_json::json;

use super::stage::Stage;
use super::trace::{self, Call};

const CALLS: &str = "pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg,read,recvfrom,recvmsg,readv";
/// How many payments are created, one after the other and then at the same time.
const PAYMENTS: usize = 40;
const LOG: &str = "/ledger.db-wal>";

/// A signer whose calls are recorded, and which does nothing on its own meanwhile.
async fn recorded() -> (Stage, PathBuf) {
    let mut stage = Stage::new().await;
    // Nobody but the requests writes: no worker delivers, and none has anything to ask.
    stage.settings.leave_out("webhook", "url");
    stage.settings.set("polling.open_s", vec![600]);
    let file = stage.dir().join("signer.trace");
    stage.launcher = trace::recording(CALLS, &file);
    stage.start().await;
    (stage, file)
}

async fn calls(mut stage: Stage, file: PathBuf) -> Vec<Call> {
    assert_eq!(stage.stop().await.code, Some(0));
    trace::read(&file).await
}

/// Where this answer about this payment begins to be written to its socket.
fn answered(calls: &[Call], status: &str, words: &[&str]) -> usize {
    let found = calls.iter().find(|call| {
        let sends = ["write", "writev", "sendto", "sendmsg"].contains(&call.name.as_str());
        sends
            && call.text.contains(&format!("HTTP/1.1 {status}"))
            && words.iter().all(|w| call.text.contains(w))
    });
    found.unwrap_or_else(|| panic!("no answer {status} with {words:?}")).began
}

/// When the log was on the disk with everything that was written to it until `written`.
fn synced_after(calls: &[Call], written: usize) -> usize {
    let sync = calls.iter().find(|call| call.is_sync_of(LOG) && call.began > written);
    let sync = sync.unwrap_or_else(|| panic!("no sync of the log after line {written}"));
    assert!(sync.worked(), "{}", sync.text);
    sync.ended
}

/// The writes to the log that hold this payment, between two lines.
fn writes<'a>(calls: &'a [Call], id: &str, from: usize, until: usize) -> Vec<&'a Call> {
    let about = |call: &&Call| call.is_write_to(LOG) && call.text.contains(id) && call.worked();
    calls.iter().filter(about).filter(|call| (from..until).contains(&call.began)).collect()
}

#[tokio::test]
async fn every_creation_is_on_the_disk_before_it_is_answered() {
    if !trace::is_permitted().await {
        return kept_without_a_record().await;
    }
    let (stage, file) = recorded().await;
    let mut one_by_one = Vec::new();
    for _ in 0..PAYMENTS {
        one_by_one.push(stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await.id);
    }
    let at_once = burst(&stage).await;
    let calls = calls(stage, file).await;
    for id in &one_by_one {
        let answer = answered(&calls, "201", &[id]);
        let written = writes(&calls, id, 0, answer);
        let last = written.last().unwrap_or_else(|| panic!("{id} was not written before it was answered"));
        assert!(synced_after(&calls, last.ended) < answer, "{id}");
    }
    for payment in &at_once {
        let answer = answered(&calls, "201", &[&payment.id]);
        // A later group may write the same page again for others: the first write is the payment's own.
        let written = writes(&calls, &payment.id, 0, answer);
        let first = written.first().unwrap_or_else(|| panic!("{} was not written before", payment.id));
        assert!(synced_after(&calls, first.ended) < answer, "{}", payment.id);
    }
    let syncs = calls.iter().filter(|call| call.is_sync_of(LOG)).count();
    assert!(syncs < 2 * PAYMENTS + 10, "{syncs} syncs: what comes at the same time shares one");
}

async fn burst(stage: &Stage) -> Vec<Payment> {
    let asked: Vec<_> = (0..PAYMENTS)
        .map(|_| {
            let (api, order) = (stage.api.clone(), stage.order(&JUBAO_WECHAT_H5));
            tokio::spawn(async move { api.create(&order).await })
        })
        .collect();
    let mut payments = Vec::new();
    for one in asked {
        payments.push(one.await.expect("it is answered"));
    }
    payments
}

/// What can be seen without a record: a process that is killed right after its answers has kept them.
async fn kept_without_a_record() {
    let mut stage = Stage::running().await;
    let payments = burst(&stage).await;
    stage.kill().await;
    stage.start().await;
    stage.audit(&payments, &[]).await;
}

#[tokio::test]
async fn every_further_change_is_on_the_disk_before_it_is_answered() {
    if !trace::is_permitted().await {
        return kept_without_a_record().await;
    }
    let (stage, file) = recorded().await;
    let sent = stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await;
    assert_eq!(stage.api.confirm(&sent).await["status"], "requires_action");
    let number = sent.body["order_id"].as_str().expect("a number").to_owned();
    let replies = stage.world.gateways.pay("jubao", &number, &json!({})).await;
    assert_eq!(replies, [json!({"status": 200, "body": "SUCCESS"})]);
    let canceled = stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await;
    let cancel = format!("/v1/payments/{}/cancel", canceled.id);
    stage.api.post(&cancel, &json!({})).await.expect(200);
    let key = stage.api.merchant_post("/v1/payments", &stage.order(&JUBAO_WECHAT_H5).to_string());
    let keyed = stage.api.send(key.header("idempotency-key", "durable-first")).await.expect(201);
    let calls = calls(stage, file).await;

    // The attempt is on the disk before the order leaves, and the gateway's answer before the payer gets theirs.
    let leaves = calls.iter().find(|call| {
        call.text.contains("POST /jubao/") && call.text.contains(&number) && call.name != "recvfrom"
    });
    let leaves = leaves.expect("the order leaves").began;
    in_order(&calls, &sent.id, "POST /v1/checkout/", leaves);
    let pressed = answered(&calls, "200", &[&sent.id, "requires_action"]);
    in_order(&calls, &sent.id, "POST /v1/checkout/", pressed);
    // The notification, the cancellation, and the answer under a key.
    in_order(&calls, &sent.id, "POST /v1/notifications/", answered(&calls, "200", &["SUCCESS"]));
    in_order(
        &calls,
        &canceled.id,
        &format!("POST {cancel}"),
        answered(&calls, "200", &[&canceled.id, "canceled"]),
    );
    let keyed = keyed["id"].as_str().expect("an id").to_owned();
    in_order(&calls, &keyed, "durable-first", answered(&calls, "201", &[&keyed]));
}

/// Asserts that after the request whose bytes have these words, something about the payment was written, and that all of
/// it was on the disk at `then`.
fn in_order(calls: &[Call], id: &str, request: &str, then: usize) {
    let reads = |call: &&Call| ["read", "recvfrom", "recvmsg", "readv"].contains(&call.name.as_str());
    let came = calls.iter().filter(reads).find(|call| call.text.contains(request));
    let came = came.unwrap_or_else(|| panic!("no request {request}")).ended;
    let written = writes(calls, id, came, then);
    let last = written.last().unwrap_or_else(|| panic!("nothing was written of {id} after {request}"));
    assert!(synced_after(calls, last.ended) < then, "{id}: {request}");
}
