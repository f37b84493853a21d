//! Reading a whole ledger: page by page, as it was at one moment, without keeping anybody from work.

use tokio::runtime::Handle;

use super::both::{Ledger, on_both};
use super::fixtures::{created, fact, new_payment, paid, started};
use crate::id;
use crate::ledger::Claim;
use crate::store::{Created, Extract, History, NewFact, NewPayment, StoreError, Told};

async fn reading<T: Send + 'static>(
    ledger: &Ledger,
    work: impl FnOnce(&mut Extract) -> T + Send + 'static,
) -> Result<T, StoreError> {
    let url = ledger.url.clone();
    let task = tokio::task::spawn_blocking(move || Ok(work(&mut Extract::open(&url, &Handle::current())?)));
    task.await.unwrap()
}

fn all_created(extract: &mut Extract, account: &str, interval: (i64, i64)) -> Vec<History> {
    let mut found: Vec<History> = Vec::new();
    loop {
        let page = extract.created(account, interval, found.last()).unwrap();
        if page.is_empty() {
            return found;
        }
        found.extend(page);
    }
}

fn all_told(extract: &mut Extract, interval: Option<(i64, i64)>) -> Vec<Told> {
    let mut found: Vec<Told> = Vec::new();
    loop {
        let page =
            extract.told_of_money(interval, found.last().map_or(i64::MIN, |last| last.number)).unwrap();
        if page.is_empty() {
            return found;
        }
        found.extend(page);
    }
}

async fn pages_have_every_payment_of_an_interval_once_in_the_order_of_creation(ledger: Ledger) {
    let store = ledger.open().await;
    for number in 0..300_i64 {
        // Several at the same moment.
        let created_at_ms = 1_000 + number / 7;
        let id = id::payment_id(created_at_ms);
        let new = NewPayment { id, created_at_ms, ..new_payment(&format!("A{number}")) };
        assert!(matches!(store.create(new).await.unwrap(), Created::New(_)));
    }
    let found = reading(&ledger, |extract| {
        assert_eq!(extract.accounts().unwrap(), ["shop"]);
        assert!(all_created(extract, "other", (0, i64::MAX)).is_empty());
        (all_created(extract, "shop", (0, i64::MAX)), all_created(extract, "shop", (1_001, 1_003)))
    });
    let (all, some) = found.await.unwrap();
    let names = |found: &[History]| -> Vec<(i64, String)> {
        found.iter().map(|h| (h.record.created_at_ms, h.record.id.to_string())).collect()
    };
    let mut sorted = names(&all);
    sorted.sort();
    sorted.dedup();
    assert_eq!((sorted.len(), sorted == names(&all)), (300, true));
    assert_eq!(some.len(), 14);
    assert!(some.iter().all(|h| (1_001..1_003).contains(&h.record.created_at_ms) && h.status == "created"));
}

async fn facts_about_money_come_with_their_payments_in_the_order_they_were_written(ledger: Ledger) {
    let store = ledger.open().await;
    for number in 0..150 {
        let record = started(&store, &created(&store, &format!("A{number}")).await).await;
        store.add_fact(&record.id, fact(Claim::NotFound, 1)).await.unwrap();
        store.add_fact(&record.id, NewFact { at_ms: 4_000 + number, ..fact(paid(), 2) }).await.unwrap();
    }
    let found = reading(&ledger, |extract| {
        let told = all_told(extract, None);
        let payments = extract.payments_of(&told[..128]).unwrap();
        (told, payments, all_told(extract, Some((4_010, 4_020))))
    });
    let (told, payments, some) = found.await.unwrap();
    assert_eq!((told.len(), payments.len(), some.len()), (150, 128, 10));
    assert!(told.windows(2).all(|pair| pair[0].number < pair[1].number));
    assert!(told.iter().all(|told| told.fact.claim == paid()));
    let history = &payments[0];
    assert_eq!((history.facts.len(), history.record.attempts.len()), (2, 1));
    assert_eq!(history.status, "succeeded");
}

async fn what_is_written_meanwhile_is_not_seen(ledger: Ledger) {
    let store = ledger.open().await;
    created(&store, "A1").await;
    let (opened, told) = tokio::sync::oneshot::channel();
    let (go_on, told_to) = std::sync::mpsc::channel();
    let reader = reading(&ledger, move |extract| {
        let before = all_created(extract, "shop", (0, i64::MAX)).len();
        opened.send(()).unwrap();
        told_to.recv().unwrap();
        (before, all_created(extract, "shop", (0, i64::MAX)).len())
    });
    let writing = async {
        told.await.unwrap();
        created(&store, "A2").await;
        go_on.send(()).unwrap();
    };
    let (seen, ()) = tokio::join!(reader, writing);
    assert_eq!(seen.unwrap(), (1, 1));
}

async fn where_there_is_no_ledger_that_is_told_and_none_is_made(ledger: Ledger) {
    let refused = reading(&ledger, |_| ()).await.unwrap_err().to_string();
    assert!(refused.contains("there is no ledger"), "{refused}");
    let refused = reading(&ledger, |_| ()).await.unwrap_err().to_string();
    assert!(refused.contains("there is no ledger"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_age_is_not_read_and_not_changed() {
    let ledger = Ledger::in_a_file();
    drop(ledger.open().await);
    let path = ledger.url.strip_prefix("sqlite:").unwrap();
    for (version, reason) in
        [(1, "start the signer once"), (99, "newer countersign"), (0, "this is no ledger")]
    {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.pragma_update(None, "user_version", version).unwrap();
        drop(connection);
        let refused = reading(&ledger, |_| ()).await.unwrap_err().to_string();
        assert!(refused.contains(reason), "{refused}");
    }
}

on_both! {
    pages_have_every_payment_of_an_interval_once_in_the_order_of_creation,
    facts_about_money_come_with_their_payments_in_the_order_they_were_written,
    what_is_written_meanwhile_is_not_seen,
    where_there_is_no_ledger_that_is_told_and_none_is_made,
}
