//! What only a file has: a lock against a second process.

use super::both::Ledger;
use crate::store::{Store, StoreError};

#[tokio::test]
async fn a_second_process_is_kept_out_and_told_where_the_first_one_is() {
    let ledger = Ledger::in_a_file();
    let store = ledger.open().await;
    let second = Store::open(&ledger.url, 2, true).await;
    assert!(matches!(second, Err(StoreError::InUse { by: None, .. })));
    store.announce("http://127.0.0.1:8787");
    let second = Store::open(&ledger.url, 2, true).await.err().unwrap();
    assert!(
        second.to_string().ends_with("another process has this ledger: a signer at http://127.0.0.1:8787")
    );
    drop(store);
    let again = ledger.open().await;
    drop(again);
}
