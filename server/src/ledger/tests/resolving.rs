//! Reviews, and what the merchant decides about them.

use countersign_core::ResolutionOutcome;

use super::super::{Resolved, Sighting};
use super::*;

/// What the merchant decides about `state` as it is, as the use case writes it down.
fn resolved(outcome: ResolutionOutcome, amount: Option<i64>, state: &State, revision: i64) -> Claim {
    let review = state.review.as_ref().expect("in review");
    let currency = Currency::parse("CNY").unwrap();
    Claim::Resolved(Resolved {
        outcome,
        amount: amount.map(|value| Money::new(value, currency).unwrap()),
        note: None,
        reason: review.reason,
        revision,
        known: review.seen.clone(),
    })
}

fn as_paid(amount: i64, state: &State) -> Claim {
    resolved(ResolutionOutcome::Paid, Some(amount), state, 5)
}

fn as_unpaid(state: &State) -> Claim {
    resolved(ResolutionOutcome::Unpaid, None, state, 5)
}

/// The state after `claims`, then after a decision about it, then after `further`.
fn decided(claims: &[Claim], decide: impl Fn(&State) -> Claim, further: &[Claim]) -> State {
    let before = after(claims);
    assert_eq!(before.status, Review, "{claims:?}");
    let mut all = claims.to_vec();
    all.push(decide(&before));
    all.extend_from_slice(further);
    after(&all)
}

fn sums(state: &State) -> Vec<(Option<i64>, bool)> {
    let review = state.review.as_ref().expect("a review");
    review.seen.iter().map(|sum: &Sighting| (sum.amount, sum.confirmed)).collect()
}

#[test]
fn every_review_says_why_and_what_was_seen() {
    let mut usd = paid(1000);
    usd.currency = Currency::parse("USD").ok();
    let other = PaidClaim { other_payer: true, ..paid(1000) };
    for (claims, expected, seen) in [
        (vec![accepted(), Claim::Paid(paid(999))], ReviewReason::AmountDiffers, 1),
        (vec![accepted(), Claim::PaidUnconfirmed(paid(999))], ReviewReason::AmountDiffers, 1),
        (vec![accepted(), Claim::Paid(usd)], ReviewReason::CurrencyDiffers, 1),
        (vec![accepted(), Claim::Paid(other)], ReviewReason::OtherPayer, 1),
        (vec![accepted(), Claim::Canceled, Claim::Paid(paid(1000))], ReviewReason::PaidAfterCancel, 1),
        (vec![accepted(), Claim::Canceled, Claim::Paid(paid(999))], ReviewReason::AmountDiffers, 1),
        (vec![accepted(), Claim::PaidUnconfirmed(paid(1000)), Claim::Closed], ReviewReason::ClosedButPaid, 1),
        (vec![accepted(), refunded(Some(400))], ReviewReason::RefundedUnpaid, 1),
        (vec![unknown(), Claim::Unresolved], ReviewReason::Unresolved, 0),
        (
            vec![accepted(), Claim::PaidUnconfirmed(paid(1000)), Claim::Unresolved],
            ReviewReason::Unresolved,
            1,
        ),
    ] {
        let state = after(&claims);
        assert_eq!((state.status, reason(&state)), (Review, Some(expected)), "{claims:?}");
        assert_eq!(state.review.unwrap().seen.len(), seen, "{claims:?}");
    }
    assert_eq!(reason(&after(&[accepted(), Claim::Paid(paid(1000))])), None);
}

#[test]
fn money_told_by_a_notification_and_by_a_query_is_seen_once() {
    let without_number = PaidClaim { transaction_id: None, ..paid(999) };
    let told = after(&[accepted(), Claim::PaidUnconfirmed(paid(999)), Claim::Paid(without_number)]);
    assert_eq!(sums(&told), [(Some(999), true)]);
    let seen = told.review.unwrap().seen.remove(0);
    assert_eq!(seen.transaction_id.as_deref(), Some("T1"));
    let other_number = PaidClaim { transaction_id: Some("T2".into()), ..paid(999) };
    let twice = after(&[accepted(), Claim::Paid(paid(999)), Claim::Paid(other_number)]);
    assert_eq!(twice.review.unwrap().seen.len(), 2, "two transactions are two sums");
}

