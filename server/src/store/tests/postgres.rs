//! What only a server has: several instances at once.

use super::both::Ledger;
use crate::store::Store;

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

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_hold_every_character_is_refused() {
    let ledger =
        Ledger::in_a_database("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0").await;
    let refused = Store::open(&ledger.url, 2, true).await.err().unwrap().to_string();
    ledger.drop_database().await;
    assert!(refused.contains("the database's encoding is LATIN1; it must be UTF8"), "{refused}");
}
