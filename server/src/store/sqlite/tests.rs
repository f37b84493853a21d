//! The ledger on a real file.

use std::collections::BTreeMap;

use countersign_core::{Currency, GatewayId, Method, MethodType, Money, PaymentStatus};

use super::Store;
use crate::id;
use crate::ledger::{Circumstances, Claim, PaidClaim, Payer, RefundClaim, Source};
use crate::store::{
    Begun, BegunRefund, Created, ListFilter, Login, LoginPurpose, NewFact, NewPayment, NewRefund, Record,
    StoredAnswer,
};

fn open(dir: &tempfile::TempDir) -> Store {
    Store::open(&format!("sqlite:{}", dir.path().join("ledger.db").display()), true).unwrap()
}

fn new_payment(order_id: &str) -> NewPayment {
    NewPayment {
        id: id::payment_id(1_000),
        account: "shop".into(),
        gateway: GatewayId::Jubao,
        order_id: order_id.into(),
        amount: Money::new(1000, Currency::parse("CNY").unwrap()).unwrap(),
        subject: "Tea".into(),
        description: None,
        method: Method::bare(MethodType::JubaoWechatH5),
        sealed_token: None,
        return_url: None,
        metadata: BTreeMap::new(),
        livemode: false,
        fingerprint: [7; 32],
        created_at_ms: 1_000,
        expires_at_ms: 901_000,
        daily_limit: None,
    }
}

async fn created(store: &Store, order_id: &str) -> Record {
    match store.create(new_payment(order_id)).await.unwrap() {
        Created::New(record) => record,
        other => panic!("{other:?}"),
    }
}

async fn started(store: &Store, record: &Record) -> Record {
    match store.begin_attempt(&record.id, Circumstances::default(), 2_000, 14_000).await.unwrap() {
        Some(Begun::Started(record)) => record,
        other => panic!("{other:?}"),
    }
}

fn fact(claim: Claim, digest: u8) -> NewFact {
    NewFact {
        attempt: Some(1),
        source: Source::Query,
        claim,
        at_ms: 3_000,
        digest: [digest; 32],
        next_check_at_ms: Some(5_000),
    }
}

fn paid() -> Claim {
    Claim::Paid(PaidClaim {
        amount: 1000,
        currency: None,
        gateway_order_no: None,
        transaction_id: None,
        paid_at_ms: None,
        other_payer: false,
    })
}

#[tokio::test]
async fn the_same_request_finds_its_payment_and_another_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let first = created(&store, "A1").await;
    let again = store.create(new_payment("A1")).await.unwrap();
    assert!(matches!(again, Created::Existing(r) if r.id == first.id));
    let mut other = new_payment("A1");
    other.fingerprint = [8; 32];
    assert!(matches!(store.create(other).await.unwrap(), Created::OrderIdReused));
}

#[tokio::test]
async fn only_one_of_many_submissions_starts() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let record = created(&store, "A1").await;
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (store, id) = (store.clone(), record.id.clone());
            tokio::spawn(async move {
                store.begin_attempt(&id, Circumstances::default(), 2_000, 14_000).await.unwrap()
            })
        })
        .collect();
    let mut started = 0;
    for task in tasks {
        started += usize::from(matches!(task.await.unwrap(), Some(Begun::Started(_))));
    }
    assert_eq!(started, 1);
}

#[tokio::test]
async fn a_repeated_fact_changes_nothing_and_every_status_has_one_event() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let record = started(&store, &created(&store, "A1").await).await;
    assert_eq!((record.status(), record.revision), (PaymentStatus::Processing, 2));
    let once = store.add_fact(&record.id, fact(paid(), 1)).await.unwrap().unwrap();
    let twice = store.add_fact(&record.id, fact(paid(), 1)).await.unwrap().unwrap();
    assert_eq!((once.status(), once.revision), (PaymentStatus::Succeeded, 3));
    assert_eq!(once.revision, twice.revision);
    assert!(!twice.attempts[0].live);
    let events = store.events_of(&record.id).await.unwrap();
    let kinds: Vec<_> = events.iter().map(|e| (e.kind.as_str(), e.revision)).collect();
    assert_eq!(kinds, [("payment.processing", 2), ("payment.succeeded", 3)]);
}

#[tokio::test]
async fn events_of_one_payment_are_delivered_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let record = started(&store, &created(&store, "A1").await).await;
    store.add_fact(&record.id, fact(paid(), 1)).await.unwrap();
    let first = store.take_due_events(10_000, 60_000, 10).await.unwrap();
    assert_eq!(first.len(), 1);
    assert!(String::from_utf8_lossy(&first[0].body).contains("payment.processing"));
    assert!(store.take_due_events(10_000, 60_000, 10).await.unwrap().is_empty());
    store.event_delivered(&first[0].id, 10_001).await.unwrap();
    let second = store.take_due_events(10_002, 60_000, 10).await.unwrap();
    assert!(String::from_utf8_lossy(&second[0].body).contains("payment.succeeded"));
}

