//! The status as a function of the facts: journeys, orders of facts, and what no order may change.

mod resolving;

use PaymentStatus::*;
use countersign_core::{
    AttemptId, Currency, Failure, FailureClass, Money, NextAction, PaymentStatus, RedirectPurpose,
    ReviewReason, Text,
};
use proptest::prelude::*;

use super::{Attempt, Circumstances, Claim, Fact, PaidClaim, Source, State, Terms, settle};

fn terms() -> Terms {
    Terms { amount: Money::new(1000, Currency::parse("CNY").unwrap()).unwrap() }
}

fn attempt(number: i64) -> Attempt {
    let id = AttemptId::parse("att_01JD0000000000000000000000").unwrap();
    Attempt {
        id,
        number,
        order_no: format!("A{number}"),
        created_at_ms: number,
        live: true,
        circumstances: Circumstances::default(),
    }
}

fn paid(amount: i64) -> PaidClaim {
    PaidClaim {
        amount,
        currency: Currency::parse("CNY").ok(),
        gateway_order_no: Some("G1".into()),
        transaction_id: Some("T1".into()),
        paid_at_ms: Some(77),
        other_payer: false,
    }
}

fn failure() -> Failure {
    let message = Text { en: "no".into(), zh: "不".into() };
    Failure { code: "refused".into(), gateway_code: None, message, class: FailureClass::Final, hint: None }
}

fn accepted() -> Claim {
    let url = "https://pay.example/".to_owned();
    let next_action = Some(NextAction::Redirect { purpose: RedirectPurpose::Pay, url });
    Claim::Accepted { gateway_order_no: Some("G1".into()), next_action }
}

fn consent() -> Claim {
    let next_action = NextAction::DotwalletSetPayConfig {
        page_url: "https://w.example/".into(),
        app_id: "a".into(),
        redirect_uri: "https://s.example/".into(),
    };
    Claim::ConsentNeeded { failure: failure(), next_action }
}

fn refunded(total: Option<i64>) -> Claim {
    Claim::Refunded { total, paid: None }
}

fn login() -> Claim {
    let url = "https://login.example/".to_owned();
    let purpose = RedirectPurpose::Login;
    Claim::PayerNeeded { next_action: NextAction::Redirect { purpose, url }, failure: None }
}

fn unknown() -> Claim {
    Claim::Unknown { reason: "time-out".into(), failure: None }
}

fn facts(claims: &[Claim]) -> Vec<Fact> {
    let at = |(i, claim): (usize, &Claim)| {
        let whole = matches!(
            claim,
            Claim::Canceled | Claim::Expired | Claim::Refunded { paid: None, .. } | Claim::Resolved(_)
        );
        let attempt = (!whole).then_some(1);
        Fact { attempt, source: Source::Query, claim: claim.clone(), at_ms: i as i64 + 10 }
    };
    claims.iter().enumerate().map(at).collect()
}

fn after(claims: &[Claim]) -> State {
    settle(&terms(), &[attempt(1)], &[], &facts(claims))
}

#[test]
fn follows_the_way_of_a_payment() {
    assert_eq!(settle(&terms(), &[], &[], &[]).status, Created);
    assert_eq!(after(&[]).status, Processing);
    assert_eq!(after(&[accepted()]).status, RequiresAction);
    assert_eq!(after(&[unknown()]).status, Processing);
    assert_eq!(after(&[unknown(), accepted()]).status, RequiresAction);
    let done = after(&[accepted(), Claim::Paid(paid(1000))]);
    assert_eq!((done.status, done.paid_at_ms, done.next_action), (Succeeded, Some(77), None));
    assert_eq!(done.transaction_id.as_deref(), Some("T1"));
    assert!(!done.live && !done.late);
}

#[test]
fn a_notification_alone_is_not_enough() {
    let state = after(&[accepted(), Claim::PaidUnconfirmed(paid(1000))]);
    assert_eq!((state.status, state.next_action), (Processing, None));
}

#[test]
fn another_amount_or_currency_is_for_a_person() {
    let mut usd = paid(1000);
    usd.currency = Currency::parse("USD").ok();
    for claim in [Claim::Paid(paid(999)), Claim::PaidUnconfirmed(paid(1001)), Claim::Paid(usd)] {
        assert_eq!(after(&[accepted(), claim]).status, Review);
    }
}

#[test]
fn money_for_a_canceled_payment_is_for_a_person_and_late_money_counts() {
    assert_eq!(after(&[accepted(), Claim::Canceled]).status, Canceled);
    assert_eq!(after(&[accepted(), Claim::Canceled, Claim::Paid(paid(1000))]).status, Review);
    let late = after(&[accepted(), Claim::Expired, Claim::Paid(paid(1000))]);
    assert_eq!((late.status, late.late), (Succeeded, true));
    let closed = after(&[accepted(), Claim::Closed, Claim::Paid(paid(1000))]);
    assert_eq!((closed.status, closed.late), (Succeeded, true));
}

