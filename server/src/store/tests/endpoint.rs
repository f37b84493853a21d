//! The endpoint as a whole: probed while it fails, caught up with when it is back, shut when it wants no more.

use url::Url;

use super::both::{Ledger, on_both};
use super::fixtures::{created, fact, paid, refused, started};
use crate::ledger::{Claim, Refusal, Turn};
use crate::store::{Delivery, NextTry, RefusedDelivery, Store};

const HOLD_MS: i64 = 45_000;
const HOUR_MS: i64 = 3_600_000;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// Payments with one event each that is due at once.
async fn events(store: &Store, number: usize) {
    for nth in 0..number {
        started(store, &created(store, &format!("B{nth}")).await).await;
    }
}

async fn take(store: &Store, now_ms: i64) -> Vec<Delivery> {
    store.take_due_events(now_ms, HOLD_MS, 16).await.unwrap()
}

fn in_an_hour(delivery: &Delivery, now_ms: i64) -> RefusedDelivery {
    let at_ms = now_ms + HOUR_MS;
    let failures = delivery.failures + 1;
    refused(delivery, now_ms, NextTry::At { at_ms, planned_at_ms: at_ms, not_before_ms: 0, failures })
}

/// Lets all that is due fail until the endpoint is said to.
async fn fail(store: &Store, now_ms: i64) -> Vec<Option<Turn>> {
    let mut turns = Vec::new();
    for delivery in take(store, now_ms).await {
        turns.push(store.event_refused(in_an_hour(&delivery, now_ms)).await.unwrap());
    }
    turns
}

async fn while_it_fails_one_event_at_a_time_is_tried_and_then_all_follow(ledger: Ledger) {
    let store = ledger.open().await.with_endpoint(&url("https://shop.example/a"), 1).await.unwrap();
    events(&store, 12).await;
    let turns = fail(&store, 10_000).await;
    assert_eq!(turns.iter().filter(|turn| **turn == Some(Turn::Failing)).count(), 1, "told once");
    assert!(take(&store, 14_999).await.is_empty(), "a pause first");
    let probe = take(&store, 15_000).await;
    assert_eq!(probe.len(), 1, "due only in an hour, and tried all the same");
    assert!(take(&store, 15_001).await.is_empty(), "one at a time");
    // A try before its time uses no step of its schedule up, and the next probe is another event.
    let early = refused(
        &probe[0],
        15_001,
        NextTry::At {
            at_ms: 10_000 + HOUR_MS,
            planned_at_ms: 10_000 + HOUR_MS,
            not_before_ms: 0,
            failures: 1,
        },
    );
    assert_eq!(store.event_refused(early).await.unwrap(), None);
    let (endpoint, backlog) = store.endpoint().await.unwrap();
    assert_eq!((endpoint.failures, endpoint.failing, backlog.pending), (13, true, 12));
    let second = take(&store, endpoint.probe_at_ms).await;
    assert_eq!(second.len(), 1);
    assert_ne!(second[0].id, probe[0].id);
    let back_ms = endpoint.probe_at_ms + 10;
    assert_eq!(
        store.event_delivered(&second[0].id, back_ms).await.unwrap(),
        Some(Turn::Recovered { since_ms: 10_000 })
    );
    // All of them long before their hour.
    assert_eq!(take(&store, back_ms + 8_000).await.len(), 11);
}

/// More events than are looked at together, most of them waiting for an older one that is to be tried in an hour.
async fn a_long_backlog_is_delivered_in_order_when_it_is_back(ledger: Ledger) {
    let store = ledger.open().await.with_endpoint(&url("https://shop.example/a"), 1).await.unwrap();
    let (mut events, mut now_ms) = (Vec::new(), 10_000);
    for nth in 0..140 {
        let record = started(&store, &created(&store, &format!("B{nth}")).await).await;
        for delivery in take(&store, now_ms).await {
            store.event_refused(in_an_hour(&delivery, now_ms)).await.unwrap();
        }
        store.add_fact(&record.id, fact(paid(), 1)).await.unwrap();
        let part = Claim::Refunded { total: Some(500), paid: None };
        store.add_fact(&record.id, fact(part, 2)).await.unwrap();
        events.extend(store.events_of(&record.id).await.unwrap().into_iter().map(|event| event.id));
        now_ms += 1;
    }
    assert!(events.len() > 300 && store.endpoint().await.unwrap().0.failing, "{}", events.len());
    let mut told = Vec::new();
    while told.len() < events.len() {
        let due = take(&store, now_ms).await;
        // However often the rest is looked through, time need not pass for more than a probe.
        now_ms += if due.is_empty() { 5_000 } else { 1 };
        for delivery in due {
            store.event_delivered(&delivery.id, now_ms).await.unwrap();
            told.push(delivery.id);
        }
        assert!(now_ms < 60_000, "{} of {}", told.len(), events.len());
    }
    let place = |id| told.iter().position(|known| known == id).unwrap();
    let of_one_payment = events.len() / 140;
    for one in events.chunks(of_one_payment) {
        assert!(one.iter().map(place).is_sorted(), "{one:?}");
    }
}

async fn a_retry_after_is_kept_even_when_the_endpoint_is_back(ledger: Ledger) {
    let store = ledger.open().await.with_endpoint(&url("https://shop.example/a"), 1).await.unwrap();
    events(&store, 12).await;
    for delivery in take(&store, 10_000).await {
        let mut refused = in_an_hour(&delivery, 10_000);
        if let NextTry::At { not_before_ms, .. } = &mut refused.next {
            *not_before_ms = 10_000 + HOUR_MS / 2;
        }
        store.event_refused(refused).await.unwrap();
    }
    assert!(take(&store, 20_000).await.is_empty(), "no event may be a probe");
    let probe = take(&store, 10_000 + HOUR_MS / 2).await;
    store.event_delivered(&probe[0].id, 10_001 + HOUR_MS / 2).await.unwrap();
    assert_eq!(take(&store, 10_002 + HOUR_MS / 2).await.len(), 11);
}

