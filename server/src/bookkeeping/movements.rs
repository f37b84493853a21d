//! The money that moved for a payment, read off its facts alone: each sum that came in once however often it was told, and
//! each part that went back.

use countersign_core::{Currency, PaymentStatus};

use crate::clock::UnixMs;
use crate::ledger::{Claim, Fact, PaidClaim, RefundClaim, Terms, settle};
use crate::store::{History, Record};

/// Money that moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Movement {
    /// The number of the fact that told of it.
    pub(super) number: i64,
    /// When that was learnt.
    pub(super) recorded_ms: UnixMs,
    pub(super) kind: Moved,
    /// Minor units; what went back is below zero.
    pub(super) amount: i64,
    pub(super) currency: Currency,
}

/// Which way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// From the payer.
    In {
        /// What the gateway said of it.
        paid: PaidClaim,
        /// Under which attempt.
        attempt: Option<i64>,
        counts_as: CountsAs,
    },
    /// To the payer.
    Back {
        /// The refund that was asked for here; `None` where it was given back by other hands.
        refund: Option<i64>,
    },
}

/// What money that came in is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CountsAs {
    /// It pays the payment.
    Payment,
    /// It pays nothing: the payment was paid without it, or somebody decided so.
    Extra,
    /// A person must look.
    Review,
}

impl CountsAs {
    /// As it is written.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Extra => "extra",
            Self::Review => "review",
        }
    }
}

impl Movement {
    /// When the gateway says that it was paid, else when that was learnt.
    pub(super) fn paid_ms(&self) -> UnixMs {
        match &self.kind {
            Moved::In { paid, .. } => paid.paid_at_ms.unwrap_or(self.recorded_ms),
            Moved::Back { .. } => self.recorded_ms,
        }
    }

    /// What it is for, where it came in.
    pub(super) fn counts_as(&self) -> Option<CountsAs> {
        match &self.kind {
            Moved::In { counts_as, .. } => Some(*counts_as),
            Moved::Back { .. } => None,
        }
    }
}

/// Every movement of a payment, in the order in which they were written down.
pub(super) fn movements(history: &History) -> Vec<Movement> {
    let mut found = money_in(history);
    found.extend(money_back(history));
    found.sort_by_key(|movement| movement.number);
    found
}

fn money_in(history: &History) -> Vec<Movement> {
    let record = &history.record;
    let mut sums: Vec<Movement> = Vec::new();
    for (number, fact) in &history.facts {
        let Some(paid) = confirmed(&fact.claim) else { continue };
        if sums.iter_mut().any(|sum| sum.is_told_again(fact, paid, record)) {
            continue;
        }
        let currency = paid.currency.as_ref().unwrap_or(record.amount.currency());
        sums.push(Movement {
            number: *number,
            recorded_ms: fact.at_ms,
            kind: Moved::In { paid: paid.clone(), attempt: fact.attempt, counts_as: CountsAs::Review },
            amount: paid.amount,
            currency: currency.clone(),
        });
    }
    weigh(&mut sums, record);
    sums
}

/// What a gateway says for certain of money that came in.
fn confirmed(claim: &Claim) -> Option<&PaidClaim> {
    match claim {
        Claim::Paid(paid) | Claim::Refunded { paid: Some(paid), .. } => Some(paid),
        _ => None,
    }
}

/// Says what each sum is for: one pays the payment, the others do not.
fn weigh(sums: &mut [Movement], record: &Record) {
    let decided = record.state.decision.is_some() && record.status() == PaymentStatus::Canceled;
    if !decided && !matches!(record.status(), PaymentStatus::Succeeded | PaymentStatus::Refunded) {
        return;
    }
    let attempt_of = |sum: &Movement| match &sum.kind {
        Moved::In { attempt, .. } => *attempt,
        Moved::Back { .. } => None,
    };
    let of_attempt = |sum: &Movement| attempt_of(sum) == record.state.paid_attempt;
    let agreeing = sums.iter().position(|sum| of_attempt(sum) && sum.is_what_was_asked(record));
    let counting = agreeing.or_else(|| sums.iter().position(of_attempt)).filter(|_| !decided);
    for (i, sum) in sums.iter_mut().enumerate() {
        if let Moved::In { counts_as, .. } = &mut sum.kind {
            *counts_as = if Some(i) == counting { CountsAs::Payment } else { CountsAs::Extra };
        }
    }
}

impl Movement {
    /// Whether a fact tells of this money again; what it says in addition is kept.
    fn is_told_again(&mut self, fact: &Fact, told: &PaidClaim, record: &Record) -> bool {
        let Moved::In { paid, attempt, .. } = &mut self.kind else { return false };
        let currency = told.currency.as_ref().unwrap_or(record.amount.currency());
        let other_transaction = paid.transaction_id.is_some()
            && told.transaction_id.is_some()
            && paid.transaction_id != told.transaction_id;
        let same = *attempt == fact.attempt
            && paid.other_payer == told.other_payer
            && paid.amount == told.amount
            && self.currency == *currency
            && !other_transaction;
        if same {
            paid.transaction_id = paid.transaction_id.take().or_else(|| told.transaction_id.clone());
            paid.gateway_order_no = paid.gateway_order_no.take().or_else(|| told.gateway_order_no.clone());
        }
        same
    }

    /// Whether it came in as the merchant asked for it.
    pub(super) fn is_what_was_asked(&self, record: &Record) -> bool {
        let from_another = matches!(&self.kind, Moved::In { paid, .. } if paid.other_payer);
        self.amount == record.amount.value() && self.currency == *record.amount.currency() && !from_another
    }
}

/// Each fact after which more had gone back than before, and how much more.
fn money_back(history: &History) -> Vec<Movement> {
    let record = &history.record;
    let about_refunds =
        |(_, fact): &(i64, Fact)| matches!(fact.claim, Claim::Refund { .. } | Claim::Refunded { .. });
    if record.state.amount_refunded == 0 && !history.facts.iter().any(about_refunds) {
        return Vec::new();
    }
    let (terms, mut known) = (Terms { amount: record.amount.clone() }, Vec::new());
    let (mut found, mut before) = (Vec::new(), 0);
    for (number, fact) in &history.facts {
        known.push(fact.clone());
        let state = settle(&terms, &record.attempts, &record.refunds, &known);
        let then = state.amount_refunded;
        if then != before {
            found.push(Movement {
                number: *number,
                recorded_ms: fact.at_ms,
                kind: Moved::Back { refund: refund_of(&fact.claim) },
                amount: before - then,
                currency: state.received(&record.amount).currency().clone(),
            });
            before = then;
        }
    }
    found
}

fn refund_of(claim: &Claim) -> Option<i64> {
    match claim {
        Claim::Refund { number, told: RefundClaim::Succeeded { .. } } => Some(*number),
        _ => None,
    }
}
