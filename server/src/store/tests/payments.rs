//! Payments, attempts and facts.

use countersign_core::PaymentStatus;

use super::both::{Ledger, on_both};
use super::fixtures::{created, fact, new_payment, paid, started};
use crate::id;
use crate::ledger::{Circumstances, Claim, Payer, Source};
use crate::store::{Begun, Created, ListFilter, Login, LoginPurpose, NewFact, NewPayment, Record};

async fn the_same_request_finds_its_payment_and_another_does_not(ledger: Ledger) {
    let store = ledger.open().await;
    let first = created(&store, "A1").await;
    let again = store.create(new_payment("A1")).await.unwrap();
    assert!(matches!(again, Created::Existing(r) if r.id == first.id));
    let mut other = new_payment("A1");
    other.fingerprint = [8; 32];
    assert!(matches!(store.create(other).await.unwrap(), Created::OrderIdReused));
}

async fn only_one_of_many_submissions_starts(ledger: Ledger) {
    let store = ledger.open().await;
    let record = created(&store, "A1").await;
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (store, id) = (store.clone(), record.id.clone());
            tokio::spawn(async move {
                store.begin_attempt(&id, Circumstances::default(), 1, 2_000, 14_000).await.unwrap()
            })
        })
        .collect();
    let mut started = 0;
    for task in tasks {
        started += usize::from(matches!(task.await.unwrap(), Some(Begun::Started(_))));
    }
    assert_eq!(started, 1);
}

async fn a_repeated_fact_changes_nothing_and_every_status_has_one_event(ledger: Ledger) {
    let store = ledger.open().await;
    let record = started(&store, &created(&store, "A1").await).await;
    assert_eq!((record.status(), record.revision), (PaymentStatus::Processing, 2));
    let once = store.add_fact(&record.id, fact(paid(), 1)).await.unwrap().unwrap().record;
    let twice = store.add_fact(&record.id, fact(paid(), 1)).await.unwrap().unwrap().record;
    assert_eq!((once.status(), once.revision), (PaymentStatus::Succeeded, 3));
    assert_eq!(once.revision, twice.revision);
    assert!(!twice.attempts[0].live);
    let events = store.events_of(&record.id).await.unwrap();
    let kinds: Vec<_> = events.iter().map(|e| (e.kind.as_str(), e.revision)).collect();
    assert_eq!(kinds, [("payment.processing", 2), ("payment.succeeded", 3)]);
}

async fn what_was_written_is_there_after_a_restart(ledger: Ledger) {
    let store = ledger.open().await;
    let record = created(&store, "A1").await;
    let key = store.own_key().await.unwrap();
    drop(store);
    let store = ledger.open().await;
    assert_eq!(store.own_key().await.unwrap(), key);
    assert_eq!(store.payment(&record.id).await.unwrap().unwrap().order_id, "A1");
}

async fn lists_newest_first_by_cursor_and_filter(ledger: Ledger) {
    let store = ledger.open().await;
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

async fn the_daily_limit_counts_what_may_be_money(ledger: Ledger) {
    let store = ledger.open().await;
    let limited = |order_id: &str| NewPayment { daily_limit: Some(1_500), ..new_payment(order_id) };
    assert!(matches!(store.create(limited("A1")).await.unwrap(), Created::New(_)));
    assert!(matches!(store.create(limited("A2")).await.unwrap(), Created::OverDailyLimit));
}

async fn a_login_is_used_once_and_binds_its_payer(ledger: Ledger) {
    let store = ledger.open().await;
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
    let record =
        store.bind_payer(&record.id, payer.clone(), vec![1, 2], record.revision).await.unwrap().unwrap();
    assert_eq!((record.payer, record.sealed_tokens), (Some(payer), Some(vec![1, 2])));
}

async fn a_decision_counts_only_for_the_revision_it_was_based_on(ledger: Ledger) {
    let store = ledger.open().await;
    let before = created(&store, "A1").await;
    let record = started(&store, &before).await;
    let give_up = |revision| NewFact {
        attempt: None,
        source: Source::Merchant,
        decided_at: Some(revision),
        ..fact(Claim::Canceled, 9)
    };
    let kept = store.add_fact(&record.id, give_up(before.revision)).await.unwrap().unwrap().record;
    assert_eq!((kept.status(), kept.revision), (PaymentStatus::Processing, record.revision));
    let given_up = store.add_fact(&record.id, give_up(record.revision)).await.unwrap().unwrap().record;
    assert_eq!(given_up.status(), PaymentStatus::Canceled);
}

async fn a_clock_that_jumps_back_does_not_reorder_what_was_learnt(ledger: Ledger) {
    let store = ledger.open().await;
    let record = started(&store, &created(&store, "A1").await).await;
    let action = |url: &str| {
        let next_action = Some(countersign_core::NextAction::Redirect {
            purpose: countersign_core::RedirectPurpose::Pay,
            url: url.into(),
        });
        Claim::Accepted { gateway_order_no: None, next_action }
    };
    store.add_fact(&record.id, fact(action("https://first.example/"), 1)).await.unwrap();
    let earlier = NewFact { at_ms: 10, ..fact(action("https://second.example/"), 2) };
    let record = store.add_fact(&record.id, earlier).await.unwrap().unwrap().record;
    assert!(format!("{:?}", record.state.next_action).contains("second"));
}

async fn what_is_owed_an_outcome_always_has_a_time_to_be_asked(ledger: Ledger) {
    let store = ledger.open().await;
    let record = started(&store, &created(&store, "A1").await).await;
    let unknown = Claim::Unknown { reason: "time-out".into(), failure: None };
    let about = NewFact { next_check_at_ms: None, ..fact(unknown, 1) };
    store.add_fact(&record.id, about).await.unwrap();
    assert_eq!(store.take_due_payments(14_000, 60_000, 10).await.unwrap().len(), 1, "the time it had");
    // Put off by somebody who has not seen it change: nothing comes of that.
    store.check_at(&record.id, record.revision - 1, None).await.unwrap();
    assert_eq!(store.take_due_payments(74_000, 60_000, 10).await.unwrap().len(), 1);
}

on_both! {
    what_is_owed_an_outcome_always_has_a_time_to_be_asked,
    the_same_request_finds_its_payment_and_another_does_not,
    only_one_of_many_submissions_starts,
    a_repeated_fact_changes_nothing_and_every_status_has_one_event,
    what_was_written_is_there_after_a_restart,
    lists_newest_first_by_cursor_and_filter,
    the_daily_limit_counts_what_may_be_money,
    a_login_is_used_once_and_binds_its_payer,
    a_decision_counts_only_for_the_revision_it_was_based_on,
    a_clock_that_jumps_back_does_not_reorder_what_was_learnt,
}
