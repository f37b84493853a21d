//! Random ways of a payment through the ledger, each step one that the use cases could take at that moment.

use countersign_core::{
    Currency, Failure, FailureClass, NextAction, PaymentId, PaymentStatus, RedirectPurpose, RefundStatus,
    Text,
};
use proptest::prelude::*;

use super::fixtures::new_payment;
use super::reference::{AMOUNT, expected};
use crate::ledger::{Circumstances, Claim, Fact, PaidClaim, RefundClaim, Source};
use crate::store::{Begun, BegunRefund, Created, EventRow, NewFact, NewPayment, NewRefund, Record, Store};

/// One thing that happens to a payment.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// It is submitted, where it may be.
    Begin,
    /// The gateway says something of the last attempt, or of the one before.
    Told { earlier: bool, source: Source, claim: Claim },
    /// The signer, the merchant or the payer's way decides something, where that is theirs to decide.
    Decided(Claim),
    /// Some of the money is asked back, where it may be.
    Refund(i64),
    /// The gateway says something of the last refund.
    RefundTold(RefundClaim),
    /// What was said some steps ago is said again, byte for byte.
    Again(usize),
}

/// What became of a payment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outcome {
    /// As the merchant sees it.
    pub(super) payment: serde_json::Value,
    /// Kind, revision and body of each event.
    pub(super) events: Vec<(&'static str, i64, String)>,
}

/// A payment on its way.
pub(super) struct Walk<'a> {
    store: &'a Store,
    record: Record,
    facts: Vec<Fact>,
    told: Vec<NewFact>,
    now_ms: i64,
}

impl<'a> Walk<'a> {
    /// A new payment of this name.
    pub(super) async fn of(store: &'a Store, id: &PaymentId) -> Self {
        let new = NewPayment { id: id.clone(), ..new_payment(id.as_str()) };
        let Created::New(record) = store.create(new).await.unwrap() else { panic!("{id} is not new") };
        Self { store, record, facts: Vec::new(), told: Vec::new(), now_ms: 2_000 }
    }

    /// Takes all of `steps`, and looks at the ledger after each.
    pub(super) async fn take(mut self, steps: &[Step]) -> Outcome {
        for step in steps {
            self.now_ms += 1_000;
            let before = self.record.clone();
            let facts_before = self.facts.len();
            self.step(step).await;
            self.check(&before, step).await;
            if matches!(step, Step::Again(_)) && facts_before == self.facts.len() {
                assert_eq!(before.revision, self.record.revision, "a repetition changed something: {step:?}");
            }
        }
        self.outcome().await
    }

    async fn step(&mut self, step: &Step) {
        match step {
            Step::Begin => {
                let (id, here) = (&self.record.id, Circumstances::default());
                let begun =
                    self.store.begin_attempt(id, here, self.record.revision, self.now_ms, self.now_ms);
                match begun.await.unwrap().unwrap() {
                    Begun::Started(record) | Begun::NotNow(record) => self.record = record,
                }
            }
            Step::Told { earlier, source, claim } => {
                let number = self.record.attempts.len() as i64 - i64::from(*earlier);
                if number > 0 {
                    self.add(Some(number), *source, claim.clone(), None).await;
                }
            }
            Step::Decided(claim) if self.may_decide(claim) => {
                let decided_at = Some(self.record.revision);
                match claim {
                    Claim::SentAgain => {
                        let number = self.record.attempts.len() as i64;
                        self.add(Some(number), Source::Response, claim.clone(), decided_at).await;
                    }
                    Claim::PayerNeeded { .. } => {
                        self.add(None, Source::Login, claim.clone(), decided_at).await;
                    }
                    Claim::Canceled => self.add(None, Source::Merchant, claim.clone(), decided_at).await,
                    _ => self.add(None, Source::Clock, claim.clone(), decided_at).await,
                }
            }
            Step::Refund(amount) => {
                let new = NewRefund {
                    refund_id: None,
                    request_key: None,
                    amount: Some(*amount),
                    whole_only: false,
                    reason: None,
                    fingerprint: [0; 32],
                    now_ms: self.now_ms,
                    check_at_ms: self.now_ms,
                };
                let begun = self.store.begin_refund(&self.record.id, new).await.unwrap().unwrap();
                if let BegunRefund::Started(record, _) = begun {
                    self.record = record;
                }
            }
            Step::RefundTold(told) => {
                let number = self.record.refunds.len() as i64;
                if number > 0 {
                    self.add(None, Source::Query, Claim::Refund { number, told: told.clone() }, None).await;
                }
            }
            Step::Again(ago) => {
                if let Some(at) = self.told.len().checked_sub(ago + 1) {
                    let again = NewFact { at_ms: self.now_ms, ..self.told[at].clone() };
                    self.record = self.store.add_fact(&self.record.id, again).await.unwrap().unwrap().record;
                }
            }
            Step::Decided(_) => {}
        }
    }

