//! What one submission alone comes to.

use countersign_core::PaymentStatus;

use super::attempt::Attempt;
use super::fact::{Claim, Fact, Source};
use super::paid::in_time;
use super::state::State;

/// What is known of `attempt` from what was told about it.
pub(super) fn settle(attempt: &Attempt, facts: &[Fact]) -> State {
    let mut about: Vec<&Fact> = facts.iter().filter(|f| f.attempt == Some(attempt.number)).collect();
    about.sort_by_cached_key(|f| in_time(f));

    let mut state = State::untouched();
    state.status = PaymentStatus::Processing;
    state.live = true;
    state.sent_at_ms = Some(attempt.created_at_ms);
    let (mut refused, mut known, mut unconfirmed, mut closed) = (None, false, false, false);
    let mut ended = false;
    let (mut not_sent, mut answers, mut doubt) = (0, 0, None);
    for fact in &about {
        answers += usize::from(fact.source == Source::Response && fact.claim != Claim::SentAgain);
        match &fact.claim {
            Claim::Accepted { gateway_order_no, next_action } => {
                (known, ended) = (true, false);
                state.gateway_order_no = gateway_order_no.clone().or(state.gateway_order_no);
                state.next_action = next_action.clone().or(state.next_action);
            }
            Claim::ConsentNeeded { failure, next_action } => refused = Some((failure, Some(next_action))),
            Claim::Refused { failure } => {
                refused = Some((failure, None));
                // A look-up that says so of an order which the gateway had taken is its last word on it.
                ended |= known && fact.source == Source::Query;
            }
            Claim::Closed => closed = true,
            Claim::NotSent => not_sent += 1,
            Claim::SentAgain => {
                state.sent_again += 1;
                state.sent_at_ms = state.sent_at_ms.max(Some(fact.at_ms));
            }
            Claim::PaidUnconfirmed(_) | Claim::Paid(_) => unconfirmed = true,
            Claim::Canceled | Claim::Expired | Claim::NotFound | Claim::Unresolved => {}
            Claim::PayerNeeded { .. } | Claim::Refunded { .. } | Claim::Refund { .. } => {}
            Claim::Resolved(_) => {}
            Claim::Unknown { failure, .. } => doubt = failure.as_ref().or(doubt),
        }
    }
    state.answered = answers > state.sent_again;
    state.unsent = not_sent > state.sent_again && !known;
    state.gateway_order_no = state.gateway_order_no.or_else(|| gateway_order_no(&about));
    if closed && unconfirmed {
        // Two words of the gateway that contradict each other.
        state.rest(PaymentStatus::Review);
        state.contradicted = true;
    } else if closed {
        state.rest(PaymentStatus::Expired);
        state.live = false;
    } else if unconfirmed {
        state.next_action = None;
        state.confirming = true;
    } else if known && !ended {
        if state.next_action.is_some() {
            state.status = PaymentStatus::RequiresAction;
        }
    } else if let Some((failure, next_action)) = refused {
        state.failure = Some(failure.clone());
        state.next_action = next_action.cloned();
        state.status =
            if next_action.is_some() { PaymentStatus::RequiresAction } else { PaymentStatus::Failed };
        state.live = false;
    } else {
        state.failure = doubt.cloned();
    }
    state
}

/// The gateway's number as any claim tells it, the latest.
fn gateway_order_no(about: &[&Fact]) -> Option<String> {
    let told = about.iter().filter_map(|f| match &f.claim {
        Claim::Paid(paid) | Claim::PaidUnconfirmed(paid) => {
            paid.gateway_order_no.as_ref().map(|no| (f.at_ms, no))
        }
        Claim::Accepted { gateway_order_no, .. } => gateway_order_no.as_ref().map(|no| (f.at_ms, no)),
        _ => None,
    });
    told.max().map(|(_, no)| no.clone())
}
