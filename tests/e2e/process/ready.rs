//! `/readyz` asks the ledger, but not for everybody who asks.

use countersign_tests::JUBAO_WECHAT_H5;

use super::stage::Stage;

#[tokio::test]
async fn strangers_who_ask_whether_it_is_ready_do_not_keep_the_disk_busy() {
    let stage = Stage::running().await;
    stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await;
    assert!(stage.is_ready().await);
    let log = stage.dir().join("ledger.db-wal");
    let size = || std::fs::metadata(&log).expect("the log is there").len();
    let (before, began) = (size(), std::time::Instant::now());
    for _ in 0..40 {
        let asked: Vec<_> = (0..25)
            .map(|_| {
                let api = stage.api.clone();
                tokio::spawn(async move { api.get("/readyz").await.status })
            })
            .collect();
        for one in asked {
            assert_eq!(one.await.expect("it is answered").as_u16(), 200);
        }
    }
    // One look a second, each of a few pages of 4 kB.
    let looks = began.elapsed().as_secs() + 2;
    let grown = size().saturating_sub(before);
    assert!(grown <= looks * 10 * 4120, "{grown} bytes for 1000 questions in {looks} s");
}
