//! The merchant's decision about a payment that no machine may settle.

use countersign_core::{Money, Resolution, ResolutionOutcome, ReviewReason};
use serde::{Deserialize, Serialize};

use super::fact::{Claim, Fact};
use super::seen::Sighting;
use super::state::Terms;
use crate::clock::{UnixMs, rfc3339};

/// A decision, with what was known when it was taken: money that is told of later is another matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Resolved {
    /// What the payment counts as.
    pub(crate) outcome: ResolutionOutcome,
    /// What was accepted; `None` when it counts as unpaid.
    pub(crate) amount: Option<Money>,
    /// The merchant's words.
    pub(crate) note: Option<String>,
    /// Why it was in review.
    pub(crate) reason: ReviewReason,
    /// The revision that was decided about; of two decisions the one about the later revision counts.
    pub(crate) revision: i64,
    /// The money that was known.
    pub(crate) known: Vec<Sighting>,
}

/// A decision as the state keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Decision {
    /// What the payment counts as.
    pub(crate) outcome: ResolutionOutcome,
    /// What was accepted.
    pub(crate) amount: Option<Money>,
    /// The merchant's words.
    pub(crate) note: Option<String>,
    /// When.
    pub(crate) at_ms: UnixMs,
}

impl Decision {
    /// As the merchant sees it.
    pub(crate) fn view(self) -> Resolution {
        Resolution { outcome: self.outcome, amount: self.amount, note: self.note, at: rfc3339(self.at_ms) }
    }
}

/// The decision that counts, and what it means for the money seen by now.
pub(super) struct Decided<'a> {
    resolved: &'a Resolved,
    at_ms: UnixMs,
    /// The sum that was accepted by counting as paid before it was seen.
    adopted: Option<&'a Sighting>,
    /// The sum that was accepted.
    pub(super) money: Option<&'a Sighting>,
    /// Money that the decision does not cover.
    pub(super) fresh: Vec<&'a Sighting>,
}

impl<'a> Decided<'a> {
    /// The decision that counts, if one was taken.
    pub(super) fn last(terms: &Terms, seen: &'a [Sighting], facts: &'a [Fact]) -> Option<Self> {
        let told = facts.iter().filter_map(|fact| match &fact.claim {
            Claim::Resolved(resolved) => Some((resolved, fact.at_ms)),
            _ => None,
        });
        let (resolved, at_ms) = told.max_by_key(|(resolved, at_ms)| {
            (resolved.revision, std::cmp::Reverse(*at_ms), format!("{resolved:?}"))
        })?;
        let mut decided = Self { resolved, at_ms, adopted: None, money: None, fresh: Vec::new() };
        if let Some(accepted) = &resolved.amount {
            let known = resolved.known.iter().any(|sum| !sum.back);
            decided.adopted = seen.iter().find(|sum| !known && !sum.back && sum.is(accepted));
            decided.money = seen.iter().find(|sum| decided.covers(sum) && sum.is(accepted));
        }
        decided.fresh = seen.iter().filter(|sum| decided.is_news(terms, sum)).collect();
        Some(decided)
    }

    /// Whether it was decided about this money.
    pub(super) fn covers(&self, sum: &Sighting) -> bool {
        self.resolved.known.iter().any(|known| known.same(sum))
            || self.adopted.is_some_and(|adopted| adopted.same(sum))
    }

    fn is_news(&self, terms: &Terms, sum: &Sighting) -> bool {
        if self.is_paid() && sum.back {
            return false;
        }
        if !self.covers(sum) {
            // What only a notification says is asked about first.
            return sum.confirmed || sum.unresolved || !sum.agrees(terms);
        }
        // What was decided to be unpaid on a doubtful word, and is paid after all.
        let doubtful = |known: &&Sighting| known.same(sum) && !known.confirmed;
        !self.is_paid()
            && sum.agrees(terms)
            && sum.confirmed
            && self.resolved.known.iter().filter(|known| known.same(sum)).all(|known| doubtful(&known))
    }

    /// Whether it counts as paid.
    pub(super) fn is_paid(&self) -> bool {
        self.resolved.outcome == ResolutionOutcome::Paid
    }

    /// What was accepted as the payment.
    pub(super) fn accepted(&self) -> Option<&Money> {
        self.resolved.amount.as_ref()
    }

    /// Why it was in review when it was decided.
    pub(super) fn reason(&self) -> ReviewReason {
        self.resolved.reason
    }

    /// When.
    pub(super) fn at_ms(&self) -> UnixMs {
        self.at_ms
    }

    /// As the state keeps it.
    pub(super) fn decision(&self) -> Decision {
        let Resolved { outcome, amount, note, .. } = self.resolved.clone();
        Decision { outcome, amount, note, at_ms: self.at_ms }
    }
}
