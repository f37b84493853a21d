//! Webhooks: the merchant heard of every event, in order, verifiably, and of nothing else.

use std::collections::{HashMap, HashSet};

use super::{Audit, Index, Rule};
use crate::books::{Arrival, Event};

/// A delivery's timestamp is its own, not the event's: it is no older than the request may take.
const FRESH_S: i64 = 5;

pub(super) fn check(index: &Index<'_>, audit: &mut Audit) {
    let events: HashMap<&str, &Event> = index.books.events.iter().map(|e| (e.id.as_str(), e)).collect();
    let mut first: HashMap<&str, &Arrival> = HashMap::new();
    let mut taken: HashSet<&str> = HashSet::new();
    for arrival in &index.books.arrivals {
        let event = events.get(arrival.event.as_str()).copied();
        let order_id = event.map_or("", |event| index.order_id(&event.payment));
        one(arrival, event, first.get(arrival.event.as_str()).copied(), order_id, audit);
        first.entry(&arrival.event).or_insert(arrival);
        if arrival.taken {
            taken.insert(&arrival.event);
        }
    }
    for event in &index.books.events {
        let order_id = index.order_id(&event.payment);
        audit.that(taken.contains(event.id.as_str()), Rule::Webhooks, order_id, || {
            format!("{} ({}) never reached the merchant", event.kind, event.id)
        });
    }
    in_order(index, &events, audit);
}

fn one(arrival: &Arrival, event: Option<&Event>, first: Option<&Arrival>, order_id: &str, audit: &mut Audit) {
    let id = &arrival.event;
    audit.that(event.is_some(), Rule::Webhooks, order_id, || {
        format!("the merchant was told of {id}, which is not in the ledger")
    });
    audit.that(arrival.verified, Rule::Webhooks, order_id, || format!("{id} does not verify"));
    audit.that(!arrival.redirected, Rule::Webhooks, order_id, || format!("{id} followed a redirect"));
    let age_s = arrival.arrived_at_s - arrival.timestamp_s;
    audit.that((-1..=FRESH_S).contains(&age_s), Rule::Webhooks, order_id, || {
        format!("{id} came with a timestamp of {age_s} s ago")
    });
    match (first, event) {
        (Some(first), _) => audit.that(first.raw == arrival.raw, Rule::Webhooks, order_id, || {
            format!("{id} was sent again with another body")
        }),
        (None, Some(event)) => {
            let said: Option<serde_json::Value> = serde_json::from_slice(&arrival.raw).ok();
            let said = said.map(|said| said.to_string());
            audit.that(said.as_ref() == Some(&event.content), Rule::Webhooks, order_id, || {
                format!("{id} said\n  {said:?}\n  and the ledger\n  {}", event.content)
            });
        }
        (None, None) => {}
    }
}

/// Of one payment, no event is tried before the one before it was taken.
fn in_order(index: &Index<'_>, events: &HashMap<&str, &Event>, audit: &mut Audit) {
    let mut tried: HashMap<&str, i64> = HashMap::new();
    let mut taken: HashMap<&str, i64> = HashMap::new();
    for arrival in &index.books.arrivals {
        let Some(event) = events.get(arrival.event.as_str()) else { continue };
        let order_id = index.order_id(&event.payment);
        let payment = event.payment.as_str();
        let highest = tried.get(payment).copied().unwrap_or(0);
        let is_first = event.revision > highest;
        if is_first {
            let told = taken.get(payment).copied().unwrap_or(0);
            let between = |other: &&Event| told < other.revision && other.revision < event.revision;
            let skipped = index.events_of(payment).iter().any(between);
            audit.that(!skipped, Rule::Webhooks, order_id, || {
                format!("{} came first when one before it had not been taken", event.kind)
            });
            tried.insert(payment, event.revision);
        }
        if arrival.taken {
            let told = taken.entry(payment).or_insert(0);
            *told = (*told).max(event.revision);
        }
    }
}