#[test]
fn what_counts_as_paid_is_paid_with_the_amount_that_was_accepted() {
    let state = decided(&[accepted(), Claim::Paid(paid(999))], |state| as_paid(999, state), &[]);
    assert_eq!((state.status, reason(&state)), (Succeeded, Some(ReviewReason::AmountDiffers)));
    assert_eq!((state.paid_at_ms, state.paid_attempt, state.live), (Some(77), Some(1), false));
    assert_eq!(state.accepted.as_ref().map(Money::value), Some(999));
    assert_eq!((state.unsettled, sums(&state)), (0, vec![(Some(999), true)]));
    assert_eq!(state.decision.unwrap().outcome, ResolutionOutcome::Paid);
    // What may go back is what was accepted.
    let back = decided(
        &[accepted(), Claim::Paid(paid(999))],
        |state| as_paid(999, state),
        &[Claim::Refunded { total: Some(999), paid: Some(paid(999)) }],
    );
    assert_eq!((back.status, back.amount_refunded), (Refunded, 999));
    let nothing_seen = decided(&[unknown(), Claim::Unresolved], |state| as_paid(1000, state), &[]);
    assert_eq!((nothing_seen.status, nothing_seen.paid_at_ms.is_some()), (Succeeded, true));
}

#[test]
fn what_counts_as_unpaid_is_given_up_until_other_money_is_told_of() {
    let claims = [accepted(), Claim::Paid(paid(999))];
    let state = decided(&claims, as_unpaid, &[]);
    assert_eq!((state.status, state.paid_at_ms, state.unsettled), (Canceled, None, 0));
    assert_eq!(reason(&state), Some(ReviewReason::AmountDiffers), "it stays readable");
    let again = decided(&claims, as_unpaid, &[Claim::PaidUnconfirmed(paid(999)), Claim::Paid(paid(999))]);
    assert_eq!(again.status, Canceled, "the same money told again");
    let other = decided(&claims, as_unpaid, &[Claim::Paid(paid(1000))]);
    assert_eq!((other.status, reason(&other)), (Review, Some(ReviewReason::PaidAfterCancel)));
    assert_eq!(sums(&other).len(), 2);
    let less = decided(&claims, as_unpaid, &[Claim::PaidUnconfirmed(paid(7))]);
    assert_eq!((less.status, reason(&less)), (Review, Some(ReviewReason::AmountDiffers)));
    let back = decided(&claims, as_unpaid, &[Claim::Refunded { total: Some(400), paid: Some(paid(999)) }]);
    assert_eq!(back.status, Canceled, "it is the merchant who gives it back");
}

#[test]
fn a_doubtful_word_that_was_decided_to_be_none_is_in_review_once_it_is_confirmed() {
    let claims = [accepted(), Claim::PaidUnconfirmed(paid(1000)), Claim::Unresolved];
    let state = decided(&claims, as_unpaid, &[]);
    assert_eq!((state.status, asked(&state)), (Canceled, None));
    let confirmed = decided(&claims, as_unpaid, &[Claim::Paid(paid(1000))]);
    assert_eq!((confirmed.status, reason(&confirmed)), (Review, Some(ReviewReason::PaidAfterCancel)));
}

#[test]
fn money_that_was_taken_for_paid_before_it_was_seen_is_no_other_money() {
    let claims = [unknown(), Claim::Unresolved];
    let told = decided(&claims, |state| as_paid(1000, state), &[Claim::Paid(paid(1000))]);
    assert_eq!((told.status, told.unsettled), (Succeeded, 0));
    assert_eq!(told.transaction_id.as_deref(), Some("T1"));
    let other = decided(&claims, |state| as_paid(1000, state), &[Claim::Paid(paid(900))]);
    assert_eq!(
        (other.status, reason(&other), other.unsettled),
        (Succeeded, Some(ReviewReason::PaidTwice), 1)
    );
}