#[tokio::test]
async fn survives_being_closed_and_keeps_a_second_process_out() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let record = created(&store, "A1").await;
    let key = store.own_key().await.unwrap();
    let second = Store::open(&format!("sqlite:{}", dir.path().join("ledger.db").display()), true);
    assert!(second.is_err_and(|e| e.to_string().contains("another process")));
    drop(store);
    let store = open(&dir);
    assert_eq!(store.own_key().await.unwrap(), key);
    assert_eq!(store.payment(&record.id).await.unwrap().unwrap().order_id, "A1");
}

#[tokio::test]
async fn lists_newest_first_by_cursor_and_filter() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    for (i, order_id) in ["A1", "A2", "A3"].iter().enumerate() {
        let mut new = new_payment(order_id);
        new.id = id::payment_id(1_000 + i as i64);
        store.create(new).await.unwrap();
    }
    let page = store.list(ListFilter { limit: 2, ..ListFilter::default() }).await.unwrap();
    let orders = |page: &[Record]| page.iter().map(|r| r.order_id.clone()).collect::<Vec<_>>();
    assert_eq!(orders(&page), ["A3", "A2"]);
    let after = Some(page[1].id.clone());
    let rest = store.list(ListFilter { after, limit: 2, ..ListFilter::default() }).await.unwrap();
    assert_eq!(orders(&rest), ["A1"]);
    let status = Some(PaymentStatus::Succeeded);
    assert!(store.list(ListFilter { status, limit: 2, ..ListFilter::default() }).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_daily_limit_counts_what_may_be_money() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let limited = |order_id: &str| NewPayment { daily_limit: Some(1_500), ..new_payment(order_id) };
    assert!(matches!(store.create(limited("A1")).await.unwrap(), Created::New(_)));
    assert!(matches!(store.create(limited("A2")).await.unwrap(), Created::OverDailyLimit));
}

#[tokio::test]
async fn an_idempotency_key_keeps_its_first_answer() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let answer = |body: &str| StoredAnswer { fingerprint: [1; 32], http_status: 201, body: body.into() };
    assert_eq!(store.keep_answer("k", "a", answer("one"), 1).await.unwrap(), answer("one"));
    assert_eq!(store.keep_answer("k", "a", answer("two"), 2).await.unwrap(), answer("one"));
    assert_eq!(store.stored_answer("k", "b").await.unwrap(), None);
}

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
    store.add_fact(&record.id, about_it).await.unwrap().unwrap()
}

async fn event_names(store: &Store, record: &Record) -> Vec<&'static str> {
    store.events_of(&record.id).await.unwrap().iter().map(|event| event.kind.as_str()).collect()
}

#[tokio::test]
async fn refunds_are_one_at_a_time_and_never_more_than_was_paid() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let record = started(&store, &created(&store, "A1").await).await;
    assert!(matches!(refund(&store, &record, new_refund(None, None)).await, BegunRefund::NotPaid(_)));
    let record = store.add_fact(&record.id, fact(paid(), 1)).await.unwrap().unwrap();
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

#[tokio::test]
async fn a_refund_that_was_refused_leaves_room_for_another_and_an_open_one_is_asked_about() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let record = started(&store, &created(&store, "A-1").await).await;
    let record = store.add_fact(&record.id, fact(paid(), 1)).await.unwrap().unwrap();
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

#[tokio::test]
async fn a_retried_request_finds_its_refund_even_when_its_answer_was_lost() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let record = started(&store, &created(&store, "A1").await).await;
    let record = store.add_fact(&record.id, fact(paid(), 1)).await.unwrap().unwrap();
    let keyed = || NewRefund { request_key: Some("backend/k1".into()), ..new_refund(Some(400), None) };
    let BegunRefund::Started(record, 1) = refund(&store, &record, keyed()).await else { panic!("not begun") };
    let done = RefundClaim::Succeeded { gateway_refund_no: None };
    let record = told(&store, &record, 1, done, 2).await;
    assert!(matches!(refund(&store, &record, keyed()).await, BegunRefund::Existing(_, 1)));
}

#[tokio::test]
async fn a_login_is_used_once_and_binds_its_payer() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let record = created(&store, "A1").await;
    let login = |nonce: &str, purpose| Login {
        nonce: nonce.into(),
        payment_id: record.id.clone(),
        account: "shop".into(),
        purpose,
        used: false,
    };
    store.begin_login(login("n1", LoginPurpose::Login), 1).await.unwrap();
    store.begin_login(login("n2", LoginPurpose::Consent), 2).await.unwrap();
    assert!(store.login("n3").await.unwrap().is_none());
    let usable = store.usable_login(&record.id, LoginPurpose::Login).await.unwrap();
    assert_eq!(usable.map(|login| login.nonce).as_deref(), Some("n1"));
    assert!(store.use_login("n1", 3).await.unwrap());
    assert!(!store.use_login("n1", 4).await.unwrap());
    assert!(store.login("n1").await.unwrap().is_some_and(|login| login.used));
    assert!(store.usable_login(&record.id, LoginPurpose::Login).await.unwrap().is_none());
    let payer = Payer { id: "u1".into(), consent: None };
    let record = store.bind_payer(&record.id, payer.clone(), vec![1, 2]).await.unwrap().unwrap();
    assert_eq!((record.payer, record.sealed_tokens), (Some(payer), Some(vec![1, 2])));
}
