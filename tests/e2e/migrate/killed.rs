//! A copy that is killed at any moment goes on, and nothing can be paid on half of one.

use countersign_tests::JUBAO_WECHAT_H5;

use super::{Move, confirmed, paid};

#[tokio::test]
async fn a_copy_that_is_killed_again_and_again_ends_whole() {
    let mut moving = Move::prepare().await;
    let (done, open) = (paid(&moving.world).await, confirmed(&moving.world).await);
    let more: Vec<_> = (0..40).map(|_| moving.world.order(&JUBAO_WECHAT_H5)).collect();
    for order in &more {
        moving.world.api.create(order).await;
    }
    moving.world.stop_signer().await;
    for says in ["copying", "payments: ", "attempts: ", "facts: ", "events: "] {
        assert!(moving.migrate_until(says).await, "it ended before it said {says}");
        let said = moving.start_refused(&moving.target.url).await;
        assert!(said.contains("unfinished copy") && said.contains("countersign migrate"), "{said}");
    }
    assert!(moving.migrate_until("going on where the copy was interrupted").await);
    for says in ["comparing payments", "comparing facts"] {
        // It may just have come to its end.
        moving.migrate_until(says).await;
    }
    let copied = moving.migrate().await;
    assert_eq!(copied.code, Some(0), "{copied:?}");
    assert_eq!(moving.target.number("SELECT COUNT(*) FROM payments").await, 42);
    moving.start_on_the_server().await;
    assert_eq!(moving.world.api.payment(&done.id).await["status"], "succeeded");
    assert_eq!(moving.world.api.payment(&open.id).await["status"], "requires_action");
}

#[tokio::test]
async fn a_copy_that_is_killed_after_the_file_was_left_is_finished_by_the_next() {
    let mut moving = Move::prepare().await;
    let done = paid(&moving.world).await;
    moving.world.stop_signer().await;
    // It may just have come to its end.
    moving.migrate_until("everything is the same").await;
    let said = moving.start_refused(&moving.file_url()).await;
    assert!(said.contains("moved to PostgreSQL"), "{said}");
    let copied = moving.migrate().await;
    assert_eq!(copied.code, Some(0), "{copied:?}");
    moving.start_on_the_server().await;
    assert_eq!(moving.world.api.payment(&done.id).await["status"], "succeeded");
}

#[tokio::test]
async fn a_signer_that_was_used_between_two_copies_loses_nothing() {
    let mut moving = Move::prepare().await;
    let open = confirmed(&moving.world).await;
    moving.world.stop_signer().await;
    assert!(moving.migrate_until("facts: ").await);
    moving.world.start_signer().await;
    let order_no = open.body["order_id"].as_str().expect("a number");
    moving.world.gateways.pay("jubao", order_no, &serde_json::json!({})).await;
    moving.world.api.until_status(&open.id, "succeeded").await;
    let later = paid(&moving.world).await;
    moving.world.stop_signer().await;
    let copied = moving.migrate().await;
    assert_eq!(copied.code, Some(0), "{copied:?}");
    assert!(copied.stderr.contains("copying anew"), "{copied:?}");
    moving.start_on_the_server().await;
    for payment in [&open, &later] {
        assert_eq!(moving.world.api.payment(&payment.id).await["status"], "succeeded");
    }
}
