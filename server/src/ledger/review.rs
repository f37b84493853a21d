//! Why a person must look at a payment.

use countersign_core::{PaymentStatus, RefundStatus, Review, ReviewReason, SeenBy, SeenMoney};
use serde::{Deserialize, Serialize};

use super::attempt::Attempt;
use super::fact::Source;
use super::resolution::Decided;
use super::seen::Sighting;
use super::state::{State, Terms};
use crate::clock::rfc3339;

/// Why a person must look, or had to, and the money that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReviewState {
    /// Why.
    pub(crate) reason: ReviewReason,
    /// Oldest first.
    pub(crate) seen: Vec<Sighting>,
}

impl ReviewState {
    /// As the merchant sees it.
    pub(crate) fn view(&self, attempts: &[Attempt]) -> Review {
        let of = |number| attempts.iter().find(|attempt| Some(attempt.number) == number);
        let seen = |sum: &Sighting| SeenMoney {
            order_no: of(sum.attempt).map(|attempt| attempt.order_no.clone()),
            gateway_order_no: sum.gateway_order_no.clone(),
            transaction_id: sum.transaction_id.clone(),
            amount: sum.money(),
            at: rfc3339(sum.at_ms),
            source: match sum.source {
                Source::Notification => SeenBy::Notification,
                Source::Response => SeenBy::Response,
                _ => SeenBy::Query,
            },
        };
        Review { reason: self.reason, seen: self.seen.iter().map(seen).collect() }
    }
}

/// What is to be looked at in `state`, whose status is known, and how much of it: more of it is news for the merchant.
pub(super) fn weigh(
    terms: &Terms,
    state: &State,
    seen: &[Sighting],
    decided: Option<&Decided<'_>>,
    canceled: bool,
) -> (Option<ReviewState>, usize) {
    let in_review = state.status == PaymentStatus::Review;
    let (mut reason, mut weight) = match (decided, state.status) {
        (Some(decided), _) => {
            let news = if decided.is_paid() {
                more_money(terms, &decided.fresh)
            } else {
                reason_of(terms, &decided.fresh)
            };
            (Some(news.unwrap_or(decided.reason())), decided.fresh.len() + usize::from(in_review))
        }
        (None, PaymentStatus::Review) => (Some(undecided(terms, state, seen, canceled)), 1 + seen.len()),
        (None, PaymentStatus::Succeeded | PaymentStatus::Refunded) => {
            let extra = besides(state, seen);
            (more_money(terms, &extra), extra.len())
        }
        (None, _) => (None, 0),
    };
    let stuck = state.refunds.iter().filter(|refund| refund.status == RefundStatus::Review).count();
    if stuck > 0 && decided.map_or(weight, |decided| decided.fresh.len()) == 0 {
        reason = Some(ReviewReason::RefundUnresolved);
    }
    weight += stuck;
    (reason.map(|reason| ReviewState { reason, seen: seen.to_vec() }), weight)
}

/// Why a payment is in review about which nobody has decided.
fn undecided(terms: &Terms, state: &State, seen: &[Sighting], canceled: bool) -> ReviewReason {
    if state.paid_at_ms.is_some() && canceled {
        return ReviewReason::PaidAfterCancel;
    }
    let other: Vec<&Sighting> = seen.iter().filter(|sum| !sum.agrees(terms)).collect();
    if let Some(reason) = reason_of(terms, &other) {
        return reason;
    }
    if state.contradicted { ReviewReason::ClosedButPaid } else { ReviewReason::Unresolved }
}

/// Money under another attempt than the one that was paid.
fn besides<'a>(state: &State, seen: &'a [Sighting]) -> Vec<&'a Sighting> {
    let confirmed = seen.iter().filter(|sum| sum.confirmed && !sum.back);
    let counts = state.paid_attempt.or_else(|| confirmed.filter_map(|sum| sum.attempt).min());
    let extra = |sum: &&Sighting| !sum.back && sum.attempt != counts && (sum.confirmed || sum.unresolved);
    seen.iter().filter(extra).collect()
}

/// The reason when sums come on top of what was paid.
fn more_money(terms: &Terms, sums: &[&Sighting]) -> Option<ReviewReason> {
    let confirmed = sums.iter().any(|sum| sum.confirmed);
    if confirmed { Some(ReviewReason::PaidTwice) } else { reason_of(terms, sums) }
}

/// The weightiest reason among sums that nobody wants as they are.
fn reason_of(terms: &Terms, sums: &[&Sighting]) -> Option<ReviewReason> {
    let any = |is: &dyn Fn(&Sighting) -> bool| sums.iter().any(|sum| is(sum));
    let came_in = |sum: &Sighting| !sum.back;
    if sums.is_empty() {
        None
    } else if any(&|sum| came_in(sum) && sum.currency != *terms.amount.currency()) {
        Some(ReviewReason::CurrencyDiffers)
    } else if any(&|sum| came_in(sum) && sum.amount != Some(terms.amount.value())) {
        Some(ReviewReason::AmountDiffers)
    } else if any(&|sum| sum.other_payer) {
        Some(ReviewReason::OtherPayer)
    } else if any(&|sum| sum.back) {
        Some(ReviewReason::RefundedUnpaid)
    } else if !any(&|sum| sum.confirmed) {
        Some(ReviewReason::Unresolved)
    } else {
        Some(ReviewReason::PaidAfterCancel)
    }
}
