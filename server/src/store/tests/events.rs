//! Events, and work in hand.

use super::both::{Ledger, on_both};
use super::fixtures::{created, fact, paid, started};
use crate::id;

async fn events_of_one_payment_are_delivered_in_order(ledger: Ledger) {
    let store = ledger.open().await;
    let record = started(&store, &created(&store, "A1").await).await;
    store.add_fact(&record.id, fact(paid(), 1)).await.unwrap();
    let first = store.take_due_events(10_000, 60_000, 10).await.unwrap();
    assert_eq!(first.len(), 1);
    assert!(String::from_utf8_lossy(&first[0].body).contains("payment.processing"));
    assert!(store.take_due_events(10_000, 60_000, 10).await.unwrap().is_empty());
    store.event_delivered(&first[0].id, 10_001).await.unwrap();
    let second = store.take_due_events(10_002, 60_000, 10).await.unwrap();
    assert!(String::from_utf8_lossy(&second[0].body).contains("payment.succeeded"));
}

async fn events_are_listed_in_one_order_for_ever(ledger: Ledger) {
    let store = ledger.open().await;
    let mut told = Vec::new();
    for order_id in ["A1", "A2", "A3"] {
        let record = started(&store, &created(&store, order_id).await).await;
        store.add_fact(&record.id, fact(paid(), 1)).await.unwrap();
        told.extend(store.events(None, 100).await.unwrap().unwrap().into_iter().skip(told.len()));
    }
    let ids = |rows: &[crate::store::EventRow]| rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    assert_eq!(told.len(), 6);
    assert_eq!(ids(&told), ids(&store.events(None, 100).await.unwrap().unwrap()));
    let rest = store.events(Some(told[1].id.clone()), 2).await.unwrap().unwrap();
    assert_eq!(ids(&rest), ids(&told[2..4]));
    assert!(store.events(Some(id::event_id(1)), 2).await.unwrap().is_none());
}

async fn what_was_in_hand_is_taken_up_again(ledger: Ledger) {
    let store = ledger.open().await;
    started(&store, &created(&store, "A1").await).await;
    assert_eq!(store.take_due_events(2_000, 60_000, 10).await.unwrap().len(), 1);
    assert_eq!(store.take_due_payments(14_000, 60_000, 10).await.unwrap().len(), 1);
    assert!(store.take_due_payments(15_000, 60_000, 10).await.unwrap().is_empty());
    store.recover(15_000).await.unwrap();
    // A file has one process, so what is in hand at the start is nobody's. A server may have others at work.
    let again = if store.is_shared() { 0 } else { 1 };
    assert_eq!(store.take_due_payments(15_000, 60_000, 10).await.unwrap().len(), again);
    assert_eq!(store.take_due_events(15_000, 60_000, 10).await.unwrap().len(), again);
    store.all_due(20_000).await.unwrap();
    assert_eq!(store.take_due_payments(20_000, 60_000, 10).await.unwrap().len(), 1);
    assert!(
        store.take_due_events(20_000, 60_000, 10).await.unwrap().is_empty(),
        "it is being sent right now"
    );
}

on_both! {
    events_of_one_payment_are_delivered_in_order,
    events_are_listed_in_one_order_for_ever,
    what_was_in_hand_is_taken_up_again,
}