async fn gone_keeps_everything_until_it_is_turned_on_or_has_another_address(ledger: Ledger) {
    let store = ledger.open().await.with_endpoint(&url("https://shop.example/a"), 1).await.unwrap();
    events(&store, 3).await;
    let due = take(&store, 10_000).await;
    let mut gone = in_an_hour(&due[0], 10_001);
    gone.refusal = Refusal { gone: true, ..gone.refusal };
    assert_eq!(store.event_refused(gone).await.unwrap(), Some(Turn::Disabled));
    for delivery in &due[1..] {
        store.event_refused(in_an_hour(delivery, 10_002)).await.unwrap();
    }
    assert!(take(&store, 10 * HOUR_MS).await.is_empty());
    // What a person asks for waits, too: there is nobody to send it to.
    store.redeliver(&due[0].id, 10 * HOUR_MS).await.unwrap();
    assert!(take(&store, 10 * HOUR_MS).await.is_empty());
    assert_eq!(store.endpoint().await.unwrap().1.pending, 3);
    store.enable_endpoint(11 * HOUR_MS).await.unwrap();
    let endpoint = store.endpoint().await.unwrap().0;
    assert_eq!((endpoint.disabled_at_ms, endpoint.failures), (None, 0));
    let due = take(&store, 11 * HOUR_MS).await;
    assert_eq!(due.len(), 3);
    assert!(due.iter().all(|delivery| delivery.failures == 0), "with all of its schedule before it");
    let mut gone = in_an_hour(&due[0], 11 * HOUR_MS);
    gone.refusal = Refusal { gone: true, ..gone.refusal };
    store.event_refused(gone).await.unwrap();
    // The same address after a restart is still the one that said it wants no more.
    let store = store.with_endpoint(&url("https://shop.example/a"), 12 * HOUR_MS).await.unwrap();
    assert!(take(&store, 12 * HOUR_MS).await.is_empty());
    let store = store.with_endpoint(&url("https://shop.example/b"), 12 * HOUR_MS).await.unwrap();
    assert_eq!(take(&store, 12 * HOUR_MS).await.len(), 3);
    // Nothing is held against an address that comes back.
    let store = store.with_endpoint(&url("https://shop.example/a"), 13 * HOUR_MS).await.unwrap();
    assert_eq!(store.endpoint().await.unwrap().0.disabled_at_ms, None);
}

async fn what_a_person_asks_for_goes_out_while_it_fails(ledger: Ledger) {
    let store = ledger.open().await.with_endpoint(&url("https://shop.example/a"), 1).await.unwrap();
    events(&store, 11).await;
    let all = take(&store, 10_000).await;
    for delivery in &all {
        store.event_refused(in_an_hour(delivery, 10_000)).await.unwrap();
    }
    store.redeliver(&all[4].id, 10_001).await.unwrap();
    let asked = take(&store, 10_002).await;
    assert_eq!(asked.iter().map(|delivery| &delivery.id).collect::<Vec<_>>(), [&all[4].id]);
    store.event_refused(in_an_hour(&asked[0], 10_003)).await.unwrap();
    assert!(take(&store, 10_004).await.is_empty(), "once, not for ever");
}

async fn its_state_outlives_the_process(ledger: Ledger) {
    let address = url("https://shop.example/a");
    let store = ledger.open().await.with_endpoint(&address, 1).await.unwrap();
    events(&store, 12).await;
    fail(&store, 10_000).await;
    let before = store.endpoint().await.unwrap();
    drop(store);
    let store = reopened(&ledger).await.with_endpoint(&address, 11_000).await.unwrap();
    assert_eq!(store.endpoint().await.unwrap(), before);
    assert!(take(&store, 14_000).await.is_empty());
    let failure = before.0.last_failure.unwrap();
    assert_eq!((failure.at_ms, failure.http_status), (10_000, Some(500)));
}

/// A file is let go of by the thread that had it, in its own time.
async fn reopened(ledger: &Ledger) -> Store {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        match Store::open(&ledger.url, 4, true).await {
            Ok(store) => return store,
            Err(error) => assert!(std::time::Instant::now() < deadline, "{error}"),
        }
        tokio::task::yield_now().await;
    }
}

on_both! {
    while_it_fails_one_event_at_a_time_is_tried_and_then_all_follow,
    a_long_backlog_is_delivered_in_order_when_it_is_back,
    a_retry_after_is_kept_even_when_the_endpoint_is_back,
    gone_keeps_everything_until_it_is_turned_on_or_has_another_address,
    what_a_person_asks_for_goes_out_while_it_fails,
    its_state_outlives_the_process,
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_instances_one_probes() {
    let ledger = Ledger::on_a_server().await;
    let address = url("https://shop.example/a");
    let one = ledger.open().await.with_endpoint(&address, 1).await.unwrap();
    let other = ledger.open().await.with_endpoint(&address, 1).await.unwrap();
    events(&one, 12).await;
    fail(&one, 10_000).await;
    for round in 0..10 {
        let now_ms = 100_000 + round * HOLD_MS;
        let (mine, others) = tokio::join!(take(&one, now_ms), take(&other, now_ms));
        assert_eq!(mine.len() + others.len(), 1, "round {round}");
    }
}