    /// As in the use cases: nobody gives up what is paid or over, and only what never left is sent again.
    fn may_decide(&self, claim: &Claim) -> bool {
        let (status, state) = (self.record.status(), &self.record.state);
        match claim {
            Claim::SentAgain => state.unsent,
            Claim::PayerNeeded { .. } => self.record.may_be_submitted(self.now_ms),
            Claim::Canceled => matches!(status, PaymentStatus::Created | PaymentStatus::RequiresAction),
            Claim::Expired => status == PaymentStatus::Created || status.is_open() && !state.confirming,
            _ => status.is_open(),
        }
    }

    async fn add(&mut self, attempt: Option<i64>, source: Source, claim: Claim, decided_at: Option<i64>) {
        let digest = [u8::try_from(self.facts.len()).unwrap(); 32];
        let at_ms = self.now_ms;
        let next_check_at_ms = Some(at_ms + 1_000);
        let fact = NewFact { attempt, source, claim, at_ms, digest, next_check_at_ms, decided_at };
        let added = self.store.add_fact(&self.record.id, fact.clone()).await;
        let context = || format!("{fact:?} after {:?} {:?}", self.record.status(), self.facts);
        self.record = added.unwrap_or_else(|error| panic!("{error}: {}", context())).unwrap().record;
        self.facts.push(Fact { attempt, source, claim: fact.claim.clone(), at_ms });
        // A decision is never repeated: by then the payment has moved on.
        if decided_at.is_none() {
            self.told.push(fact);
        }
    }

    /// What must hold after every step.
    async fn check(&self, before: &Record, step: &Step) {
        let (then, now) = (before.status(), self.record.status());
        let context = || format!("after {step:?}, from {then} to {now}: {:#?}", self.facts);
        assert!(then == now || then.may_become(now), "illegal {}", context());
        let changed = self.record.state != before.state;
        assert_eq!(self.record.revision, before.revision + i64::from(changed), "revision {}", context());
        let begun: Vec<i64> = self.record.attempts.iter().map(|attempt| attempt.created_at_ms).collect();
        let done = |number| {
            self.record
                .state
                .refunds
                .iter()
                .any(|r| r.number == number && r.status == RefundStatus::Succeeded)
        };
        let returned = self.record.refunds.iter().filter(|refund| done(refund.number));
        let returned: Vec<(i64, i64)> = returned.map(|r| (r.refunded_before, r.amount)).collect();
        let known = (now, self.record.state.amount_refunded);
        assert_eq!(known, expected(&begun, &returned, &self.facts), "not as the reference {}", context());
        assert!(self.record.attempts.iter().filter(|attempt| attempt.live).count() <= 1);
        let events = self.store.events_of(&self.record.id).await.unwrap();
        let of_now: Vec<&EventRow> = events.iter().filter(|e| e.revision == self.record.revision).collect();
        assert!(of_now.len() <= 1, "two events {}", context());
        if then != now {
            let told = of_now.first().map(|event| event.kind);
            assert_eq!(told, countersign_core::EventType::of(now), "event {}", context());
        }
    }

    async fn outcome(self) -> Outcome {
        let events = self.store.events_of(&self.record.id).await.unwrap();
        let text = |body: &[u8]| String::from_utf8(body.to_vec()).unwrap();
        let event = |row: &EventRow| (row.kind.as_str(), row.revision, text(&row.body));
        Outcome {
            payment: serde_json::to_value(self.record.payment()).unwrap(),
            events: events.iter().map(event).collect(),
        }
    }
}

impl Step {
    /// The gateway refuses the last attempt, and another may follow.
    pub(super) fn refused_for_now() -> Self {
        Self::told(false, Claim::Refused { failure: failure(FailureClass::Retry) })
    }

    /// The gateway says something when it is asked.
    pub(super) fn told(earlier: bool, claim: Claim) -> Self {
        Self::Told { earlier, source: Source::Query, claim }
    }
}

