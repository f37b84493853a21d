//! A disk that cannot be written: from the start, or all of a sudden.

use countersign_tests::{JUBAO_WECHAT_H5, Payment};
use serde_json::Value;

use super::namespace::SmallDisk;
use super::stage::{Asked, Stage, last_words};
use super::trace;

#[tokio::test]
async fn a_read_only_disk_ends_the_start_with_one_line() {
    let mut stage = Stage::new().await;
    let at = stage.dir().join("disk");
    std::fs::create_dir(&at).expect("the temporary folder can be written");
    let disk = SmallDisk::mount(&at, 8).await;
    stage.settings.set("store.url", format!("sqlite:{}", at.join("ledger.db").display()));
    stage.launcher = disk.launcher();
    // Once without a ledger, once with one.
    for with_ledger in [true, false] {
        if with_ledger {
            stage.start().await;
            stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await;
            assert_eq!(stage.stop().await.code, Some(0));
            disk.make_read_only().await;
        } else {
            let nowhere = at.join("not-there.db");
            stage.settings.set("store.url", format!("sqlite:{}", nowhere.display()));
        }
        let ended = stage.try_start().await.expect_err("nothing could be written down");
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let line = last_words(&ended);
        let place = at.display().to_string();
        for word in [place.as_str(), "cannot be written", "Read-only file system", "must be able to write"] {
            assert!(line.contains(word), "{word}: {line}");
        }
    }
}

#[tokio::test]
async fn a_disk_that_turns_read_only_loses_nothing_and_is_used_again_when_it_can_be() {
    let mut stage = Stage::running().await;
    let first = stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await;
    assert_eq!(stage.stop().await.code, Some(0));
    if !trace::is_permitted().await {
        return;
    }
    // Writes of one thread from the 60th to the 90th are refused; only the ledger's thread comes so far.
    stage.launcher = trace::failing("pwrite64", "EROFS", "60..90", stage.dir());
    stage.start().await;
    let (mut done, mut refused): (Vec<Payment>, Vec<Value>) = (vec![first], Vec::new());
    let (mut was_down, mut again) = (false, 0);
    while again < 10 {
        let order = stage.order(&JUBAO_WECHAT_H5);
        match stage.ask(&order).await {
            Asked::Done(payment) => {
                done.push(payment);
                again += usize::from(!refused.is_empty());
            }
            Asked::NotNow => refused.push(order),
            Asked::Unanswered => panic!("the process stays up: {}", stage.signer().said()),
        }
        if refused.len() == 2 && !was_down {
            was_down = true;
            stage.until_ready(false).await;
            stage.is_up().await;
            stage.audit(&done, &[]).await;
        }
        assert!(done.len() + refused.len() < 500, "it fails, and then no more");
    }
    assert!(was_down, "it failed for a while");
    stage.until_ready(true).await;
    stage.kill().await;
    stage.launcher.clear();
    stage.start().await;
    stage.audit(&done, &refused).await;
}
