//! Money that somebody who may say so told of, each sum once however often it was told.

use countersign_core::{Currency, Money};
use serde::{Deserialize, Serialize};

use super::fact::{Claim, Fact, PaidClaim, Source};
use super::state::Terms;
use crate::clock::UnixMs;

/// One sum that was told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sighting {
    /// The attempt it came in under.
    pub(crate) attempt: Option<i64>,
    /// Minor units; `None` where all of an unknown sum went back.
    pub(crate) amount: Option<i64>,
    /// The payment's own where the gateway says none.
    pub(crate) currency: Currency,
    /// Whether somebody else paid than the payer that the order is bound to.
    pub(crate) other_payer: bool,
    /// Whether more than a notification says so, where there is a query.
    pub(crate) confirmed: bool,
    /// Whether nobody could confirm it in the time there was.
    pub(crate) unresolved: bool,
    /// It went back, and nobody told of its coming in.
    pub(crate) back: bool,
    /// The gateway's own order number.
    pub(crate) gateway_order_no: Option<String>,
    /// The number of the transaction.
    pub(crate) transaction_id: Option<String>,
    /// When it was paid, as far as the gateway says it.
    pub(crate) paid_at_ms: Option<UnixMs>,
    /// Who told of it; who confirmed it, where somebody did.
    pub(crate) source: Source,
    /// When it was told first.
    pub(crate) at_ms: UnixMs,
}

impl Sighting {
    /// Whether both tell of the same money.
    pub(super) fn same(&self, other: &Self) -> bool {
        let both_name = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
        let whose = |s: &Self| (s.attempt, s.back, s.other_payer);
        let sum = |s: &Self| (s.amount, s.currency.clone());
        whose(self) == whose(other)
            && (self.back || sum(self) == sum(other))
            && !both_name(&self.transaction_id, &other.transaction_id)
    }

    /// Whether it is what was asked for.
    pub(super) fn agrees(&self, terms: &Terms) -> bool {
        !self.back && !self.other_payer && self.is(&terms.amount)
    }

    /// Whether it is this sum.
    pub(crate) fn is(&self, amount: &Money) -> bool {
        self.amount == Some(amount.value()) && self.currency == *amount.currency()
    }

    /// As an amount, where it is one.
    pub(crate) fn money(&self) -> Option<Money> {
        Money::new(self.amount?, self.currency.clone()).ok()
    }

    fn join(&mut self, later: Self) {
        if later.confirmed && !self.confirmed {
            (self.confirmed, self.source) = (true, later.source);
        }
        if self.back {
            self.amount = self.amount.max(later.amount);
        }
        self.gateway_order_no = self.gateway_order_no.take().or(later.gateway_order_no);
        self.transaction_id = self.transaction_id.take().or(later.transaction_id);
        self.paid_at_ms = self.paid_at_ms.or(later.paid_at_ms);
    }
}

/// Every sum that the facts tell of, oldest first, whatever the order of the facts.
pub(super) fn sightings(terms: &Terms, facts: &[Fact]) -> Vec<Sighting> {
    let mut told: Vec<Sighting> = facts.iter().filter_map(|fact| sighting(terms, fact)).collect();
    told.sort_by_cached_key(|sighting| (sighting.at_ms, format!("{sighting:?}")));
    if told.iter().any(|sighting| !sighting.back) {
        // What went back is told with what came in.
        told.retain(|sighting| !sighting.back);
    }
    let mut sums: Vec<Sighting> = Vec::new();
    for sighting in told {
        match sums.iter_mut().find(|known| known.same(&sighting)) {
            Some(known) => known.join(sighting),
            None => sums.push(sighting),
        }
    }
    for sum in &mut sums {
        let asked_in_vain = |fact: &Fact| fact.claim == Claim::Unresolved && fact.attempt == sum.attempt;
        sum.unresolved = !sum.confirmed && sum.attempt.is_some() && facts.iter().any(asked_in_vain);
    }
    sums
}

/// What came in where nothing did that was asked for, in the currency of the largest sum.
pub(super) fn other_money(seen: &[Sighting]) -> Option<Money> {
    let came_in = || seen.iter().filter(|sum| sum.confirmed && !sum.back);
    let currency = &came_in().max_by_key(|sum| (sum.amount, sum.currency.as_str()))?.currency;
    let sums = came_in().filter(|sum| sum.currency == *currency).filter_map(|sum| sum.amount);
    Money::new(sums.fold(0, i64::saturating_add), currency.clone()).ok()
}

fn sighting(terms: &Terms, fact: &Fact) -> Option<Sighting> {
    let bare = Sighting {
        attempt: fact.attempt,
        amount: None,
        currency: terms.amount.currency().clone(),
        other_payer: false,
        confirmed: true,
        unresolved: false,
        back: false,
        gateway_order_no: None,
        transaction_id: None,
        paid_at_ms: None,
        source: fact.source,
        at_ms: fact.at_ms,
    };
    let of = |paid: &PaidClaim, confirmed| Sighting {
        amount: Some(paid.amount),
        currency: paid.currency.clone().unwrap_or_else(|| bare.currency.clone()),
        other_payer: paid.other_payer,
        confirmed,
        gateway_order_no: paid.gateway_order_no.clone(),
        transaction_id: paid.transaction_id.clone(),
        paid_at_ms: paid.paid_at_ms,
        ..bare.clone()
    };
    match &fact.claim {
        Claim::Paid(paid) | Claim::Refunded { paid: Some(paid), .. } => Some(of(paid, true)),
        Claim::PaidUnconfirmed(paid) => Some(of(paid, false)),
        Claim::Refunded { total, paid: None } => Some(Sighting { amount: *total, back: true, ..bare }),
        _ => None,
    }
}