/// Up to so many steps.
pub(super) fn any_steps(max: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(any_step(), 0..max)
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Begin),
        8 => any_told(),
        3 => any_decision().prop_map(Step::Decided),
        1 => prop::sample::select(vec![1, 400, 600, AMOUNT]).prop_map(Step::Refund),
        2 => any_refund_claim().prop_map(Step::RefundTold),
        1 => (0_usize..4).prop_map(Step::Again),
    ]
}

/// Anything the gateway may say of an attempt.
pub(super) fn any_told() -> impl Strategy<Value = Step> {
    let source = prop::sample::select(vec![Source::Response, Source::Query, Source::Notification]);
    (prop::bool::weighted(0.3), source, any_claim()).prop_map(|(earlier, source, claim)| Step::Told {
        earlier,
        source,
        claim,
    })
}

fn any_decision() -> impl Strategy<Value = Claim> {
    let login =
        NextAction::Redirect { purpose: RedirectPurpose::Login, url: "https://login.example/".into() };
    let needed = Claim::PayerNeeded { next_action: login, failure: None };
    prop::sample::select(vec![
        Claim::Canceled,
        Claim::Expired,
        Claim::Unresolved,
        Claim::SentAgain,
        needed.clone(),
        needed,
    ])
}

fn any_claim() -> impl Strategy<Value = Claim> {
    let paid = || prop_oneof![4 => Just(paid_claim()), 1 => any_odd_claim()];
    prop_oneof![
        2 => paid().prop_map(Claim::Paid),
        2 => paid().prop_map(Claim::PaidUnconfirmed),
        1 => (prop::sample::select(vec![None, Some(0), Some(400), Some(AMOUNT), Some(5_000)]), prop::option::of(paid()))
            .prop_map(|(total, paid)| Claim::Refunded { total, paid }),
        8 => prop::sample::select(vec![
            Claim::Accepted { gateway_order_no: Some("G1".into()), next_action: Some(page()) },
            Claim::Accepted { gateway_order_no: None, next_action: None },
            Claim::ConsentNeeded { failure: failure(FailureClass::Reauthorize), next_action: page() },
            Claim::Closed,
            Claim::NotFound,
            Claim::NotSent,
            Claim::Refused { failure: failure(FailureClass::Final) },
            Claim::Refused { failure: failure(FailureClass::Retry) },
            Claim::Refused { failure: failure(FailureClass::Retry) },
            Claim::Unknown { reason: "time-out".into(), failure: None },
            Claim::Unknown { reason: "a code".into(), failure: Some(failure(FailureClass::Query)) },
        ]),
    ]
}

fn any_refund_claim() -> impl Strategy<Value = RefundClaim> {
    prop::sample::select(vec![
        RefundClaim::Accepted { gateway_refund_no: Some("H1".into()) },
        RefundClaim::Succeeded { gateway_refund_no: None },
        RefundClaim::Succeeded { gateway_refund_no: Some("H1".into()) },
        RefundClaim::Refused { failure: failure(FailureClass::Final) },
        RefundClaim::NotFound,
        RefundClaim::NotSent,
        RefundClaim::Unresolved,
        RefundClaim::Unknown { reason: "time-out".into(), failure: None },
    ])
}

fn any_odd_claim() -> impl Strategy<Value = PaidClaim> {
    prop::sample::select(vec![
        PaidClaim { amount: 999, ..paid_claim() },
        PaidClaim { amount: AMOUNT + 1, ..paid_claim() },
        PaidClaim { currency: Currency::parse("USD").ok(), ..paid_claim() },
        PaidClaim { other_payer: true, ..paid_claim() },
    ])
}

pub(super) fn paid_claim() -> PaidClaim {
    PaidClaim {
        amount: AMOUNT,
        currency: Currency::parse("CNY").ok(),
        gateway_order_no: Some("G1".into()),
        transaction_id: Some("T1".into()),
        paid_at_ms: Some(1_700_000_000_000),
        other_payer: false,
    }
}

fn page() -> NextAction {
    NextAction::Redirect { purpose: RedirectPurpose::Pay, url: "https://pay.example/".into() }
}

pub(super) fn failure(class: FailureClass) -> Failure {
    let message = Text { en: "No.".into(), zh: "不。".into() };
    Failure { code: "refused".into(), gateway_code: None, message, class, hint: None }
}
