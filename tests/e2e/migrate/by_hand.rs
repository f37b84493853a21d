//! What somebody changed by hand is found, and a database that belongs to somebody is left alone.

use std::collections::BTreeMap;

use countersign_tests::{Ended, run, signer};

use super::{Move, paid};

/// Sums the ledger up on the server.
async fn summary(moving: &Move) -> Ended {
    let mut settings = moving.world.settings.clone();
    settings.set("store.url", moving.target.url.as_str());
    std::fs::write(moving.file(), settings.text()).expect("the folder can be written");
    let arguments = ["summary", "--config", &moving.file(), "--from", "2020-01-01", "--to", "2120-01-01"];
    run(&signer(), &arguments, &BTreeMap::new()).await
}

#[tokio::test]
async fn a_row_that_was_changed_before_the_comparison_is_found_and_copied_anew() {
    let mut moving = Move::prepare().await;
    let done = paid(&moving.world).await;
    moving.world.stop_signer().await;
    assert!(moving.migrate_until("attempts: ").await);
    moving.target.run("UPDATE payments SET amount = 1").await;
    let differs = moving.migrate().await;
    assert_eq!(differs.code, Some(1), "{differs:?}");
    let lines: Vec<&str> = differs.stdout.lines().collect();
    let at = lines.iter().position(|line| line.ends_with("DIFFERENT")).expect("a line that says so");
    assert!(lines[at - 1].starts_with("payments "), "{}", differs.stdout);
    assert!(differs.stderr.contains("differs from the ledger"), "{}", differs.stderr);
    assert!(moving.start_refused(&moving.target.url).await.contains("unfinished copy"));
    let copied = moving.migrate().await;
    assert_eq!(copied.code, Some(0), "{copied:?}");
    moving.start_on_the_server().await;
    assert_eq!(moving.world.api.payment(&done.id).await["amount"]["value"], 1000);
}

#[tokio::test]
async fn a_database_with_a_ledger_of_its_own_is_refused() {
    let mut moving = Move::prepare().await;
    paid(&moving.world).await;
    moving.world.stop_signer().await;
    moving.start_on_the_server().await;
    let own = paid(&moving.world).await;
    moving.world.stop_signer().await;
    moving.world.settings.set("store.url", moving.file_url());
    std::fs::write(moving.file(), moving.world.settings.text()).expect("the folder can be written");
    let refused = moving.migrate().await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("has a ledger of its own"), "{refused:?}");
    assert_eq!(moving.target.number("SELECT COUNT(*) FROM payments").await, 1);
    moving.start_on_the_server().await;
    assert_eq!(moving.world.api.payment(&own.id).await["status"], "succeeded");
}

#[tokio::test]
async fn the_summary_finds_what_was_changed_in_a_ledger_in_use() {
    let mut moving = Move::prepare().await;
    let done = paid(&moving.world).await;
    moving.world.stop_signer().await;
    assert_eq!(moving.migrate().await.code, Some(0));
    moving.start_on_the_server().await;
    let before = summary(&moving).await;
    assert_eq!(before.code, Some(0), "{before:?}");
    assert!(before.stdout.contains("check: equal"), "{}", before.stdout);
    moving.target.run("UPDATE payments SET amount = 2000").await;
    let after = summary(&moving).await;
    assert_eq!(after.code, Some(1), "{after:?}");
    assert!(
        after.stderr.contains(&done.id) && after.stderr.contains("20.00 CNY was asked"),
        "{}",
        after.stderr
    );
    assert!(after.stdout.contains("check: DIFFERENT"), "{}", after.stdout);
}