#[test]
fn a_paid_word_after_a_refund_does_not_revive() {
    assert_eq!(after(&[refunded(None), Claim::Paid(paid(1000))]).status, Refunded);
}

#[test]
fn a_part_that_went_back_leaves_it_paid_and_all_of_it_refunds_it() {
    let part = after(&[accepted(), Claim::Paid(paid(1000)), refunded(Some(400))]);
    assert_eq!((part.status, part.amount_refunded), (Succeeded, 400));
    let told_with_the_payment = Claim::Refunded { total: Some(400), paid: Some(paid(1000)) };
    assert_eq!(after(&[accepted(), told_with_the_payment]).status, Succeeded);
    let all = after(&[accepted(), Claim::Paid(paid(1000)), refunded(Some(400)), refunded(Some(1000))]);
    assert_eq!((all.status, all.amount_refunded), (Refunded, 1000));
    let other = Claim::Refunded { total: Some(400), paid: Some(paid(999)) };
    assert_eq!(after(&[accepted(), other]).status, Review);
}

#[test]
fn a_payer_who_is_asked_first_is_asked_until_an_attempt_is_begun() {
    let told = facts(&[login()]);
    let asked = settle(&terms(), &[], &[], &told);
    assert_eq!((asked.status, asked.live), (RequiresAction, false));
    let begun = Attempt { created_at_ms: 99, ..attempt(1) };
    assert_eq!(settle(&terms(), std::slice::from_ref(&begun), &[], &told).status, Processing);
    let refused = Fact { attempt: Some(1), claim: consent(), ..told[0].clone() };
    let again = Fact { at_ms: 100, ..told[0].clone() };
    let state = settle(&terms(), &[begun], &[], &[refused, again]);
    assert!(matches!(state.next_action, Some(NextAction::Redirect { .. })));
}

#[test]
fn a_refusal_ends_the_attempt_and_a_missing_consent_asks_the_payer() {
    let refused = after(&[Claim::Refused { failure: failure() }]);
    assert_eq!((refused.status, refused.live), (Failed, false));
    assert!(refused.failure.is_some());
    let consent = after(&[consent()]);
    assert_eq!((consent.status, consent.live), (RequiresAction, false));
    assert!(consent.next_action.is_some() && consent.failure.is_some());
}

#[test]
fn an_earlier_attempt_that_is_said_to_be_paid_is_asked_about_and_counts() {
    let refused = Claim::Refused { failure: failure() };
    let mut told = facts(&[refused, Claim::PaidUnconfirmed(paid(1000))]);
    told.push(Fact { attempt: Some(2), claim: accepted(), ..told[0].clone() });
    let both = [attempt(1), attempt(2)];
    let doubted = settle(&terms(), &both, &[], &told);
    assert_eq!((doubted.status, asked(&doubted)), (Processing, Some(1)));
    assert_eq!((doubted.next_action, doubted.confirming), (None, true));
    let over = Fact { attempt: None, claim: Claim::Expired, ..told[0].clone() };
    let expired = settle(&terms(), &both, &[], &[told.clone(), vec![over]].concat());
    assert_eq!((expired.status, asked(&expired)), (Expired, Some(1)));
    told.push(Fact { claim: Claim::Paid(paid(1000)), ..told[0].clone() });
    let done = settle(&terms(), &both, &[], &told);
    assert_eq!((done.status, asked(&done), reason(&done)), (Succeeded, None, None));
    let second = Fact { attempt: Some(2), claim: Claim::PaidUnconfirmed(paid(1000)), ..told[0].clone() };
    told.push(second.clone());
    let once_more = settle(&terms(), &both, &[], &told);
    assert_eq!((once_more.status, asked(&once_more), reason(&once_more)), (Succeeded, Some(2), None));
    told.push(Fact { claim: Claim::Paid(paid(1000)), ..second });
    let twice = settle(&terms(), &both, &[], &told);
    assert_eq!((twice.status, asked(&twice)), (Succeeded, None));
    assert_eq!((reason(&twice), twice.unsettled), (Some(ReviewReason::PaidTwice), 1));
    assert_eq!(twice.review.unwrap().seen.len(), 2);
}

#[test]
fn an_earlier_attempt_that_nobody_can_tell_of_is_for_a_person_however_the_last_one_ended() {
    let told = |attempt, claim| Fact { attempt: Some(attempt), source: Source::Query, claim, at_ms: attempt };
    let mut known = vec![
        told(1, Claim::Refused { failure: failure() }),
        told(2, Claim::Closed),
        told(1, Claim::PaidUnconfirmed(paid(1000))),
    ];
    let both = [attempt(1), attempt(2)];
    let doubted = settle(&terms(), &both, &[], &known);
    assert_eq!((doubted.status, asked(&doubted)), (Expired, Some(1)));
    known.push(told(1, Claim::Unresolved));
    let in_vain = settle(&terms(), &both, &[], &known);
    assert_eq!((in_vain.status, reason(&in_vain)), (Review, Some(ReviewReason::Unresolved)));
}

