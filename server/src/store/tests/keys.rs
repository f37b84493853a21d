//! Idempotency keys.

use super::both::{Ledger, on_both};
use super::fixtures::new_payment;
use crate::store::{Created, KeyUse, NewPayment, Store, StoredAnswer, UnderKey};

fn key(name: &str, fingerprint: u8, now_ms: i64) -> KeyUse {
    let fingerprint = [fingerprint; 32];
    KeyUse { api_key: "backend".into(), key: name.into(), fingerprint, now_ms, held_until_ms: now_ms + 100 }
}

async fn under(store: &Store, order_id: &str, key: KeyUse) -> UnderKey<Created> {
    store.create_under_key(new_payment(order_id), key).await.unwrap()
}

async fn an_idempotency_key_keeps_its_first_answer(ledger: Ledger) {
    let store = ledger.open().await;
    let answer = |body: &str| StoredAnswer { fingerprint: [1; 32], http_status: 201, body: body.into() };
    assert!(matches!(under(&store, "A1", key("k", 1, 0)).await, UnderKey::Done { taken_over: false, .. }));
    assert!(matches!(under(&store, "A1", key("k", 1, 99)).await, UnderKey::InProgress));
    assert!(matches!(under(&store, "A1", key("k", 2, 99)).await, UnderKey::ByAnother));
    assert_eq!(store.keep_answer(key("k", 1, 99), answer("one")).await.unwrap(), answer("one"));
    assert_eq!(store.keep_answer(key("k", 1, 99), answer("two")).await.unwrap(), answer("one"));
    let replay = under(&store, "A1", key("k", 1, 100)).await;
    assert!(matches!(replay, UnderKey::Answered(kept) if kept == answer("one")));
}

async fn a_key_whose_holder_died_is_taken_over_and_one_that_did_nothing_is_free(ledger: Ledger) {
    let store = ledger.open().await;
    assert!(matches!(under(&store, "A1", key("k", 1, 0)).await, UnderKey::Done { .. }));
    let second = under(&store, "A1", key("k", 1, 100)).await;
    assert!(matches!(second, UnderKey::Done { outcome: Created::Existing(_), taken_over: true }));
    let other = NewPayment { fingerprint: [8; 32], ..new_payment("A1") };
    let refused = store.create_under_key(other, key("other", 1, 0)).await.unwrap();
    assert!(matches!(refused, UnderKey::Done { outcome: Created::OrderIdReused, .. }));
    assert!(matches!(
        under(&store, "A2", key("other", 3, 1)).await,
        UnderKey::Done { taken_over: false, .. }
    ));
    store.release_key(key("other", 3, 1)).await.unwrap();
    assert!(matches!(
        under(&store, "A3", key("other", 4, 1)).await,
        UnderKey::Done { taken_over: false, .. }
    ));
}

async fn an_answer_is_kept_though_the_holder_before_lets_the_key_go(ledger: Ledger) {
    let store = ledger.open().await;
    under(&store, "A1", key("k", 1, 0)).await;
    let taken = under(&store, "A1", key("k", 1, 100)).await;
    assert!(matches!(taken, UnderKey::Done { taken_over: true, .. }));
    store.release_key(key("k", 1, 0)).await.unwrap();
    let answer = StoredAnswer { fingerprint: [1; 32], http_status: 201, body: "one".into() };
    assert_eq!(store.keep_answer(key("k", 1, 100), answer.clone()).await.unwrap(), answer);
    let replay = under(&store, "A1", key("k", 1, 101)).await;
    assert!(matches!(replay, UnderKey::Answered(kept) if kept == answer));
}

on_both! {
    an_idempotency_key_keeps_its_first_answer,
    a_key_whose_holder_died_is_taken_over_and_one_that_did_nothing_is_free,
    an_answer_is_kept_though_the_holder_before_lets_the_key_go,
}
