//! The status as a function of the facts.

use countersign_core::{Failure, Money, NextAction, PaymentStatus};
use serde::{Deserialize, Serialize};

use super::attempt::Attempt;
use super::fact::{Claim, Fact, PaidClaim, Source};
use super::paid::{self, Doubted, in_time};
use super::refund::{self, RefundState, RefundTerms};
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
    /// Another attempt than the one that counts, of which a notification says "paid": it is to be asked about.
    #[serde(default)]
    pub(crate) doubted: Option<Doubted>,
    /// The attempt that was paid.
    #[serde(default)]
    pub(crate) paid_attempt: Option<i64>,
    /// Whether two attempts were paid.
    #[serde(default)]
    pub(crate) paid_twice: bool,
    /// Whether the last attempt never left, so that sending it (again) cannot charge twice.
    pub(crate) unsent: bool,
    /// How much went back, minor units.
    #[serde(default)]
    pub(crate) amount_refunded: i64,
    /// What became of each refund, by number.
    #[serde(default)]
    pub(crate) refunds: Vec<RefundState>,
}

/// The state that follows from `attempts` and `refunds` (by number) and `facts` (in any order, repeated or not).
pub(crate) fn settle(terms: &Terms, attempts: &[Attempt], refunds: &[RefundTerms], facts: &[Fact]) -> State {
    let mut state = attempts.last().map_or_else(State::untouched, |last| attempt_state(last.number, facts));
    let last = attempts.last().map(|last| last.number);
    state.gateway_order_no = state.gateway_order_no.or_else(|| gateway_order_no(last, facts));
    let at_rest = matches!(state.status, PaymentStatus::Expired | PaymentStatus::Review);
    if !state.live
        && !at_rest
        && let Some((next_action, failure)) = payer_needed(attempts, facts)
    {
        state.status = PaymentStatus::RequiresAction;
        state.next_action = Some(next_action.clone());
        state.failure = failure.cloned();
    }

    let has = |wanted: &Claim| facts.iter().any(|f| f.claim == *wanted);
    let (matching, other) = paid::claims(terms, facts);
    let counts = matching.map_or(last, |(_, fact)| fact.attempt);
    state.doubted = paid::doubted(counts, facts);
    if state.doubted.is_some() && matching.is_none() {
        state.show_nothing_to_pay();
    }
    if let Some((paid, fact)) = matching {
        state.take_paid(paid, fact.at_ms);
        state.paid_attempt = fact.attempt;
        state.late = has(&Claim::Expired) || has(&Claim::Closed);
    }
    state.refunds = refund::settle(refunds, facts);
    state.amount_refunded = refund::amount(terms.amount.value(), refunds, &state.refunds, facts);
    state.paid_twice = paid::attempts(terms, facts) > 1;
    if state.amount_refunded >= terms.amount.value() {
        state.rest(PaymentStatus::Refunded);
    } else if state.paid_at_ms.is_some() && !has(&Claim::Canceled) {
        state.rest(PaymentStatus::Succeeded);
    } else if state.paid_at_ms.is_some() || other || state.amount_refunded > 0 {
        state.rest(PaymentStatus::Review);
    } else if has(&Claim::Canceled) {
        state.rest(PaymentStatus::Canceled);
    } else if has(&Claim::Expired) {
        state.rest(PaymentStatus::Expired);
    } else if has(&Claim::Unresolved) && state.status.is_open() {
        state.rest(PaymentStatus::Review);
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

/// What one attempt alone comes to.
fn attempt_state(number: i64, facts: &[Fact]) -> State {
    let mut about: Vec<&Fact> = facts.iter().filter(|f| f.attempt == Some(number)).collect();
    about.sort_by_cached_key(|f| in_time(f));

    let mut state = State::untouched();
    state.status = PaymentStatus::Processing;
    state.live = true;
    let (mut refused, mut known, mut unconfirmed, mut closed) = (None, false, false, false);
    let mut ended = false;
    let (mut not_sent, mut sent_again, mut doubt) = (0, 0, None);
    for fact in about {
        match &fact.claim {
            Claim::Accepted { gateway_order_no, next_action } => {
                (known, ended) = (true, false);
                state.gateway_order_no = gateway_order_no.clone().or(state.gateway_order_no);
                state.next_action = next_action.clone().or(state.next_action);
            }
            Claim::ConsentNeeded { failure, next_action } => refused = Some((failure, Some(next_action))),
            Claim::Refused { failure } => {
                refused = Some((failure, None));
                // A look-up that says so of an order which the gateway had taken is its last word on it.
                ended = known && fact.source == Source::Query;
            }
            Claim::Closed => closed = true,
            Claim::NotSent => not_sent += 1,
            Claim::SentAgain => sent_again += 1,
            Claim::PaidUnconfirmed(_) | Claim::Paid(_) => unconfirmed = true,
            Claim::Canceled | Claim::Expired | Claim::NotFound | Claim::Unresolved => {}
            Claim::PayerNeeded { .. } | Claim::Refunded { .. } | Claim::Refund { .. } => {}
            Claim::Unknown { failure, .. } => doubt = failure.as_ref().or(doubt),
        }
    }
    state.unsent = not_sent > sent_again && !known;
    if closed && unconfirmed {
        // Two words of the gateway that contradict each other.
        state.rest(PaymentStatus::Review);
    } else if closed {
        state.rest(PaymentStatus::Expired);
        state.live = false;
    } else if unconfirmed {
        state.next_action = None;
        state.confirming = true;
    } else if known && !ended {
        if state.next_action.is_some() {
            state.status = PaymentStatus::RequiresAction;
        }
    } else if let Some((failure, next_action)) = refused {
        state.failure = Some(failure.clone());
        state.next_action = next_action.cloned();
        state.status =
            if next_action.is_some() { PaymentStatus::RequiresAction } else { PaymentStatus::Failed };
        state.live = false;
    } else {
        state.failure = doubt.cloned();
    }
    state
}

/// The gateway's number as any claim about this attempt tells it.
fn gateway_order_no(attempt: Option<i64>, facts: &[Fact]) -> Option<String> {
    let mut told: Vec<(&UnixMs, &String)> = facts
        .iter()
        .filter(|f| f.attempt == attempt)
        .filter_map(|f| match &f.claim {
            Claim::Paid(paid) | Claim::PaidUnconfirmed(paid) => {
                paid.gateway_order_no.as_ref().map(|no| (&f.at_ms, no))
            }
            Claim::Accepted { gateway_order_no, .. } => gateway_order_no.as_ref().map(|no| (&f.at_ms, no)),
            _ => None,
        })
        .collect();
    told.sort();
    told.pop().map(|(_, no)| no.clone())
}

impl State {
    fn untouched() -> Self {
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
            doubted: None,
            paid_attempt: None,
            paid_twice: false,
            unsent: false,
            amount_refunded: 0,
            refunds: Vec::new(),
        }
    }

    /// Comes to rest: nothing more for the payer to do.
    fn rest(&mut self, status: PaymentStatus) {
        self.status = status;
        self.next_action = None;
        self.unsent = false;
        self.confirming = false;
        if status != PaymentStatus::Failed {
            self.failure = None;
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

    fn take_paid(&mut self, paid: &PaidClaim, learnt_at_ms: UnixMs) {
        self.paid_at_ms = Some(paid.paid_at_ms.unwrap_or(learnt_at_ms));
        self.transaction_id.clone_from(&paid.transaction_id);
        if paid.gateway_order_no.is_some() {
            self.gateway_order_no.clone_from(&paid.gateway_order_no);
        }
        self.live = false;
    }
}

#[cfg(test)]
mod tests {
    use super::super::Circumstances;
    use super::*;
    use PaymentStatus::*;
    use countersign_core::{AttemptId, Currency, FailureClass, Text};
    use proptest::prelude::*;

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
        Failure {
            code: "refused".into(),
            gateway_code: None,
            message,
            class: FailureClass::Final,
            hint: None,
        }
    }

    fn accepted() -> Claim {
        let url = "https://pay.example/".to_owned();
        let next_action = Some(NextAction::Redirect { purpose: countersign_core::RedirectPurpose::Pay, url });
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
        let purpose = countersign_core::RedirectPurpose::Login;
        Claim::PayerNeeded { next_action: NextAction::Redirect { purpose, url }, failure: None }
    }

    fn unknown() -> Claim {
        Claim::Unknown { reason: "time-out".into(), failure: None }
    }

    fn facts(claims: &[Claim]) -> Vec<Fact> {
        let at = |(i, claim): (usize, &Claim)| {
            let whole = matches!(claim, Claim::Canceled | Claim::Expired | Claim::Refunded { .. });
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
        assert_eq!((done.status, asked(&done), done.paid_twice), (Succeeded, None, false));
        let second = Fact { attempt: Some(2), claim: Claim::PaidUnconfirmed(paid(1000)), ..told[0].clone() };
        told.push(second.clone());
        let once_more = settle(&terms(), &both, &[], &told);
        assert_eq!((once_more.status, asked(&once_more), once_more.paid_twice), (Succeeded, Some(2), false));
        told.push(Fact { claim: Claim::Paid(paid(1000)), ..second });
        let twice = settle(&terms(), &both, &[], &told);
        assert_eq!((twice.status, asked(&twice), twice.paid_twice), (Succeeded, None, true));
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
}
