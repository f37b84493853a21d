//! What the gateway says was paid, and under which attempt.

use serde::{Deserialize, Serialize};

use super::fact::{Claim, Fact, PaidClaim};
use super::seen::Sighting;
use super::state::Terms;
use crate::clock::UnixMs;

/// An attempt that a notification says was paid and that no query has confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Doubted {
    /// Its number.
    pub(crate) attempt: i64,
    /// The gateway's own number for it.
    pub(crate) gateway_order_no: Option<String>,
    /// When the notification came.
    #[serde(default)]
    pub(crate) since_ms: UnixMs,
}

/// The latest attempt besides the one that `counts` of which only a notification says "paid", and about which nobody
/// has decided.
pub(super) fn doubted(
    counts: Option<i64>,
    seen: &[Sighting],
    decided: impl Fn(&Sighting) -> bool,
) -> Option<Doubted> {
    let confirmed = |attempt| seen.iter().any(|sum| sum.attempt == attempt && sum.confirmed && !sum.back);
    let open = |sum: &&Sighting| {
        !sum.confirmed && !sum.unresolved && sum.attempt != counts && !confirmed(sum.attempt) && !decided(sum)
    };
    let told = seen
        .iter()
        .filter(open)
        .filter_map(|sum| Some((sum.attempt?, sum.gateway_order_no.as_ref(), sum.at_ms)));
    told.max().map(|(attempt, no, since_ms)| Doubted { attempt, gateway_order_no: no.cloned(), since_ms })
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
    (fact.at_ms, format!("{:?} {:?} {:?}", fact.claim, fact.attempt, fact.source))
}

fn agrees(terms: &Terms, paid: &PaidClaim) -> bool {
    paid.amount == terms.amount.value()
        && !paid.other_payer
        && paid.currency.as_ref().is_none_or(|currency| currency == terms.amount.currency())
}
