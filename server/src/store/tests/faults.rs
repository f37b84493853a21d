//! Jobs that go wrong, and a server that does not answer.

use std::time::{Duration, Instant};

use super::both::{Ledger, on_both};
use crate::store::StoreError;
use crate::store::engine::Database;
use crate::store::tables::signer;

async fn a_job_that_breaks_off_leaves_nothing_behind_and_the_others_as_they_are(ledger: Ledger) {
    let database = Database::open(&ledger.url, 4).await.unwrap();
    for _ in 0..20 {
        let broken = database.write("a".into(), |db| {
            signer::note_time(db, 1)?;
            if db.row("SELECT 1 AS one", &[])?.is_some() {
                panic!("made to fail");
            }
            Ok(())
        });
        let fine = database.write("b".into(), signer::note_writable);
        let (broken, fine) = tokio::join!(broken, fine);
        assert!(matches!(broken, Err(StoreError::Failed(why)) if why.contains("broke off")));
        fine.unwrap();
    }
    let noted = database.read(signer::noted_time).await.unwrap();
    assert_eq!(noted, None, "what the broken ones had begun is not there");
}

on_both! {
    a_job_that_breaks_off_leaves_nothing_behind_and_the_others_as_they_are,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_goes_on_after_a_statement_that_failed_is_not_called_done() {
    let database = Database::open(&Ledger::on_a_server().await.url, 2).await.unwrap();
    let done = database.write("a".into(), |db| {
        signer::note_time(db, 1)?;
        // The server calls the end of such a transaction a commit, and takes it back.
        let _ = db.run("SELECT 1 / 0", &[]);
        Ok(())
    });
    assert!(matches!(done.await, Err(StoreError::Failed(why)) if why.contains("went on after")));
    assert_eq!(database.read(signer::noted_time).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_hangs_is_given_up_and_the_next_job_runs() {
    let database = Database::open(&Ledger::on_a_server().await.url, 2).await.unwrap();
    let began = Instant::now();
    let hangs = database.write("a".into(), |db| db.run("SELECT pg_sleep(60)", &[]));
    assert!(matches!(hangs.await, Err(StoreError::Interrupted(_))));
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    database.write("a".into(), signer::note_writable).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_is_not_waited_for_and_its_password_not_told() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = silent.local_addr().unwrap();
    let began = Instant::now();
    let opened = Database::open(&format!("postgres://me:hunter-22@{place}/ledger"), 2).await;
    let error = opened.err().unwrap().to_string();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(error.contains(&place.to_string()) && !error.contains("hunter-22"), "{error}");
}
