//! What clients were told: it is there, it is the same each time, and it goes forward.

use std::collections::BTreeMap;

use super::{Audit, Index, Rule};
use crate::books::{Client, Seen};

pub(super) fn check(index: &Index<'_>, audit: &mut Audit) {
    for client in &index.books.clients {
        acknowledged(index, client, audit);
        refunds(index, client, audit);
        forward(client, audit);
        as_the_events_tell(index, client, audit);
        for complaint in &client.complaints {
            audit.that(false, Rule::Acknowledged, &client.order_id, || complaint.clone());
        }
    }
}

fn acknowledged(index: &Index<'_>, client: &Client, audit: &mut Audit) {
    let order_id = client.order_id.as_str();
    let in_ledger =
        index.by_order_id.get(&(client.account.as_str(), order_id)).map_or(&[][..], Vec::as_slice);
    audit.that(in_ledger.len() <= 1, Rule::Acknowledged, order_id, || {
        format!("one order number has {} payments", in_ledger.len())
    });
    for answer in &client.created {
        let found = index.by_id.get(answer.payment.as_str());
        audit.that(found.is_some_and(|p| p.order_id == order_id), Rule::Acknowledged, order_id, || {
            format!("{} was acknowledged and is not in the ledger under its order number", answer.payment)
        });
        let amount = found.map(|payment| payment.amount);
        audit.that(amount.is_none_or(|amount| amount == client.amount), Rule::Acknowledged, order_id, || {
            format!("{} was asked for and {amount:?} is in the ledger", client.amount)
        });
    }
    let first = client.created.first().map(|answer| answer.payment.as_str());
    let same = client.created.iter().all(|answer| Some(answer.payment.as_str()) == first);
    audit.that(same, Rule::Acknowledged, order_id, || "one order number was given two ids".to_owned());
    let mut keyed = client.created.iter().filter(|answer| answer.keyed);
    if let Some(first) = keyed.next() {
        for answer in keyed {
            audit.that(answer.body == first.body, Rule::Acknowledged, order_id, || {
                format!("the same key was answered\n  {}\n  {}", first.body, answer.body)
            });
        }
    }
}

fn refunds(index: &Index<'_>, client: &Client, audit: &mut Audit) {
    let order_id = client.order_id.as_str();
    let payment = client.created.first().and_then(|answer| index.by_id.get(answer.payment.as_str()));
    let mut by_number: BTreeMap<&str, &str> = BTreeMap::new();
    let mut keyed: BTreeMap<&str, &str> = BTreeMap::new();
    for answer in &client.refunds {
        let in_ledger = payment.and_then(|payment| payment.refunds.iter().find(|r| r.id == answer.refund));
        let fits = in_ledger.is_some_and(|refund| refund.amount == answer.amount);
        audit.that(fits, Rule::Acknowledged, order_id, || {
            format!(
                "the refund {} of {} was acknowledged; ledger: {in_ledger:?}",
                answer.refund, answer.amount
            )
        });
        let first = by_number.entry(&answer.number).or_insert(&answer.refund);
        audit.that(**first == *answer.refund, Rule::Acknowledged, order_id, || {
            format!("the refund number {} was given two ids", answer.number)
        });
        if answer.keyed {
            let first = keyed.entry(&answer.number).or_insert(&answer.body);
            audit.that(**first == *answer.body, Rule::Acknowledged, order_id, || {
                format!("the same key was answered\n  {first}\n  {}", answer.body)
            });
        }
    }
}

/// Whoever asks after an answer sees at least what that answer showed.
fn forward(client: &Client, audit: &mut Audit) {
    let mut by_answer: Vec<&Seen> = client.seen.iter().collect();
    by_answer.sort_by_key(|seen| seen.answered_at);
    for seen in &client.seen {
        let before = by_answer.iter().take_while(|earlier| earlier.answered_at < seen.asked_at);
        let highest = before.max_by_key(|earlier| earlier.revision);
        audit.that(
            highest.is_none_or(|highest| highest.revision <= seen.revision),
            Rule::Forward,
            &client.order_id,
            || format!("revision {} was seen after {highest:?}", seen.revision),
        );
    }
}

/// What was shown at a revision is what the events say of that revision.
fn as_the_events_tell(index: &Index<'_>, client: &Client, audit: &mut Audit) {
    for seen in &client.seen {
        let told = index.events_of(&seen.payment).iter().rfind(|event| event.revision <= seen.revision);
        let status = told.map_or("created", |event| event.status.as_str());
        audit.that(seen.status == status, Rule::Events, &client.order_id, || {
            format!("at revision {} a client saw {}, the events say {status}", seen.revision, seen.status)
        });
    }
}
