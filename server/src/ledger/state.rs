//! The status as a function of the facts.

use countersign_core::{Failure, Money, NextAction, PaymentStatus};
use serde::{Deserialize, Serialize};

use super::attempt::Attempt;
use super::fact::{Claim, Fact, PaidClaim};
use super::paid::{self, Doubted, in_time};
use super::refund::{self, RefundState, RefundTerms};
use super::resolution::{Decided, Decision};
use super::review::{self, ReviewState};
use super::seen::{self, Sighting};
use super::submission;
use crate::clock::UnixMs;

/// What a payment must match.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// The amount that was asked for.
    pub(crate) amount: Money,
}

/// What follows from the facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    /// Where the payment stands.
    pub(crate) status: PaymentStatus,
    /// What the payer must do.
    pub(crate) next_action: Option<NextAction>,
    /// Why it was refused.
    pub(crate) failure: Option<Failure>,
    /// The gateway's own order number.
    pub(crate) gateway_order_no: Option<String>,
    /// The number of the transaction.
    pub(crate) transaction_id: Option<String>,
    /// When it was paid.
    pub(crate) paid_at_ms: Option<UnixMs>,
    /// Paid after it had expired.
    pub(crate) late: bool,
    /// Whether the last attempt may still take money.
    pub(crate) live: bool,
    /// Whether a notification says "paid" and no query has confirmed it yet.
    pub(crate) confirming: bool,
    /// Whether the gateway closed the last attempt of which a notification says "paid".
    #[serde(default)]
    pub(crate) contradicted: bool,
    /// Another attempt than the one that counts, of which a notification says "paid": it is to be asked about.
    #[serde(default)]
    pub(crate) doubted: Option<Doubted>,
    /// The attempt that was paid.
    #[serde(default)]
    pub(crate) paid_attempt: Option<i64>,
    /// Whether the last attempt never left, so that sending it (again) cannot charge twice.
    pub(crate) unsent: bool,
    /// When the last attempt was sent last.
    #[serde(default)]
    pub(crate) sent_at_ms: Option<UnixMs>,
    /// How often it was sent again.
    #[serde(default)]
    pub(crate) sent_again: usize,
    /// Whether an answer to that sending, or the lack of one, was noted. Until then the gateway may still receive it.
    #[serde(default)]
    pub(crate) answered: bool,
    /// What was accepted as the payment, where the merchant decided that.
    #[serde(default)]
    pub(crate) accepted: Option<Money>,
    /// What came in instead of what was asked for, while nobody has accepted it.
    #[serde(default)]
    pub(crate) other_money: Option<Money>,
    /// How much went back, minor units.
    #[serde(default)]
    pub(crate) amount_refunded: i64,
    /// What became of each refund, by number.
    #[serde(default)]
    pub(crate) refunds: Vec<RefundState>,
    /// Why a person must look, or had to.
    #[serde(default)]
    pub(crate) review: Option<ReviewState>,
    /// How much there is to look at: more of it is news for the merchant, whatever the status.
    #[serde(default)]
    pub(crate) unsettled: usize,
    /// What the merchant decided about it.
    #[serde(default)]
    pub(crate) decision: Option<Decision>,
}

