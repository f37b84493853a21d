//! Copying a ledger to a server: whatever interrupts it, the end is the same ledger, and never two.

use std::path::PathBuf;
use std::str::FromStr as _;

use rusqlite::Connection;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};
use tokio::runtime::Handle;

use super::both::Ledger;
use super::fixtures::{created, fact, new_payment, paid, started};
use crate::ledger::Claim;
use crate::store::copy::copy_in_batches;
use crate::store::{
    Copied, Created, KeyUse, ListFilter, Login, LoginPurpose, NewRefund, Record, Step, Store, StoreError,
    StoredAnswer, UnderKey,
};

/// Few rows in a transaction, so that a small ledger takes many.
const BATCH_ROWS: usize = 2;

/// A ledger with something in every table, and nobody at work on it.
async fn filled() -> Ledger {
    let ledger = Ledger::in_a_file();
    let store = ledger.open().await;
    store.own_key().await.unwrap();
    for number in 1..=5 {
        let record = started(&store, &created(&store, &format!("A{number}")).await).await;
        store.add_fact(&record.id, fact(Claim::NotFound, 1)).await.unwrap();
        store.add_fact(&record.id, fact(paid(), 2)).await.unwrap();
    }
    let record = created(&store, "A6").await;
    let nonce = "n".repeat(40);
    let purpose = LoginPurpose::Login;
    let login = Login { nonce, payment_id: record.id.clone(), account: "shop".into(), purpose, used: false };
    store.begin_login(login, 1_000).await.unwrap();
    let payer = crate::ledger::Payer { id: "payer".into(), consent: None };
    store.bind_payer(&record.id, payer, vec![0, 1, 255, 0], record.revision).await.unwrap();
    let first = store.list(ListFilter { order_id: Some("A1".into()), limit: 1, ..Default::default() });
    let refund = NewRefund {
        refund_id: Some("R1".into()),
        request_key: None,
        amount: Some(400),
        whole_only: false,
        reason: Some("破了".into()),
        fingerprint: [9; 32],
        now_ms: 4_000,
        check_at_ms: 5_000,
    };
    store.begin_refund(&first.await.unwrap()[0].id, refund).await.unwrap();
    store.create_under_key(new_payment("A7"), key()).await.unwrap();
    store.keep_answer(key(), answer()).await.unwrap();
    // What a signer had in hand when it ended.
    assert!(!store.take_due_payments(i64::MAX / 4, 60_000, 2).await.unwrap().is_empty());
    assert!(!store.take_due_events(i64::MAX / 4, 60_000, 2).await.unwrap().is_empty());
    store.events(None, 3).await.unwrap();
    ledger
}

fn key() -> KeyUse {
    let (api_key, key) = ("backend".to_owned(), "k1".to_owned());
    KeyUse { api_key, key, fingerprint: [7; 32], now_ms: 1_000, held_until_ms: 90_000 }
}

fn answer() -> StoredAnswer {
    StoredAnswer { fingerprint: [7; 32], http_status: 201, body: "{\"id\": \"…\"}".into() }
}

fn file(ledger: &Ledger) -> PathBuf {
    ledger.url.strip_prefix("sqlite:").unwrap().into()
}

/// Copies, and dies at this step.
async fn copy_until(from: &Ledger, to: &Ledger, steps: usize) -> Result<Copied, StoreError> {
    let (from, to) = (file(from), to.url.clone());
    let copying = tokio::task::spawn_blocking(move || {
        let mut left = steps;
        copy_in_batches(&from, &to, &Handle::current(), 9_000, BATCH_ROWS, &mut |_| {
            left = left.checked_sub(1).ok_or_else(|| StoreError::Interrupted("killed".to_owned()))?;
            Ok(())
        })
    });
    copying.await.unwrap()
}

async fn copy(from: &Ledger, to: &Ledger) -> Result<Copied, StoreError> {
    copy_until(from, to, usize::MAX).await
}

async fn on_the_server(ledger: &Ledger, sql: &str) {
    let mut connection = PgConnectOptions::from_str(&ledger.url).unwrap().connect().await.unwrap();
    connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
}

async fn unusable(ledger: &Ledger) -> String {
    match Store::open(&ledger.url, 2, true).await {
        Err(StoreError::Unusable(reason)) => reason,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was opened"),
    }
}

