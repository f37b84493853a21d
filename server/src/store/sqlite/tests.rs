//! The ledger on a real file.

use std::collections::BTreeMap;

use countersign_core::{Currency, GatewayId, Method, MethodType, Money, PaymentStatus};

use super::Store;
use crate::id;
use crate::ledger::{Circumstances, Claim, PaidClaim, Source};
use crate::store::{Begun, Created, ListFilter, NewFact, NewPayment, Record, StoredAnswer};

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
