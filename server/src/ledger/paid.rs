//! What the gateway says was paid, and under which attempt.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::fact::{Claim, Fact, PaidClaim};
use super::state::Terms;
use crate::clock::UnixMs;

/// An attempt that a notification says was paid and that no query has confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Doubted {
    /// Its number.
    pub(crate) attempt: i64,
    /// The gateway's own number for it.
    pub(crate) gateway_order_no: Option<String>,
}

/// The latest attempt besides the one that `counts` of which only a notification says "paid".
pub(super) fn doubted(counts: Option<i64>, facts: &[Fact]) -> Option<Doubted> {
    let confirmed =
        |attempt| facts.iter().any(|f| f.attempt == Some(attempt) && matches!(f.claim, Claim::Paid(_)));
    let told = facts.iter().filter_map(|f| match (&f.claim, f.attempt) {
        (Claim::PaidUnconfirmed(paid), Some(attempt)) if f.attempt != counts && !confirmed(attempt) => {
            Some((attempt, paid.gateway_order_no.as_ref()))
        }
        _ => None,
    });
    told.max().map(|(attempt, no)| Doubted { attempt, gateway_order_no: no.cloned() })
}

/// How many attempts the gateway says were paid.
pub(super) fn attempts(terms: &Terms, facts: &[Fact]) -> usize {
    let paid = facts.iter().filter(|f| matches!(&f.claim, Claim::Paid(paid) if agrees(terms, paid)));
    paid.filter_map(|f| f.attempt).collect::<BTreeSet<i64>>().len()
}

/// The earliest learnt claim that matches the terms, and whether any claim does not.
pub(super) fn claims<'a>(terms: &Terms, facts: &'a [Fact]) -> (Option<(&'a PaidClaim, &'a Fact)>, bool) {
    let mut matching: Option<(&PaidClaim, &Fact)> = None;
    let (mut other, mut earliest) = (false, None);
    for fact in facts {
        match &fact.claim {
            Claim::Paid(paid) | Claim::Refunded { paid: Some(paid), .. } if agrees(terms, paid) => {
                let earlier = earliest.as_ref().is_some_and(|known| *known <= in_time(fact));
                if !earlier {
                    earliest = Some(in_time(fact));
                    matching = Some((paid, fact));
                }
            }
            Claim::Paid(_) | Claim::Refunded { paid: Some(_), .. } => other = true,
            Claim::PaidUnconfirmed(paid) if !agrees(terms, paid) => other = true,
            _ => {}
        }
    }
    (matching, other)
}

/// The order of facts in time; of those learnt in the same millisecond, by what they say.
pub(super) fn in_time(fact: &Fact) -> (UnixMs, String) {
    (fact.at_ms, format!("{:?}", fact.claim))
}

fn agrees(terms: &Terms, paid: &PaidClaim) -> bool {
    paid.amount == terms.amount.value()
        && !paid.other_payer
        && paid.currency.as_ref().is_none_or(|currency| currency == terms.amount.currency())
}
