//! Events in the ledger: one for each change of status, in order, and by legal moves only.

use std::collections::HashSet;

use super::{Audit, Index, Rule};
use crate::books::{Event, Payment};

pub(super) fn check(index: &Index<'_>, audit: &mut Audit) {
    let mut ids = HashSet::new();
    for event in &index.books.events {
        let owner = index.order_id(&event.payment);
        audit.that(ids.insert(event.id.as_str()), Rule::Events, owner, || {
            format!("the event {} is listed twice", event.id)
        });
        audit.that(!owner.is_empty(), Rule::Events, owner, || {
            format!("the event {} is about {}, which is not in the ledger", event.id, event.payment)
        });
    }
    for payment in &index.books.payments {
        of_payment(payment, index.events_of(&payment.id), audit);
    }
}

fn of_payment(payment: &Payment, events: &[&Event], audit: &mut Audit) {
    let order_id = payment.order_id.as_str();
    let listed: Vec<_> = events.iter().map(|event| (event.id.clone(), event.revision)).collect();
    audit.that(listed == payment.events, Rule::Events, order_id, || {
        format!("GET /v1/events has {listed:?}, the payment's own list {:?}", payment.events)
    });
    let mut status = "created";
    let mut revision = 1;
    for event in events {
        audit.that(event.revision > revision, Rule::Events, order_id, || {
            format!("{} at revision {} follows revision {revision}", event.kind, event.revision)
        });
        audit.that(may_follow(status, event), Rule::Events, order_id, || {
            format!("{} ({}) follows {status}", event.kind, event.status)
        });
        (status, revision) = (event.status.as_str(), event.revision);
    }
    audit.that(status == payment.status, Rule::Events, order_id, || {
        format!("it is {}, and the last event says {status}", payment.status)
    });
    audit.that(revision <= payment.revision, Rule::Events, order_id, || {
        format!("it is at revision {}, and an event is at {revision}", payment.revision)
    });
}

/// Whether an event may come next: it tells its own status, and nothing moves that must not. A status that stays is told
/// of again only when a part of the money went back, or when it was paid twice.
fn may_follow(status: &str, event: &Event) -> bool {
    let kind = event.kind.strip_prefix("payment.").unwrap_or_default();
    let next = event.status.as_str();
    if status == next {
        return matches!((kind, next), ("refunded", "succeeded" | "review") | ("review", "succeeded"));
    }
    let legal = match status {
        "created" | "requires_action" | "processing" => next != "created",
        "failed" => {
            matches!(next, "processing" | "requires_action" | "succeeded" | "expired" | "refunded" | "review")
        }
        "expired" => matches!(next, "succeeded" | "refunded" | "review"),
        "canceled" => matches!(next, "refunded" | "review"),
        "review" => matches!(next, "succeeded" | "failed" | "expired" | "canceled" | "refunded"),
        "succeeded" => next == "refunded",
        _ => false,
    };
    legal && kind == next
}
