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
        let asked: Vec<_> = (0..25).map(|_| stage.is_ready()).collect();
        for ready in futures(asked).await {
            assert!(ready);
        }
    }
    // One look a second, each of a few pages of 4 kB.
    let looks = began.elapsed().as_secs() + 2;
    let grown = size().saturating_sub(before);
    assert!(grown <= looks * 10 * 4120, "{grown} bytes for 1000 questions in {looks} s");
}

/// Waits for all of them at the same time.
async fn futures<T>(all: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut all: Vec<_> = all.into_iter().map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|context| {
        for (one, came) in &mut all {
            if came.is_none()
                && let std::task::Poll::Ready(value) = one.as_mut().poll(context)
            {
                *came = Some(value);
            }
        }
        if all.iter().all(|(_, came)| came.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    all.into_iter().map(|(_, came)| came.expect("all came")).collect()
}