/// The state that follows from `attempts` and `refunds` (by number) and `facts` (in any order, repeated or not).
pub(crate) fn settle(terms: &Terms, attempts: &[Attempt], refunds: &[RefundTerms], facts: &[Fact]) -> State {
    let mut state = before_money(attempts, facts);
    let seen = seen::sightings(terms, facts);
    let decided = Decided::last(terms, &seen, facts);
    let (matching, other) = paid::claims(terms, facts);
    let has = |wanted: &Claim| facts.iter().any(|f| f.claim == *wanted);
    let given_up = GivenUp {
        canceled: has(&Claim::Canceled),
        expired: has(&Claim::Expired),
        unresolved: has(&Claim::Unresolved),
        asked_in_vain: seen.iter().any(|sum| sum.unresolved),
    };

    let last = attempts.last().map(|last| last.number);
    let accepted = decided.as_ref().and_then(|decided| decided.money);
    let counts = accepted.map_or(matching.map_or(last, |(_, fact)| fact.attempt), |sum| sum.attempt);
    let about = |sum: &Sighting| decided.as_ref().is_some_and(|decided| decided.covers(sum));
    state.doubted = paid::doubted(counts, &seen, about);
    // What has come to rest needs no such care: nobody can pay it.
    let at_rest = matches!(state.status, PaymentStatus::Expired | PaymentStatus::Review);
    if state.doubted.is_some() && matching.is_none() && !at_rest {
        state.show_nothing_to_pay();
    }
    if let Some((paid, fact)) = matching {
        state.take_paid(paid, fact);
    }
    state.accepted = decided.as_ref().and_then(|decided| decided.accepted().cloned());
    if matching.is_none() && state.accepted.is_none() {
        state.other_money = seen::other_money(&seen);
    }
    let received = state.received(&terms.amount).value();
    state.refunds = refund::settle(refunds, facts);
    state.amount_refunded = refund::amount(received, refunds, &state.refunds, facts);
    match &decided {
        Some(decided) => state.follow(decided),
        None => state.follow_the_gateway(other, &given_up),
    }
    // What was never paid, or with another sum, is not refunded when money goes back: a person decides about that.
    let is_paid = matching.is_some() || state.accepted.is_some();
    if is_paid && state.amount_refunded >= received {
        state.rest(PaymentStatus::Refunded);
    }
    state.late = state.paid_at_ms.is_some() && (given_up.expired || has(&Claim::Closed));
    if matches!(state.status, PaymentStatus::Canceled | PaymentStatus::Expired) {
        // What a notification says of the last attempt is to be asked about, too: nothing else would tell.
        state.doubted = paid::doubted(None, &seen, about);
    }
    let (review, unsettled) = review::weigh(terms, &state, &seen, decided.as_ref(), given_up.canceled);
    (state.review, state.unsettled) = (review, unsettled);
    state.decision = decided.map(|decided| decided.decision());
    state
}

/// Who gave the payment up, and why.
struct GivenUp {
    canceled: bool,
    expired: bool,
    unresolved: bool,
    /// A notification said "paid", and nobody could confirm it.
    asked_in_vain: bool,
}

/// What the attempts and the payer come to, before any money.
fn before_money(attempts: &[Attempt], facts: &[Fact]) -> State {
    let mut state = attempts.last().map_or_else(State::untouched, |last| submission::settle(last, facts));
    let at_rest = matches!(state.status, PaymentStatus::Expired | PaymentStatus::Review);
    if !state.live
        && !at_rest
        && let Some((next_action, failure)) = payer_needed(attempts, facts)
    {
        state.status = PaymentStatus::RequiresAction;
        state.next_action = Some(next_action.clone());
        state.failure = failure.cloned();
    }
    state
}

/// What the payer was asked for last, unless an attempt was begun since.
fn payer_needed<'a>(
    attempts: &[Attempt],
    facts: &'a [Fact],
) -> Option<(&'a NextAction, Option<&'a Failure>)> {
    let since_ms = attempts.last().map_or(UnixMs::MIN, |last| last.created_at_ms);
    let asked = facts.iter().filter(|f| matches!(f.claim, Claim::PayerNeeded { .. }) && f.at_ms > since_ms);
    match &asked.max_by_key(|f| in_time(f))?.claim {
        Claim::PayerNeeded { next_action, failure } => Some((next_action, failure.as_ref())),
        _ => None,
    }
}

