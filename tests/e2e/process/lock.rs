//! One process a file: the second one is refused and told where the first one is, and a dead one is in nobody's way.

use countersign_tests::JUBAO_WECHAT_H5;

use super::stage::{Stage, last_words};

#[tokio::test]
async fn a_second_process_is_told_where_the_first_one_is_until_that_is_dead() {
    let mut stage = Stage::running().await;
    let payment = stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await;
    for _ in 0..2 {
        let first = stage.api.url.clone();
        let ended = stage.try_start_another().await.expect_err("two would submit twice");
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let line = last_words(&ended);
        assert!(line.contains("ledger.db") && line.ends_with(&first), "{line}");
        stage.is_up().await;
        // A power cut leaves the lock's file, and no lock.
        stage.kill().await;
        assert!(stage.dir().join("ledger.db.lock").is_file());
        stage.start().await;
        stage.audit(std::slice::from_ref(&payment), &[]).await;
    }
}

#[tokio::test]
async fn a_file_has_one_lock_by_whatever_name() {
    let mut stage = Stage::running().await;
    let (ledger, first) = (stage.dir().join("ledger.db"), stage.api.url.clone());
    let (symbolic, hard) = (stage.dir().join("symbolic.db"), stage.dir().join("hard.db"));
    std::os::unix::fs::symlink(&ledger, &symbolic).expect("a link");
    std::fs::hard_link(&ledger, &hard).expect("a link");
    for (name, says) in [(symbolic, Some(&first)), (hard, None)] {
        stage.settings.set("store.url", format!("sqlite:{}", name.display()));
        stage.settings.set("server.listen", "127.0.0.1:0");
        let ended = stage.try_start_another().await.expect_err("two would submit twice");
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let line = last_words(&ended);
        assert!(line.contains("another process"), "{line}");
        assert!(says.is_none_or(|address| line.ends_with(address.as_str())), "{line}");
        stage.is_up().await;
    }
}