#[test]
fn of_two_decisions_the_one_about_the_later_revision_counts() {
    let first = after(&[accepted(), Claim::Paid(paid(999))]);
    let unpaid = resolved(ResolutionOutcome::Unpaid, None, &first, 3);
    let claims = vec![accepted(), Claim::Paid(paid(999)), unpaid, Claim::Paid(paid(1000))];
    let second = after(&claims);
    let now_paid = resolved(ResolutionOutcome::Paid, Some(1000), &second, 5);
    let mut told = facts(&[claims, vec![now_paid]].concat());
    let state = settle(&terms(), &[attempt(1)], &[], &told);
    assert_eq!((state.status, state.unsettled), (Succeeded, 0));
    // Even when a clock has gone back in between.
    told.last_mut().unwrap().at_ms = 1;
    assert_eq!(settle(&terms(), &[attempt(1)], &[], &told).status, Succeeded);
}

#[test]
fn a_notification_for_a_payment_that_was_given_up_is_asked_about_and_ends_with_a_person() {
    for given_up in [Claim::Canceled, Claim::Expired] {
        let told = vec![accepted(), given_up, Claim::PaidUnconfirmed(paid(1000))];
        let doubtful = after(&told);
        assert!(matches!(doubtful.status, Canceled | Expired));
        assert_eq!(asked(&doubtful), Some(1), "the gateway is asked");
        let in_vain = after(&[told, vec![Claim::Unresolved]].concat());
        assert_eq!((in_vain.status, reason(&in_vain)), (Review, Some(ReviewReason::Unresolved)));
    }
}

#[test]
fn a_second_payment_that_nobody_can_confirm_is_told_and_the_first_stays_paid() {
    let mut told = facts(&[Claim::Refused { failure: failure() }, Claim::PaidUnconfirmed(paid(1000))]);
    told.push(Fact { attempt: Some(2), claim: Claim::Paid(paid(1000)), ..told[0].clone() });
    let both = [attempt(1), attempt(2)];
    let doubtful = settle(&terms(), &both, &[], &told);
    assert_eq!((doubtful.status, asked(&doubtful), doubtful.unsettled), (Succeeded, Some(1), 0));
    told.push(Fact { claim: Claim::Unresolved, source: Source::Clock, ..told[0].clone() });
    let state = settle(&terms(), &both, &[], &told);
    assert_eq!((state.status, asked(&state), state.unsettled), (Succeeded, None, 1));
    assert_eq!(reason(&state), Some(ReviewReason::Unresolved));
}

#[test]
fn a_submission_is_on_its_way_until_its_answer_or_its_time_is_there() {
    let sent = after(&[]);
    assert!(sent.in_flight(5, 100) && !sent.in_flight(101, 100));
    assert!(after(&[Claim::NotFound]).in_flight(5, 100), "a query does not answer it");
    let response = |claim| Fact { source: Source::Response, claim, ..facts(&[unknown()]).remove(0) };
    let state = |told: &[Fact]| settle(&terms(), &[attempt(1)], &[], told);
    let answered = vec![response(Claim::NotSent)];
    assert!(!state(&answered).in_flight(5, 100));
    let again = [answered.clone(), vec![response(Claim::SentAgain)]].concat();
    assert!(state(&again).in_flight(20, 100));
    assert_ne!(state(&again), state(&answered), "every sending is a change");
    let both = [again, vec![Fact { at_ms: 30, ..response(unknown()) }]].concat();
    assert!(!state(&both).in_flight(20, 100));
}

/// What happens to a payment, step by step: a claim, or a decision where there is something to decide.
#[derive(Clone, Debug)]
enum Step {
    Told(Box<Claim>),
    Decided(bool),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any_claim().prop_map(|claim| Step::Told(Box::new(claim))),
        1 => any::<bool>().prop_map(Step::Decided),
    ]
}