impl State {
    pub(super) fn untouched() -> Self {
        Self {
            status: PaymentStatus::Created,
            next_action: None,
            failure: None,
            gateway_order_no: None,
            transaction_id: None,
            paid_at_ms: None,
            late: false,
            live: false,
            confirming: false,
            contradicted: false,
            doubted: None,
            paid_attempt: None,
            unsent: false,
            sent_at_ms: None,
            sent_again: 0,
            answered: false,
            accepted: None,
            other_money: None,
            amount_refunded: 0,
            refunds: Vec::new(),
            review: None,
            unsettled: 0,
            decision: None,
        }
    }

    /// Whether a submission may still be on its way to the gateway: what a query says of it then decides nothing.
    pub(crate) fn in_flight(&self, now_ms: UnixMs, longest_ms: i64) -> bool {
        self.sent_at_ms.is_some_and(|sent_ms| !self.answered && now_ms < sent_ms + longest_ms)
    }

    /// What came in, or is to: what was asked for, or what came instead.
    pub(crate) fn received<'a>(&'a self, asked: &'a Money) -> &'a Money {
        self.accepted.as_ref().or(self.other_money.as_ref()).unwrap_or(asked)
    }

    /// Comes to rest: nothing more for the payer to do.
    pub(super) fn rest(&mut self, status: PaymentStatus) {
        self.status = status;
        self.next_action = None;
        self.unsent = false;
        self.confirming = false;
        if status != PaymentStatus::Failed {
            self.failure = None;
        }
    }

    /// Nobody has decided: the gateway's word counts, and where that cannot, a person's will.
    fn follow_the_gateway(&mut self, other: bool, given_up: &GivenUp) {
        let paid = self.paid_at_ms.is_some();
        // It ended without money that it may have been paid with all the same.
        let ended = given_up.canceled || given_up.expired || self.status == PaymentStatus::Expired;
        let in_doubt = given_up.asked_in_vain && ended;
        if paid && !given_up.canceled {
            self.rest(PaymentStatus::Succeeded);
        } else if paid || other || self.amount_refunded > 0 || self.contradicted || in_doubt {
            self.rest(PaymentStatus::Review);
        } else if given_up.canceled {
            self.rest(PaymentStatus::Canceled);
        } else if given_up.expired {
            self.rest(PaymentStatus::Expired);
        } else if given_up.unresolved && self.status.is_open() {
            self.rest(PaymentStatus::Review);
        }
    }

    /// The merchant has decided. A payment that counts as paid stays so; one that does not is in review again when
    /// other money is told of.
    fn follow(&mut self, decided: &Decided<'_>) {
        if !decided.is_paid() {
            self.rest(if decided.fresh.is_empty() { PaymentStatus::Canceled } else { PaymentStatus::Review });
            if decided.fresh.is_empty() {
                (self.paid_at_ms, self.paid_attempt, self.transaction_id) = (None, None, None);
            }
            return;
        }
        self.rest(PaymentStatus::Succeeded);
        self.live = false;
        match decided.money {
            Some(sum) => {
                self.paid_at_ms = Some(sum.paid_at_ms.unwrap_or(sum.at_ms));
                self.paid_attempt = sum.attempt;
                self.transaction_id.clone_from(&sum.transaction_id);
                if sum.gateway_order_no.is_some() {
                    self.gateway_order_no.clone_from(&sum.gateway_order_no);
                }
            }
            None => self.paid_at_ms = Some(decided.at_ms()),
        }
    }

    /// Another attempt may have been paid: nothing may be paid until the gateway was asked about it.
    fn show_nothing_to_pay(&mut self) {
        self.status = PaymentStatus::Processing;
        self.next_action = None;
        self.failure = None;
        self.unsent = false;
        self.confirming = true;
    }

    fn take_paid(&mut self, paid: &PaidClaim, fact: &Fact) {
        self.paid_at_ms = Some(paid.paid_at_ms.unwrap_or(fact.at_ms));
        self.paid_attempt = fact.attempt;
        self.transaction_id.clone_from(&paid.transaction_id);
        if paid.gateway_order_no.is_some() {
            self.gateway_order_no.clone_from(&paid.gateway_order_no);
        }
        self.live = false;
    }
}
