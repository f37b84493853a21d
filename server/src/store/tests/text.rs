//! Whatever strangers write: nothing of it fails at the ledger, and both engines keep the same.

use proptest::prelude::*;

use super::both::Ledger;
use super::facts::for_all;
use super::fixtures::{created, fact, new_payment, paid, refused, started};
use crate::id;
use crate::ledger::{Claim, Payer, Source};
use crate::store::{
    BegunRefund, Created, KeyUse, ListFilter, Login, LoginPurpose, NewFact, NewPayment, NewRefund, NextTry,
    Store, StoredAnswer, UnderKey,
};

/// Any characters at all, with those that databases stumble over more often than by chance.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        '\0',
        '\u{1}',
        '\n',
        '\'',
        '"',
        '\\',
        '?',
        '$',
        '%',
        '\u{7f}',
        '\u{85}',
        '\u{200b}',
        '\u{202e}',
        '\u{feff}',
        '\u{fffd}',
        '\u{ffff}',
        '\u{e000}',
        '\u{1f4a9}',
        '\u{10ffff}',
        '\u{301}',
        'é',
        '茶',
    ]);
    prop::collection::vec(prop_oneof![any::<char>(), odd], 1..24).prop_map(|text| text.into_iter().collect())
}

/// As the ledger keeps it.
fn kept(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Writes `texts` wherever the ledger takes text, and finds them again.
async fn write_and_find(store: &Store, texts: &[String; 4]) {
    let [one, two, three, four] = texts;
    let order_id = format!("{one}{}", id::suffix(0));
    let new = NewPayment {
        id: id::payment_id(1_000),
        subject: two.clone(),
        description: Some(three.clone()),
        metadata: [(two.clone(), three.clone())].into(),
        return_url: Some(four.clone()),
        ..new_payment(&order_id)
    };
    let use_of_key = KeyUse {
        api_key: "backend".into(),
        key: order_id.clone(),
        fingerprint: [7; 32],
        now_ms: 0,
        held_until_ms: 100,
    };
    let made = store.create_under_key(new.clone(), use_of_key.clone()).await.unwrap();
    let UnderKey::Done { outcome: Created::New(record), .. } = made else { panic!("{made:?}") };
    assert_eq!((&record.subject, &record.order_id), (&kept(two), &kept(&order_id)));
    assert_eq!((record.description, record.return_url), (Some(kept(three)), Some(kept(four))));
    assert_eq!(record.metadata, new.metadata);
    assert!(matches!(store.create(new).await.unwrap(), Created::Existing(_)));
    let answer = StoredAnswer { fingerprint: [7; 32], http_status: 201, body: kept(four) };
    assert_eq!(store.keep_answer(use_of_key, answer.clone()).await.unwrap(), answer);
    let filter = ListFilter { order_id: Some(order_id.clone()), limit: 9, ..ListFilter::default() };
    assert_eq!(store.list(filter).await.unwrap().len(), 1);

    let record = store.payment(&record.id).await.unwrap().unwrap();
    let record = started(store, &record).await;
    let found = store.payment_by_order_no("shop", &record.attempts[0].order_no).await.unwrap();
    assert_eq!(found.map(|found| found.id), Some(record.id.clone()));
    assert!(store.payment_by_order_no(one, two).await.unwrap().is_none());
    let login = Login {
        nonce: order_id.clone(),
        payment_id: record.id.clone(),
        account: three.clone(),
        purpose: LoginPurpose::Login,
        used: false,
    };
    store.begin_login(login, 1).await.unwrap();
    assert_eq!(store.login(&order_id).await.unwrap().map(|login| login.account), Some(kept(three)));
    let payer = Payer { id: one.clone(), consent: None };
    let decided_at = record.revision;
    let tokens = one.as_bytes().to_vec();
    let bound = store.bind_payer(&record.id, payer.clone(), tokens, decided_at).await.unwrap();
    assert_eq!((bound.and_then(|record| record.payer), decided_at), (Some(payer), record.revision));

    let unknown = Claim::Unknown { reason: four.clone(), failure: None };
    store.add_fact(&record.id, NewFact { source: Source::Response, ..fact(unknown, 1) }).await.unwrap();
    let Claim::Paid(mut claim) = paid() else { unreachable!("paid") };
    claim.transaction_id = Some(one.clone());
    store.add_fact(&record.id, fact(Claim::Paid(claim), 2)).await.unwrap();
    let told = store.payment(&record.id).await.unwrap().unwrap();
    assert_eq!(told.state.transaction_id.as_ref(), Some(one));
    let refund = NewRefund {
        refund_id: Some(two.clone()),
        request_key: Some(three.clone()),
        amount: None,
        whole_only: false,
        reason: Some(four.clone()),
        fingerprint: [1; 32],
        now_ms: 4_000,
        check_at_ms: 5_000,
    };
    let begun = store.begin_refund(&record.id, refund.clone()).await.unwrap().unwrap();
    assert!(matches!(begun, BegunRefund::Started(..)), "{begun:?}");
    let begun = store.begin_refund(&record.id, refund).await.unwrap().unwrap();
    let BegunRefund::Existing(record, 1) = begun else { panic!("{begun:?}") };
    assert_eq!(record.refunds[0].reason, Some(kept(four)));

    for delivery in store.take_due_events(10_000, 1, 100).await.unwrap() {
        let mut refused = refused(&delivery, 10_000, NextTry::Never { failures: 1 });
        refused.refusal.failure.error.clone_from(one);
        store.event_refused(refused).await.unwrap();
    }
}

fn texts_are_kept(ledger: impl Future<Output = Ledger>, cases: u32) {
    let runtime = super::facts::runtime();
    let ledger = runtime.block_on(ledger);
    let store = runtime.block_on(ledger.open());
    let four = [any_text(), any_text(), any_text(), any_text()];
    for_all(cases, &four, |texts| {
        runtime.block_on(write_and_find(&store, &texts));
        Ok(())
    });
}

#[test]
fn any_text_is_kept_in_a_file() {
    texts_are_kept(async { Ledger::in_memory() }, 60);
}

#[test]
fn any_text_is_kept_on_a_server() {
    texts_are_kept(Ledger::on_a_server(), 25);
}

#[tokio::test]
async fn a_stranger_who_looks_for_nothing_finds_nothing() {
    let ledger = Ledger::on_a_server().await;
    let store = ledger.open().await;
    created(&store, "A1").await;
    assert!(store.login("\0").await.unwrap().is_none());
    let filter = ListFilter { order_id: Some("A1\0".into()), limit: 9, ..ListFilter::default() };
    assert!(store.list(filter).await.unwrap().is_empty());
}