fn is_decided(claim: &Claim) -> bool {
    matches!(claim, Claim::Expired | Claim::Canceled | Claim::Unresolved)
}

/// Plays the steps as the use cases would, and gives the facts.
fn play(steps: &[Step]) -> Vec<Fact> {
    let (mut known, mut before, mut revision) = (Vec::new(), settle(&terms(), &[attempt(1)], &[], &[]), 1);
    for (at, step) in steps.iter().enumerate() {
        let claim = match step {
            // Clock and merchant only speak while a payment is open: see expire and cancel in `app`.
            Step::Told(claim) if is_decided(claim) && !before.status.is_open() => continue,
            Step::Told(claim) => Claim::clone(claim),
            Step::Decided(_) if before.status != Review => continue,
            Step::Decided(is_paid) => {
                let seen = before.review.as_ref().unwrap().seen.iter().find(|sum| !sum.back);
                let amount = seen.and_then(|sum| sum.amount).unwrap_or(1000);
                if *is_paid {
                    resolved(ResolutionOutcome::Paid, Some(amount), &before, revision)
                } else {
                    resolved(ResolutionOutcome::Unpaid, None, &before, revision)
                }
            }
        };
        let fact = facts(&[claim]).remove(0);
        known.push(Fact { at_ms: at as i64 + 10, ..fact });
        let then = settle(&terms(), &[attempt(1)], &[], &known);
        let (from, to) = (before.status, then.status);
        assert!(from == to || from.may_become(to), "{from} to {to} by {known:?}");
        if let Step::Decided(is_paid) = step {
            let expected = if *is_paid { [Succeeded, Refunded] } else { [Canceled, Refunded] };
            assert!(expected.contains(&to), "{to} by {known:?}");
            assert_eq!(then.unsettled, 0, "nothing is left to decide");
        }
        revision += i64::from(then != before);
        before = then;
    }
    known
}

proptest! {
    #[test]
    fn decisions_make_legal_moves_and_no_order_or_repetition_changes_what_follows(
        steps in prop::collection::vec(any_step(), 0..12),
        seed in any::<u64>(),
    ) {
        let told = play(&steps);
        let state = settle(&terms(), &[attempt(1)], &[], &told);
        let mut mixed = [told.clone(), told].concat();
        shuffle(&mut mixed, seed);
        prop_assert_eq!(settle(&terms(), &[attempt(1)], &[], &mixed).status, state.status);
        let mut once = mixed;
        let mut kept: Vec<Fact> = Vec::new();
        once.retain(|fact| {
            let new = !kept.contains(fact);
            kept.push(fact.clone());
            new
        });
        prop_assert_eq!(settle(&terms(), &[attempt(1)], &[], &once), state);
    }

    #[test]
    fn the_same_money_told_again_takes_no_decision_back(
        steps in prop::collection::vec(any_step(), 0..10),
        is_paid in any::<bool>(),
        nth in any::<prop::sample::Index>(),
    ) {
        let mut told = play(&[steps, vec![Step::Decided(is_paid)]].concat());
        let state = settle(&terms(), &[attempt(1)], &[], &told);
        let Some(decision) = &state.decision else { return Ok(()) };
        prop_assume!(decision.at_ms == told.last().unwrap().at_ms);
        let paid: Vec<Fact> =
            told.iter().filter(|f| matches!(f.claim, Claim::Paid(_) | Claim::PaidUnconfirmed(_))).cloned().collect();
        prop_assume!(!paid.is_empty());
        told.push(Fact { at_ms: 1000, ..paid[nth.index(paid.len())].clone() });
        prop_assert_eq!(settle(&terms(), &[attempt(1)], &[], &told).status, state.status);
    }
}

fn shuffle(facts: &mut [Fact], seed: u64) {
    let mut x = seed | 1;
    for i in (1..facts.len()).rev() {
        x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        facts.swap(i, (x >> 33) as usize % (i + 1));
    }
}
