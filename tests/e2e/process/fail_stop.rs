//! A commit whose sync fails: nobody can say what is on the disk, so the process ends and answers nothing.

use countersign_tests::{JUBAO_WECHAT_H5, Payment};
use serde_json::{Value, json};

use super::stage::{Asked, Stage, last_words};
use super::trace;

#[tokio::test]
async fn a_failed_sync_is_never_answered_as_done_and_ends_the_process() {
    if !trace::is_permitted().await {
        return;
    }
    let mut stage = Stage::running().await;
    let mut done: Vec<Payment> = vec![stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await];
    assert_eq!(stage.stop().await.code, Some(0));
    let mut others: Vec<Value> = Vec::new();
    for (round, nth) in [12, 20, 31].into_iter().enumerate() {
        stage.launcher = trace::failing("fdatasync,fsync", "EIO", &format!("{nth}+"), stage.dir());
        stage.start().await;
        let before = done.len();
        loop {
            let mut order = stage.order(&JUBAO_WECHAT_H5);
            // Every other one is to be sent to its gateway at once.
            order["confirm"] = json!(done.len().is_multiple_of(2));
            match stage.ask(&order).await {
                Asked::Done(payment) => done.push(payment),
                Asked::NotNow => panic!("whoever waits gets no answer: {}", stage.signer().said()),
                Asked::Unanswered => {
                    others.push(order);
                    break;
                }
            }
            assert!(done.len() < 500, "the sync fails: {}", stage.signer().said());
        }
        let ended = stage.ended().await;
        assert_eq!(ended.code, Some(70), "{ended:?}");
        let line = last_words(&ended);
        assert!(line.contains("a commit failed") && line.contains("see to the disk"), "{line}");
        assert!(done.len() > before, "round {round} answered something before");
        stage.launcher.clear();
        stage.start().await;
        stage.audit(&done, &[]).await;
        assert_eq!(stage.stop().await.code, Some(0));
    }
    stage.start().await;
    stage.audit(&done, &others).await;
    // The gateway has each order once, however often it was asked for.
    let orders = stage.world.gateways.orders("jubao").await;
    let mut numbers: Vec<_> = orders.iter().map(|order| order["order_no"].to_string()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), orders.len(), "{orders:?}");
}

#[tokio::test]
async fn what_is_written_after_a_failed_sync_does_not_stand_on_a_log_that_may_be_lost() {
    if !trace::is_permitted().await {
        return;
    }
    let mut stage = Stage::running().await;
    let payment = stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await;
    stage.kill().await;
    let log = stage.dir().join("ledger.db-wal");
    let left = std::fs::metadata(&log).expect("a killed process leaves its log").len();
    assert!(left > 0);
    // What the log held goes into the database, and to the disk, before anybody is served.
    let file = stage.dir().join("start.trace");
    stage.launcher = trace::recording("openat,pwrite64,ftruncate,fdatasync,fsync,write", &file);
    stage.start().await;
    stage.audit(&[payment], &[]).await;
    stage.kill().await;
    let calls = trace::read(&file).await;
    let synced = calls.iter().position(|call| call.is_sync_of("/ledger.db>") && call.worked());
    let emptied = calls.iter().position(|call| {
        call.name == "ftruncate" && call.text.contains("ledger.db-wal>, 0)") && call.worked()
    });
    let ready =
        calls.iter().position(|call| call.name == "write" && call.text.contains("countersign is ready"));
    let (synced, emptied, ready) = (
        synced.expect("the database is synced"),
        emptied.expect("the log is emptied"),
        ready.expect("ready"),
    );
    assert!(synced < emptied && emptied < ready, "{synced} {emptied} {ready}");
}
