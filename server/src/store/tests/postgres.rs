//! What only a server has: several instances at once.

use super::both::Ledger;

#[tokio::test(flavor = "multi_thread")]
async fn of_many_instances_that_start_at_once_one_makes_the_tables() {
    let ledger = std::sync::Arc::new(Ledger::on_a_server().await);
    let starts: Vec<_> = (0..12)
        .map(|_| {
            let ledger = std::sync::Arc::clone(&ledger);
            tokio::spawn(async move { ledger.open().await.own_key().await.unwrap() })
        })
        .collect();
    let mut keys = Vec::new();
    for start in starts {
        keys.push(start.await.unwrap());
    }
    keys.dedup();
    assert_eq!(keys.len(), 1, "all instances share one key");
}
