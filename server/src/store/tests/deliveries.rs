//! Delivering events: in order, by one at a time, again when asked for.

use std::collections::BTreeSet;

use super::both::{Ledger, on_both};
use super::fixtures::{created, fact, paid, refused, started};
use crate::store::{Delivery, EventRow, NextTry, Store};

const HOLD_MS: i64 = 45_000;

/// A payment with two events, `processing` and `succeeded`.
async fn two_events(store: &Store, order_id: &str) -> Vec<EventRow> {
    let record = started(store, &created(store, order_id).await).await;
    store.add_fact(&record.id, fact(paid(), 1)).await.unwrap();
    store.events_of(&record.id).await.unwrap()
}

async fn take(store: &Store, now_ms: i64) -> Vec<Delivery> {
    store.take_due_events(now_ms, HOLD_MS, 16).await.unwrap()
}

async fn take_one(store: &Store, now_ms: i64) -> Delivery {
    let mut taken = take(store, now_ms).await;
    assert_eq!(taken.len(), 1, "{taken:?}");
    taken.remove(0)
}

/// As it is stored now.
async fn stored(store: &Store, event: &EventRow) -> EventRow {
    let events = store.events(None, 100).await.unwrap().unwrap();
    events.into_iter().find(|row| row.id == event.id).unwrap()
}

fn again(at_ms: i64, failures: i64) -> NextTry {
    NextTry::At { at_ms, planned_at_ms: at_ms, not_before_ms: 0, failures }
}

async fn the_next_event_waits_until_the_one_before_has_arrived_or_is_given_up(ledger: Ledger) {
    let store = ledger.open().await;
    let events = two_events(&store, "A1").await;
    let first = take_one(&store, 10_000).await;
    assert_eq!((&first.id, first.number, first.failures), (&events[0].id, 1, 0));
    store.event_refused(refused(&first, 10_001, again(20_000, 1))).await.unwrap();
    assert!(take(&store, 19_999).await.is_empty());
    let first = take_one(&store, 20_000).await;
    assert_eq!((&first.id, first.number, first.failures), (&events[0].id, 2, 1));
    store.event_refused(refused(&first, 20_001, NextTry::Never { failures: 2 })).await.unwrap();
    assert_eq!(take_one(&store, 20_002).await.id, events[1].id);
    let given_up = stored(&store, &events[0]).await;
    assert_eq!((given_up.exhausted_at_ms, given_up.deliveries), (Some(20_001), 2));
    assert_eq!(given_up.last_error.as_deref(), Some("HTTP status 500"));
    assert_eq!(store.endpoint().await.unwrap().1.exhausted, 1);
}

async fn an_event_that_arrived_goes_out_again_beside_newer_ones(ledger: Ledger) {
    let store = ledger.open().await;
    let events = two_events(&store, "A1").await;
    let first = take_one(&store, 10_000).await;
    store.event_delivered(&first.id, 10_001).await.unwrap();
    let asked = store.redeliver(&first.id, 10_002).await.unwrap().unwrap();
    assert_eq!((asked.next_attempt_at_ms, asked.delivered_at_ms), (Some(10_002), Some(10_001)));
    // Both at once: neither waits for the other.
    let taken: BTreeSet<_> = take(&store, 10_003).await.into_iter().map(|delivery| delivery.id).collect();
    assert_eq!(taken, events.iter().map(|event| event.id.clone()).collect());
    let again = stored(&store, &events[0]).await;
    assert_eq!((again.deliveries, again.taken), (2, true));
    // Refused for good, it is still one that arrived.
    let first = Delivery { number: 2, ..first };
    store.event_refused(refused(&first, 10_004, NextTry::Never { failures: 1 })).await.unwrap();
    let after = stored(&store, &events[0]).await;
    assert_eq!((after.delivered_at_ms, after.exhausted_at_ms), (Some(10_001), None));
}

async fn an_event_that_waits_keeps_its_place_when_it_is_asked_for(ledger: Ledger) {
    let store = ledger.open().await;
    let events = two_events(&store, "A1").await;
    let first = take_one(&store, 10_000).await;
    store.event_refused(refused(&first, 10_001, again(9_000_000, 1))).await.unwrap();
    store.redeliver(&events[1].id, 20_000).await.unwrap().unwrap();
    let first = take_one(&store, 20_000).await;
    assert_eq!((&first.id, first.failures), (&events[0].id, 0), "the older one first");
    store.event_delivered(&first.id, 20_001).await.unwrap();
    assert_eq!(take_one(&store, 20_002).await.id, events[1].id);
}

