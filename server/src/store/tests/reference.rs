//! A reference: what the documents say follows from facts, written down a second time, from reading them and not the
//! ledger's code. Small enough to be checked by eye.

use countersign_core::PaymentStatus::{self, *};

use crate::ledger::{Claim, Fact, PaidClaim, Source};

pub(super) const AMOUNT: i64 = 1000;
pub(super) const CURRENCY: &str = "CNY";

/// What a payment of `AMOUNT` must come to: where it stands, and how much went back.
pub(super) type Expected = (PaymentStatus, i64);

/// `begun`: when each attempt was. `returned`: of each refund that the gateway confirmed, what had gone back before,
/// and how much it was. `facts`: in the order of time.
pub(super) fn expected(begun: &[i64], returned: &[(i64, i64)], facts: &[Fact]) -> Expected {
    let any = |what: fn(&Claim) -> bool| facts.iter().any(|fact| what(&fact.claim));
    let about_last: Vec<&Fact> =
        facts.iter().filter(|fact| fact.attempt == Some(begun.len() as i64)).collect();
    let last_says = |what: fn(&Claim) -> bool| about_last.iter().rev().find(|fact| what(&fact.claim));

    let (paid, canceled) =
        (any(|claim| vouched(claim) == Some(true)), any(|claim| *claim == Claim::Canceled));
    let other = if paid { None } else { other_money(facts) };
    let came_in = other.unwrap_or(AMOUNT);
    let told_back = facts.iter().filter_map(|fact| back(&fact.claim, came_in)).max().unwrap_or(0);
    let ours = returned.iter().map(|(_, amount)| amount).sum::<i64>();
    let ours = returned.iter().map(|(before, amount)| before + amount).fold(ours, i64::max);
    let went_back = told_back.max(ours).min(came_in);
    let odd = any(|claim| vouched(claim) == Some(false) || hinted(claim) == Some(false));
    let hint_of_last = last_says(|claim| hinted(claim).is_some()).is_some();
    let closed = last_says(|claim| *claim == Claim::Closed).is_some();
    let accepted = last_says(|claim| matches!(claim, Claim::Accepted { .. })).map(|fact| fact.at_ms);
    let payable = last_says(|claim| matches!(claim, Claim::Accepted { next_action: Some(_), .. })).is_some();
    let refused = last_says(|claim| matches!(claim, Claim::Refused { .. } | Claim::ConsentNeeded { .. }));
    // Once the gateway has taken an order, only a later look-up can say that it refuses it after all.
    let later_refusal = |fact: &&&Fact| {
        let by_look_up = fact.source == Source::Query && matches!(fact.claim, Claim::Refused { .. });
        by_look_up && accepted.is_none_or(|at| fact.at_ms > at)
    };
    let refused =
        refused.filter(|_| accepted.is_none() || about_last.iter().any(|fact| later_refusal(&fact)));
    let payer_asked = facts.iter().rev().find(|fact| matches!(fact.claim, Claim::PayerNeeded { .. }));
    let payer_asked = payer_asked.is_some_and(|fact| begun.last().is_none_or(|at| fact.at_ms > *at));

    let status = if went_back == AMOUNT && paid {
        Refunded
    } else if paid && !canceled {
        Succeeded
    } else if paid || odd || went_back > 0 || closed && hint_of_last {
        Review
    } else if canceled {
        Canceled
    } else if closed || any(|claim| *claim == Claim::Expired) {
        Expired
    } else {
        let open = if any(|claim| hinted(claim).is_some()) {
            Processing
        } else if let Some(refusal) = refused {
            let asks = matches!(refusal.claim, Claim::ConsentNeeded { .. }) || payer_asked;
            if asks { RequiresAction } else { Failed }
        } else if payable || begun.is_empty() && payer_asked {
            RequiresAction
        } else if begun.is_empty() {
            Created
        } else {
            Processing
        };
        if open.is_open() && any(|claim| *claim == Claim::Unresolved) { Review } else { open }
    };
    (status, went_back)
}

fn back(claim: &Claim, came_in: i64) -> Option<i64> {
    match claim {
        Claim::Refunded { total, .. } => Some(total.unwrap_or(came_in)),
        _ => None,
    }
}

/// What came in that does not fit, each sum once, in the currency of the largest.
fn other_money(facts: &[Fact]) -> Option<i64> {
    let mut sums = Vec::new();
    for fact in facts {
        let (Claim::Paid(paid) | Claim::Refunded { paid: Some(paid), .. }) = &fact.claim else { continue };
        let currency = paid.currency.as_ref().map_or(CURRENCY, |currency| currency.as_str());
        let whose = (fact.attempt, paid.other_payer, paid.transaction_id.as_ref());
        if !sums.contains(&(paid.amount, currency, whose)) {
            sums.push((paid.amount, currency, whose));
        }
    }
    let (_, currency, _) = sums.iter().max_by_key(|(amount, currency, _)| (amount, *currency))?;
    Some(sums.iter().filter(|sum| sum.1 == *currency).map(|sum| sum.0).sum())
}

/// Whether the gateway's own word on money fits, where it is one.
fn vouched(claim: &Claim) -> Option<bool> {
    match claim {
        Claim::Paid(paid) | Claim::Refunded { paid: Some(paid), .. } => Some(fits(paid)),
        _ => None,
    }
}

/// The same of a word that is still to be confirmed.
fn hinted(claim: &Claim) -> Option<bool> {
    match claim {
        Claim::PaidUnconfirmed(paid) => Some(fits(paid)),
        _ => None,
    }
}

fn fits(paid: &PaidClaim) -> bool {
    let currency = paid.currency.as_ref().is_none_or(|currency| currency.as_str() == CURRENCY);
    paid.amount == AMOUNT && currency && !paid.other_payer
}
