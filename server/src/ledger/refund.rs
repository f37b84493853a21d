//! What became of refunds, as a function of the facts.

use countersign_core::{Failure, RefundId, RefundStatus};
use serde::{Deserialize, Serialize};

use super::fact::{Claim, Fact, RefundClaim, Source};
use crate::clock::UnixMs;

/// A refund as the merchant asked for it, written down before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefundTerms {
    /// Its name.
    pub(crate) id: RefundId,
    /// 1 for the first of the payment.
    pub(crate) number: i64,
    /// The number sent to the gateway.
    pub(crate) refund_no: String,
    /// The merchant's own number.
    pub(crate) refund_id: Option<String>,
    /// Minor units of the payment's currency.
    pub(crate) amount: i64,
    /// The merchant's words.
    pub(crate) reason: Option<String>,
    /// What had gone back before it was asked for, minor units.
    pub(crate) refunded_before: i64,
    /// When it was written down.
    pub(crate) created_at_ms: UnixMs,
}

/// What follows from the facts for one refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RefundState {
    /// Which.
    pub(crate) number: i64,
    /// Where it stands.
    pub(crate) status: RefundStatus,
    /// Why it was refused, or what leaves it open.
    pub(crate) failure: Option<Failure>,
    /// The gateway's own number for it.
    pub(crate) gateway_refund_no: Option<String>,
    /// Whether the gateway has not seen it, so that sending it (again) cannot pay twice.
    pub(crate) unsent: bool,
    /// When it was sent last.
    #[serde(default)]
    pub(crate) sent_at_ms: UnixMs,
    /// How often it was sent again.
    #[serde(default)]
    pub(crate) sent_again: usize,
    /// Whether an answer to that sending, or the lack of one, was noted.
    #[serde(default)]
    pub(crate) answered: bool,
    /// When the last was learnt of it.
    pub(crate) updated_at_ms: UnixMs,
}

impl RefundState {
    /// Whether it may still be on its way to the gateway: what a query says of it then decides nothing.
    pub(crate) fn in_flight(&self, now_ms: UnixMs, longest_ms: i64) -> bool {
        !self.answered && now_ms < self.sent_at_ms + longest_ms
    }
}

/// The state of each refund.
pub(super) fn settle(refunds: &[RefundTerms], facts: &[Fact]) -> Vec<RefundState> {
    refunds.iter().map(|refund| state(refund, facts)).collect()
}

/// How much went back of `paid`: what the gateway says of the whole, or what the refunds come to on top of what had gone
/// back before them, whichever is most.
pub(super) fn amount(paid: i64, refunds: &[RefundTerms], states: &[RefundState], facts: &[Fact]) -> i64 {
    let told = facts.iter().filter_map(|f| match &f.claim {
        Claim::Refunded { total, .. } => Some(total.unwrap_or(paid).clamp(0, paid)),
        _ => None,
    });
    let done = |refund: &&RefundTerms| {
        states.iter().any(|s| s.number == refund.number && s.status == RefundStatus::Succeeded)
    };
    let ours = refunds.iter().filter(done).fold(0_i64, |sum, refund| sum.saturating_add(refund.amount));
    // What went back before one of ours by other hands is in no sum of ours.
    let with_before = refunds.iter().filter(done).map(|r| r.refunded_before.saturating_add(r.amount));
    told.chain(with_before).chain([ours]).max().unwrap_or(0).min(paid)
}

/// How much may have gone back when `went_back` certainly did: what became of refunds in review, nobody knows.
pub(crate) fn spoken_for(went_back: i64, refunds: &[RefundTerms], states: &[RefundState]) -> i64 {
    let may_be_done = |refund: &&RefundTerms| {
        let state = states.iter().find(|state| state.number == refund.number).map(|state| state.status);
        matches!(state, Some(RefundStatus::Succeeded | RefundStatus::Review))
    };
    let ours =
        refunds.iter().filter(may_be_done).fold(0_i64, |sum, refund| sum.saturating_add(refund.amount));
    let with_before = refunds.iter().filter(may_be_done).map(|r| r.refunded_before.saturating_add(r.amount));
    with_before.chain([ours, went_back]).max().unwrap_or(0)
}

fn state(refund: &RefundTerms, facts: &[Fact]) -> RefundState {
    let mut about: Vec<(&Fact, &RefundClaim)> = facts
        .iter()
        .filter_map(|f| match &f.claim {
            Claim::Refund { number, told } if *number == refund.number => Some((f, told)),
            _ => None,
        })
        .collect();
    about.sort_by_cached_key(|(f, told)| (f.at_ms, format!("{told:?}")));

    let mut state = RefundState {
        number: refund.number,
        status: RefundStatus::Processing,
        failure: None,
        gateway_refund_no: None,
        unsent: false,
        sent_at_ms: refund.created_at_ms,
        sent_again: 0,
        answered: false,
        updated_at_ms: about.last().map_or(refund.created_at_ms, |(f, _)| f.at_ms),
    };
    let (mut succeeded, mut refused, mut unresolved, mut known) = (false, None, false, false);
    let (mut not_sent, mut answers) = (0, 0);
    for (fact, told) in about {
        answers += usize::from(fact.source == Source::Response && *told != RefundClaim::SentAgain);
        match told {
            RefundClaim::Accepted { gateway_refund_no } => {
                known = true;
                state.gateway_refund_no = gateway_refund_no.clone().or(state.gateway_refund_no);
            }
            RefundClaim::Succeeded { gateway_refund_no } => {
                succeeded = true;
                state.gateway_refund_no = gateway_refund_no.clone().or(state.gateway_refund_no);
            }
            RefundClaim::Refused { failure } => refused = Some(failure),
            RefundClaim::NotSent => not_sent += 1,
            RefundClaim::SentAgain => {
                state.sent_again += 1;
                state.sent_at_ms = state.sent_at_ms.max(fact.at_ms);
            }
            RefundClaim::Unresolved => unresolved = true,
            RefundClaim::NotFound => {}
            RefundClaim::Unknown { failure, .. } => state.failure = failure.clone().or(state.failure),
        }
    }
    state.answered = answers > state.sent_again;
    if succeeded {
        state.status = RefundStatus::Succeeded;
        state.failure = None;
    } else if let Some(failure) = refused {
        state.status = RefundStatus::Failed;
        state.failure = Some(failure.clone());
    } else if unresolved {
        state.status = RefundStatus::Review;
    } else {
        state.unsent = not_sent > state.sent_again && !known;
    }
    state
}