/// Everything that the interface of the store shows.
async fn shown(store: &Store) -> String {
    let records = store.list(ListFilter { limit: 100, ..Default::default() }).await.unwrap();
    let mut text = format!("{:?} {records:?}", store.own_key().await.unwrap());
    for record in &records {
        text.push_str(&format!("{:?}", store.events_of(&record.id).await.unwrap()));
    }
    text.push_str(&format!("{:?}", store.events(None, 100).await.unwrap()));
    text + &format!("{:?}", store.login(&"n".repeat(40)).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_shows_the_same_and_goes_on_where_the_file_was() {
    let (before, after) = (filled().await, Ledger::on_a_server().await);
    let endpoint = url::Url::parse("https://shop.example/hooks").unwrap();
    let store = before.open().await.with_endpoint(&endpoint, 9_000).await.unwrap();
    store.recover(9_000).await.unwrap();
    let wanted = shown(&store).await;
    drop(store);
    let Copied::Complete(tables) = copy(&before, &after).await.unwrap() else { panic!("not complete") };
    assert!(tables.iter().all(|table| table.before == table.after && table.before.rows > 0), "{tables:?}");
    assert!(tables.iter().any(|table| table.name == "refunds"));

    let store = after.open().await;
    assert_eq!(shown(&store).await, wanted);
    let replayed = store.create_under_key(new_payment("A7"), key()).await.unwrap();
    assert!(matches!(replayed, UnderKey::Answered(kept) if kept == answer()));
    assert!(matches!(store.create(new_payment("A1")).await.unwrap(), Created::Existing(_)));
    // New rows get numbers of their own, and what was due is due.
    let record: Record = started(&store, &created(&store, "A8").await).await;
    store.add_fact(&record.id, fact(paid(), 1)).await.unwrap();
    assert!(!store.take_due_payments(10_000, 1, 100).await.unwrap().is_empty());
    assert!(!store.take_due_events(10_000, 1, 100).await.unwrap().is_empty());
    let listed = store.events(None, 100).await.unwrap().unwrap();
    assert_eq!(
        listed.last().map(|event| &event.id),
        store.events_of(&record.id).await.unwrap().last().map(|e| &e.id)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_dies_at_any_step_goes_on_and_is_no_ledger_until_it_is_complete() {
    let (before, after) = (filled().await, Ledger::on_a_server().await);
    for steps in 0.. {
        match copy_until(&before, &after, steps).await {
            Err(StoreError::Interrupted(_)) => {
                assert!(unusable(&after).await.contains("unfinished copy"));
            }
            Ok(Copied::Complete(tables)) => {
                assert!(steps > 20, "only {steps} steps");
                assert!(tables.iter().all(|table| table.before == table.after));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(copy(&before, &after).await.unwrap(), Copied::Before);
    drop(after.open().await);
    assert!(unusable(&before).await.contains("moved to PostgreSQL"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_was_used_since_is_copied_anew() {
    let (before, after) = (filled().await, Ledger::on_a_server().await);
    copy_until(&before, &after, 12).await.unwrap_err();
    let store = before.open().await;
    let record = created(&store, "A9").await;
    store.next_secret_generation(&record.id).await.unwrap();
    drop(store);
    let (from, to) = (file(&before), after.url.clone());
    let steps = tokio::task::spawn_blocking(move || {
        let mut steps = Vec::new();
        let copied = copy_in_batches(&from, &to, &Handle::current(), 9_000, BATCH_ROWS, &mut |step| {
            steps.push(step);
            Ok(())
        });
        assert!(matches!(copied, Ok(Copied::Complete(_))), "{copied:?}");
        steps
    });
    assert_eq!(steps.await.unwrap().first(), Some(&Step::Anew));
    let record = after.open().await.payment(&record.id).await.unwrap().unwrap();
    assert_eq!(record.secret_generation, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_changed_by_hand_is_found_and_mended() {
    let (before, after) = (filled().await, Ledger::on_a_server().await);
    // The payments are there; the rest is still to come.
    copy_until(&before, &after, 8).await.unwrap_err();
    on_the_server(&after, "UPDATE payments SET amount = amount + 1 WHERE order_id = 'A3'").await;
    let Copied::Differs(tables) = copy(&before, &after).await.unwrap() else { panic!("it was not seen") };
    let different: Vec<&str> =
        tables.iter().filter(|table| table.before != table.after).map(|table| table.name.as_str()).collect();
    assert_eq!(different, ["payments"]);
    assert!(unusable(&after).await.contains("unfinished copy"));
    drop(before.open().await);
    assert!(matches!(copy(&before, &after).await.unwrap(), Copied::Complete(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_other_data_is_refused_and_left_as_it_is() {
    let (before, after) = (filled().await, Ledger::on_a_server().await);
    let store = after.open().await;
    let record = created(&store, "B1").await;
    let refused = copy(&before, &after).await.unwrap_err().to_string();
    assert!(refused.contains("has a ledger of its own"), "{refused}");
    assert!(store.payment(&record.id).await.unwrap().is_some());

    let (another, copied) = (filled().await, Ledger::on_a_server().await);
    copy_until(&another, &copied, 9).await.unwrap_err();
    let refused = copy(&before, &copied).await.unwrap_err().to_string();
    assert!(refused.contains("a copy of another ledger"), "{refused}");
    // Neither refusal cost the ledger anything.
    drop(before.open().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_was_moved_is_not_moved_a_second_time() {
    let (before, after) = (filled().await, Ledger::on_a_server().await);
    copy(&before, &after).await.unwrap();
    let refused = copy(&before, &Ledger::on_a_server().await).await.unwrap_err().to_string();
    assert!(refused.contains("moved to another database"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_signer_and_a_missing_file_are_told() {
    let (before, after) = (filled().await, Ledger::on_a_server().await);
    let store = before.open().await;
    assert!(matches!(copy(&before, &after).await, Err(StoreError::InUse { .. })));
    drop(store);
    let nowhere = Ledger::in_a_file();
    let refused = copy(&nowhere, &after).await.unwrap_err().to_string();
    assert!(refused.ends_with("there is no ledger"), "{refused}");
    assert!(!file(&nowhere).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_the_server_cannot_keep_is_named_and_not_changed() {
    let (before, after) = (filled().await, Ledger::on_a_server().await);
    let connection = Connection::open(file(&before)).unwrap();
    connection
        .execute("UPDATE payments SET subject = 'a' || char(0) || 'b' WHERE order_id = 'A2'", [])
        .unwrap();
    drop(connection);
    let refused = copy(&before, &after).await.unwrap_err().to_string();
    assert!(refused.contains("payments, row [\"pay_"), "{refused}");
    assert!(refused.contains("column subject") && refused.contains("U+0000"), "{refused}");
    drop(before.open().await);
}
