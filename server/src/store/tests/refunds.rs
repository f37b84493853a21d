//! Refunds.

use countersign_core::PaymentStatus;

use super::both::{Ledger, on_both};
use super::fixtures::{created, fact, paid, started};
use crate::ledger::{Claim, RefundClaim, Source};
use crate::store::{BegunRefund, NewFact, NewRefund, Record, Store};

fn new_refund(amount: Option<i64>, refund_id: Option<&str>) -> NewRefund {
    NewRefund {
        refund_id: refund_id.map(str::to_owned),
        request_key: None,
        amount,
        whole_only: false,
        reason: Some("torn box".into()),
        fingerprint: [amount.unwrap_or(0) as u8; 32],
        now_ms: 4_000,
        check_at_ms: 5_000,
    }
}

async fn refund(store: &Store, record: &Record, new: NewRefund) -> BegunRefund {
    store.begin_refund(&record.id, new).await.unwrap().unwrap()
}

async fn told(store: &Store, record: &Record, number: i64, told: RefundClaim, digest: u8) -> Record {
    let claim = Claim::Refund { number, told };
    let about_it = NewFact { attempt: None, source: Source::Response, ..fact(claim, digest) };
    store.add_fact(&record.id, about_it).await.unwrap().unwrap().record
}

async fn event_names(store: &Store, record: &Record) -> Vec<&'static str> {
    store.events_of(&record.id).await.unwrap().iter().map(|event| event.kind.as_str()).collect()
}

async fn refunds_are_one_at_a_time_and_never_more_than_was_paid(ledger: Ledger) {
    let store = ledger.open().await;
    let record = started(&store, &created(&store, "A1").await).await;
    assert!(matches!(refund(&store, &record, new_refund(None, None)).await, BegunRefund::NotPaid(_)));
    let record = store.add_fact(&record.id, fact(paid(), 1)).await.unwrap().unwrap().record;
    assert!(matches!(
        refund(&store, &record, new_refund(Some(1001), None)).await,
        BegunRefund::TooMuch { left: 1000 }
    ));
    let whole_only = NewRefund { whole_only: true, ..new_refund(Some(400), None) };
    assert!(matches!(refund(&store, &record, whole_only).await, BegunRefund::WholeOnly { whole: 1000 }));
    let BegunRefund::Started(record, 1) = refund(&store, &record, new_refund(Some(400), Some("R1"))).await
    else {
        panic!("the first refund did not start");
    };
    assert_eq!(record.refunds[0].refund_no, "A1f1");
    assert!(record.live_refund().is_some());
    assert!(matches!(refund(&store, &record, new_refund(Some(1), None)).await, BegunRefund::UnderWay));
    let again = refund(&store, &record, new_refund(Some(400), Some("R1"))).await;
    assert!(matches!(again, BegunRefund::Existing(_, 1)));
    let other = refund(&store, &record, new_refund(Some(401), Some("R1"))).await;
    assert!(matches!(other, BegunRefund::RefundIdReused));

    let done = RefundClaim::Succeeded { gateway_refund_no: Some("G1".into()) };
    let record = told(&store, &record, 1, done.clone(), 2).await;
    assert_eq!((record.status(), record.state.amount_refunded), (PaymentStatus::Succeeded, 400));
    let BegunRefund::Started(record, 2) = refund(&store, &record, new_refund(None, None)).await else {
        panic!("the second refund did not start");
    };
    assert_eq!((record.refunds[1].amount, record.refunds[1].refunded_before), (600, 400));
    let record = told(&store, &record, 2, done, 3).await;
    assert_eq!((record.status(), record.state.amount_refunded), (PaymentStatus::Refunded, 1000));
    assert!(matches!(refund(&store, &record, new_refund(None, None)).await, BegunRefund::NotPaid(_)));
    assert_eq!(
        event_names(&store, &record).await,
        ["payment.processing", "payment.succeeded", "payment.refunded", "payment.refunded"]
    );
}