fn reason(state: &State) -> Option<ReviewReason> {
    state.review.as_ref().map(|review| review.reason)
}

fn asked(state: &State) -> Option<i64> {
    state.doubted.as_ref().map(|doubted| doubted.attempt)
}

#[test]
fn somebody_elses_money_is_for_a_person() {
    let other = PaidClaim { other_payer: true, ..paid(1000) };
    assert_eq!(after(&[accepted(), Claim::Paid(other)]).status, Review);
}

#[test]
fn a_look_up_that_refuses_an_order_ends_it_and_a_later_one_may_take_it_back() {
    let refused = || Claim::Refused { failure: failure() };
    let ended = after(&[accepted(), refused()]);
    assert_eq!((ended.status, ended.live, ended.next_action), (Failed, false, None));
    assert_eq!(after(&[refused(), accepted()]).status, RequiresAction);
    assert_eq!(after(&[accepted(), refused(), Claim::Paid(paid(1000))]).status, Succeeded);
    let mut again = facts(&[accepted(), refused(), refused()]);
    again[2].source = Source::Response;
    assert_eq!(
        settle(&terms(), &[attempt(1)], &[], &again).status,
        Failed,
        "a late answer takes nothing back"
    );
    let mut answered = facts(&[accepted(), refused()]);
    answered[1].source = Source::Response;
    assert_eq!(settle(&terms(), &[attempt(1)], &[], &answered).status, RequiresAction);
}

#[test]
fn a_code_that_leaves_the_outcome_open_is_told_and_goes_with_the_doubt() {
    let doubt = Claim::Unknown { reason: "a code".into(), failure: Some(failure()) };
    assert_eq!(after(std::slice::from_ref(&doubt)).failure, Some(failure()));
    assert_eq!(after(&[doubt.clone(), accepted()]).failure, None);
    assert_eq!(after(&[doubt, Claim::Paid(paid(1000))]).failure, None);
}

#[test]
fn closed_after_a_notification_that_said_paid_is_for_a_person() {
    let claims = [accepted(), Claim::PaidUnconfirmed(paid(1000)), Claim::Closed];
    assert_eq!(after(&claims).status, Review);
}

#[test]
fn an_attempt_that_never_left_may_leave_once_more() {
    assert!(after(&[Claim::NotSent]).unsent);
    assert!(!after(&[Claim::NotSent, Claim::SentAgain]).unsent);
    assert!(after(&[Claim::NotSent, Claim::SentAgain, Claim::NotSent]).unsent);
    assert!(!after(&[Claim::NotSent, accepted()]).unsent);
}

fn any_claim() -> impl Strategy<Value = Claim> {
    prop::sample::select(vec![
        accepted(),
        consent(),
        unknown(),
        Claim::Closed,
        Claim::Expired,
        Claim::Canceled,
        Claim::NotFound,
        Claim::NotSent,
        Claim::SentAgain,
        Claim::Paid(paid(1000)),
        Claim::Paid(paid(1)),
        Claim::PaidUnconfirmed(paid(1000)),
        refunded(None),
        refunded(Some(400)),
        login(),
        Claim::Unresolved,
        Claim::Refused { failure: failure() },
    ])
}

proptest! {
    #[test]
    fn no_order_of_facts_changes_the_state(
        claims in prop::collection::vec(any_claim(), 0..8),
        seed in any::<u64>(),
    ) {
        let told = facts(&claims);
        let mut shuffled = told.clone();
        let mut x = seed | 1;
        for i in (1..shuffled.len()).rev() {
            x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            shuffled.swap(i, (x >> 33) as usize % (i + 1));
        }
        prop_assert_eq!(settle(&terms(), &[attempt(1)], &[], &told), settle(&terms(), &[attempt(1)], &[], &shuffled));
    }

    #[test]
    fn every_further_fact_makes_a_legal_move(claims in prop::collection::vec(any_claim(), 1..8)) {
        let told = facts(&claims);
        let mut known = Vec::new();
        let mut before = settle(&terms(), &[attempt(1)], &[], &known).status;
        for fact in told {
            // Clock and merchant only speak while a payment is open: see expire and cancel in `app`.
            if matches!(fact.claim, Claim::Expired | Claim::Canceled | Claim::Unresolved) && !before.is_open() {
                continue;
            }
            known.push(fact);
            let then = settle(&terms(), &[attempt(1)], &[], &known).status;
            prop_assert!(before == then || before.may_become(then), "{} to {}", before, then);
            before = then;
        }
    }

    #[test]
    fn succeeded_needs_a_confirmed_claim_for_the_amount(claims in prop::collection::vec(any_claim(), 0..8)) {
        let state = after(&claims);
        if state.status == Succeeded {
            prop_assert!(claims.contains(&Claim::Paid(paid(1000))));
        }
    }
}