#[cfg(test)]
mod tests {
    use super::super::Source;
    use super::*;
    use countersign_core::{FailureClass, Text};
    use proptest::prelude::*;

    fn terms(number: i64, amount: i64) -> RefundTerms {
        RefundTerms {
            id: RefundId::parse("re_01JD0000000000000000000000").unwrap(),
            number,
            refund_no: format!("Af{number}"),
            refund_id: None,
            amount,
            reason: None,
            refunded_before: 0,
            created_at_ms: 1,
        }
    }

    fn failure() -> Failure {
        let message = Text { en: "No.".into(), zh: "不。".into() };
        Failure {
            code: "refused".into(),
            gateway_code: None,
            message,
            class: FailureClass::Final,
            hint: None,
        }
    }

    fn facts(claims: &[RefundClaim]) -> Vec<Fact> {
        let fact = |(i, told): (usize, &RefundClaim)| Fact {
            attempt: None,
            source: Source::Query,
            claim: Claim::Refund { number: 1, told: told.clone() },
            at_ms: i as i64 + 10,
        };
        claims.iter().enumerate().map(fact).collect()
    }

    fn after(claims: &[RefundClaim]) -> RefundState {
        settle(&[terms(1, 400)], &facts(claims)).remove(0)
    }

    fn succeeded() -> RefundClaim {
        RefundClaim::Succeeded { gateway_refund_no: Some("G".into()) }
    }

    #[test]
    fn only_the_gateways_word_ends_a_refund() {
        let unknown = RefundClaim::Unknown { reason: "time-out".into(), failure: None };
        assert_eq!(after(&[]).status, RefundStatus::Processing);
        assert_eq!(after(&[unknown.clone(), RefundClaim::NotFound]).status, RefundStatus::Processing);
        assert_eq!(after(&[unknown.clone(), succeeded()]).status, RefundStatus::Succeeded);
        assert_eq!(after(&[unknown, RefundClaim::Unresolved]).status, RefundStatus::Review);
        let refused = RefundClaim::Refused { failure: failure() };
        assert_eq!(after(std::slice::from_ref(&refused)).status, RefundStatus::Failed);
        assert_eq!(after(&[refused, succeeded()]).status, RefundStatus::Succeeded);
        assert!(after(&[RefundClaim::NotSent]).unsent);
        assert!(!after(&[RefundClaim::NotSent, RefundClaim::SentAgain]).unsent);
    }

    #[test]
    fn the_sum_is_what_the_gateway_says_or_what_our_refunds_come_to() {
        let (refunds, mut known) = (vec![terms(1, 400), terms(2, 100)], facts(&[succeeded()]));
        let sum = |known: &[Fact]| amount(1000, &refunds, &settle(&refunds, known), known);
        assert_eq!(sum(&known), 400);
        let told = |total| Fact { claim: Claim::Refunded { total, paid: None }, ..known[0].clone() };
        let (some, all) = (told(Some(600)), told(None));
        known.push(some);
        assert_eq!(sum(&known), 600);
        known.push(all);
        assert_eq!(sum(&known), 1000);
    }

    #[test]
    fn a_refund_comes_on_top_of_what_other_hands_gave_back_before() {
        let refunds = vec![RefundTerms { refunded_before: 500, ..terms(1, 500) }];
        let mut known = facts(&[succeeded()]);
        known.push(Fact { claim: Claim::Refunded { total: Some(500), paid: None }, ..known[0].clone() });
        assert_eq!(amount(1000, &refunds, &settle(&refunds, &known), &known), 1000);
    }

    proptest! {
        #[test]
        fn no_order_of_facts_changes_a_refund(picks in prop::collection::vec(0_usize..7, 0..8), turn in 0_usize..8) {
            let all = [
                succeeded(),
                RefundClaim::Refused { failure: failure() },
                RefundClaim::NotSent,
                RefundClaim::SentAgain,
                RefundClaim::NotFound,
                RefundClaim::Unresolved,
                RefundClaim::Accepted { gateway_refund_no: Some("H".into()) },
            ];
            let told = facts(&picks.iter().map(|i| all[*i].clone()).collect::<Vec<_>>());
            let mut turned = told.clone();
            turned.rotate_left(turn.min(told.len()));
            prop_assert_eq!(settle(&[terms(1, 400)], &told), settle(&[terms(1, 400)], &turned));
        }
    }
}