async fn a_refund_that_was_refused_leaves_room_for_another_and_an_open_one_is_asked_about(ledger: Ledger) {
    let store = ledger.open().await;
    let record = started(&store, &created(&store, "A-1").await).await;
    let record = store.add_fact(&record.id, fact(paid(), 1)).await.unwrap().unwrap().record;
    assert!(store.take_due_payments(i64::MAX / 2, 1, 10).await.unwrap().is_empty());
    let BegunRefund::Started(record, 1) = refund(&store, &record, new_refund(None, None)).await else {
        panic!("the refund did not start");
    };
    // A dash is not allowed everywhere: the number sent is one of our own.
    assert!(record.refunds[0].refund_no.bytes().all(|b| b.is_ascii_alphanumeric()));
    assert_eq!(store.take_due_payments(5_000, 1, 10).await.unwrap().len(), 1);
    let message = countersign_core::Text { en: "No.".into(), zh: "不。".into() };
    let class = countersign_core::FailureClass::Final;
    let failure =
        countersign_core::Failure { code: "no".into(), gateway_code: None, message, class, hint: None };
    let record = told(&store, &record, 1, RefundClaim::Refused { failure }, 2).await;
    assert_eq!(record.status(), PaymentStatus::Succeeded);
    assert!(store.take_due_payments(i64::MAX / 2, 1, 10).await.unwrap().is_empty());
    assert!(matches!(refund(&store, &record, new_refund(None, None)).await, BegunRefund::Started(_, 2)));
}

async fn what_a_refund_in_review_may_have_given_back_is_not_given_back_again(ledger: Ledger) {
    let store = ledger.open().await;
    let record = started(&store, &created(&store, "A1").await).await;
    let record = store.add_fact(&record.id, fact(paid(), 1)).await.unwrap().unwrap().record;
    let BegunRefund::Started(record, 1) = refund(&store, &record, new_refund(Some(700), None)).await else {
        panic!("the first refund did not start");
    };
    let record = told(&store, &record, 1, RefundClaim::Unresolved, 2).await;
    assert_eq!(record.state.amount_refunded, 0);
    let too_much = refund(&store, &record, new_refund(Some(301), None)).await;
    assert!(matches!(too_much, BegunRefund::TooMuch { left: 300 }), "{too_much:?}");
    let BegunRefund::Started(record, 2) = refund(&store, &record, new_refund(None, None)).await else {
        panic!("the second refund did not start");
    };
    assert_eq!(record.refunds[1].amount, 300);
    let record = told(&store, &record, 2, RefundClaim::Succeeded { gateway_refund_no: None }, 3).await;
    assert!(matches!(refund(&store, &record, new_refund(None, None)).await, BegunRefund::InDoubt));
    let whole = Claim::Refunded { total: Some(1000), paid: None };
    let record = store.add_fact(&record.id, fact(whole, 4)).await.unwrap().unwrap().record;
    assert_eq!(record.status(), PaymentStatus::Refunded);
    assert!(matches!(refund(&store, &record, new_refund(None, None)).await, BegunRefund::NotPaid(_)));
}

async fn a_retried_request_finds_its_refund_even_when_its_answer_was_lost(ledger: Ledger) {
    let store = ledger.open().await;
    let record = started(&store, &created(&store, "A1").await).await;
    let record = store.add_fact(&record.id, fact(paid(), 1)).await.unwrap().unwrap().record;
    let keyed = || NewRefund { request_key: Some("backend/k1".into()), ..new_refund(Some(400), None) };
    let BegunRefund::Started(record, 1) = refund(&store, &record, keyed()).await else { panic!("not begun") };
    let done = RefundClaim::Succeeded { gateway_refund_no: None };
    let record = told(&store, &record, 1, done, 2).await;
    assert!(matches!(refund(&store, &record, keyed()).await, BegunRefund::Existing(_, 1)));
}

on_both! {
    refunds_are_one_at_a_time_and_never_more_than_was_paid,
    a_refund_that_was_refused_leaves_room_for_another_and_an_open_one_is_asked_about,
    what_a_refund_in_review_may_have_given_back_is_not_given_back_again,
    a_retried_request_finds_its_refund_even_when_its_answer_was_lost,
}