async fn an_event_that_was_given_up_can_be_asked_for(ledger: Ledger) {
    let store = ledger.open().await;
    let events = two_events(&store, "A1").await;
    let first = take_one(&store, 10_000).await;
    store.event_refused(refused(&first, 10_001, NextTry::Never { failures: 1 })).await.unwrap();
    store.redeliver(&events[0].id, 10_002).await.unwrap().unwrap();
    assert_eq!(store.endpoint().await.unwrap().1.exhausted, 0);
    assert_eq!(take(&store, 10_003).await.len(), 2);
    store.event_delivered(&events[0].id, 10_004).await.unwrap();
    let arrived = stored(&store, &events[0]).await;
    assert_eq!((arrived.delivered_at_ms, arrived.next_attempt_at_ms), (Some(10_004), None));
}

async fn what_is_being_sent_is_not_sent_a_second_time_because_somebody_asks(ledger: Ledger) {
    let store = ledger.open().await;
    let events = two_events(&store, "A1").await;
    take_one(&store, 10_000).await;
    store.redeliver(&events[0].id, 10_001).await.unwrap().unwrap();
    store.redeliver(&events[1].id, 10_001).await.unwrap().unwrap();
    assert!(take(&store, 10_002).await.is_empty());
}

async fn a_worker_that_was_lost_and_comes_back_late_spoils_nothing(ledger: Ledger) {
    let store = ledger.open().await;
    let events = two_events(&store, "A1").await;
    let lost = take_one(&store, 10_000).await;
    // Its hold is over; another one takes the event.
    let other = take_one(&store, 10_000 + HOLD_MS).await;
    assert_eq!((&other.id, other.number), (&events[0].id, 2));
    store.event_refused(refused(&lost, 60_000, NextTry::Never { failures: 1 })).await.unwrap();
    let still = stored(&store, &events[0]).await;
    assert!(still.taken && still.exhausted_at_ms.is_none(), "{still:?}");
    // What it says has arrived has arrived.
    store.event_delivered(&lost.id, 60_001).await.unwrap();
    store.event_refused(refused(&other, 60_002, again(70_000, 1))).await.unwrap();
    assert_eq!(stored(&store, &events[0]).await.next_attempt_at_ms, None);
}

on_both! {
    the_next_event_waits_until_the_one_before_has_arrived_or_is_given_up,
    an_event_that_arrived_goes_out_again_beside_newer_ones,
    an_event_that_waits_keeps_its_place_when_it_is_asked_for,
    an_event_that_was_given_up_can_be_asked_for,
    what_is_being_sent_is_not_sent_a_second_time_because_somebody_asks,
    a_worker_that_was_lost_and_comes_back_late_spoils_nothing,
}

/// Takes and delivers until nothing is left, and gives what it took, in order.
async fn deliver_all(store: Store, all: usize, under_way: std::sync::Arc<std::sync::Mutex<Seen>>) {
    loop {
        let due = store.take_due_events(10_000, HOLD_MS, 5).await.unwrap();
        for delivery in &due {
            under_way.lock().unwrap().begin(delivery);
        }
        // Others run meanwhile.
        tokio::task::yield_now().await;
        for delivery in &due {
            under_way.lock().unwrap().end(delivery);
            store.event_delivered(&delivery.id, 10_000).await.unwrap();
        }
        if under_way.lock().unwrap().delivered.len() == all {
            return;
        }
    }
}

/// What was delivered by anybody.
#[derive(Default)]
struct Seen {
    under_way: BTreeSet<String>,
    delivered: Vec<String>,
}

impl Seen {
    fn begin(&mut self, delivery: &Delivery) {
        let id = delivery.id.to_string();
        assert!(!self.delivered.contains(&id), "{id} was delivered before");
        assert!(self.under_way.insert(id.clone()), "{id} is being delivered by another");
    }

    fn end(&mut self, delivery: &Delivery) {
        let id = delivery.id.to_string();
        assert!(self.under_way.remove(&id));
        self.delivered.push(id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_instances_never_both_deliver_an_event() {
    let ledger = Ledger::on_a_server().await;
    let (one, other) = (ledger.open().await, ledger.open().await);
    let mut events = Vec::new();
    for number in 0..20 {
        events.extend(two_events(&one, &format!("A{number}")).await);
    }
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Seen::default()));
    let workers = [&one, &other, &one, &other]
        .map(|store| tokio::spawn(deliver_all(store.clone(), events.len(), std::sync::Arc::clone(&seen))));
    for worker in workers {
        worker.await.unwrap();
    }
    let delivered = &seen.lock().unwrap().delivered;
    assert_eq!(delivered.len(), events.len());
    for pair in events.chunks(2) {
        let place = |event: &EventRow| delivered.iter().position(|id| *id == event.id.to_string());
        assert!(place(&pair[0]) < place(&pair[1]), "the payment's events in order");
    }
}
