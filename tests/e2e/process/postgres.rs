//! A database server that restarts, drops connections, takes no writes, stands still, or is not there.

use std::time::{Duration, Instant};

use countersign_tests::{JUBAO_WECHAT_H5, Payment, eventually};
use serde_json::{Value, json};

use super::cluster::{Cluster, PASSWORD};
use super::stage::{Asked, Stage, last_words, not_ready};

/// What somebody who asks may have to wait, whatever is wrong.
const BOUND: Duration = Duration::from_secs(20);

async fn on_a_server() -> (Cluster, Stage) {
    let (cluster, mut stage) = tokio::join!(Cluster::start(), Stage::new());
    stage.settings.set("store.url", cluster.url());
    stage.start().await;
    (cluster, stage)
}

/// Callers who ask for one payment after the other until they are told to stop.
struct Load {
    stop: tokio::sync::watch::Sender<bool>,
    callers: Vec<tokio::task::JoinHandle<(Vec<Payment>, Vec<Value>)>>,
}

impl Load {
    fn on(stage: &Stage) -> Self {
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let caller = |number: usize| {
            let (api, stopping, template) =
                (stage.api.clone(), stopping.clone(), stage.order(&JUBAO_WECHAT_H5));
            tokio::spawn(async move {
                let (mut done, mut others) = (Vec::new(), Vec::new());
                for nth in 0.. {
                    if *stopping.borrow() {
                        break;
                    }
                    let mut order = template.clone();
                    order["order_id"] = json!(format!("L{number}x{nth}"));
                    order["confirm"] = json!(nth % 4 == 0);
                    let asked = Instant::now();
                    let request = api.merchant_post("/v1/payments", &order.to_string());
                    let reply = api.try_send(request).await.expect("the process stays up");
                    assert!(asked.elapsed() < BOUND, "answered after {:?}", asked.elapsed());
                    if reply.status.is_success() {
                        done.push(Payment::of(reply.json()));
                    } else {
                        not_ready(&reply);
                        others.push(order);
                    }
                }
                (done, others)
            })
        };
        Self { stop, callers: (0..8).map(caller).collect() }
    }

    async fn stop(self) -> (Vec<Payment>, Vec<Value>) {
        self.stop.send(true).expect("the callers are there");
        let (mut done, mut others) = (Vec::new(), Vec::new());
        for caller in self.callers {
            let (some, more) = caller.await.expect("a caller ends well");
            done.extend(some);
            others.extend(more);
        }
        (done, others)
    }
}

/// Waits until so many more payments are in the ledger.
async fn some_more(cluster: &Cluster) {
    let count =
        async || cluster.tell("SELECT COUNT(*) FROM payments").await.trim().parse::<u64>().expect("a number");
    let before = count().await;
    eventually("payments are created", async || (count().await > before + 20).then_some(())).await;
}

/// Nothing answered is lost, nothing was sent twice, and what was sent comes to its end.
async fn audit(stage: &mut Stage, done: &[Payment], others: &[Value]) {
    assert!(!done.is_empty());
    stage.audit(done, others).await;
    let orders = stage.world.gateways.orders("jubao").await;
    let mut numbers: Vec<_> = orders.iter().map(|order| order["order_no"].to_string()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), orders.len(), "no order twice");
    let sent = orders.last().expect("some were sent")["order_no"].as_str().expect("a number").to_owned();
    let replies = stage.world.gateways.pay("jubao", &sent, &json!({})).await;
    assert_eq!(replies, [json!({"status": 200, "body": "SUCCESS"})]);
    let found = stage.find(&json!({"order_id": sent})).await.expect("it is there");
    let id = found["id"].as_str().expect("an id").to_owned();
    stage.api.until_status(&id, "succeeded").await;
    stage.world.merchant.until_taken(&id, "payment.succeeded").await;
    assert!(!stage.signer().said().contains(PASSWORD), "no password in a log");
}

#[tokio::test]
async fn a_server_that_is_cut_off_and_comes_back_loses_nothing_that_was_answered() {
    let (cluster, mut stage) = on_a_server().await;
    let load = Load::on(&stage);
    some_more(&cluster).await;
    for _ in 0..2 {
        cluster.cut().await;
        stage.until_ready(false).await;
        stage.is_up().await;
        cluster.begin().await;
        stage.until_ready(true).await;
        some_more(&cluster).await;
    }
    let (done, others) = load.stop().await;
    audit(&mut stage, &done, &others).await;
    assert_eq!(stage.stop().await.code, Some(0));
}

#[tokio::test]
async fn connections_that_are_ended_are_opened_again() {
    let (cluster, mut stage) = on_a_server().await;
    let load = Load::on(&stage);
    for _ in 0..5 {
        some_more(&cluster).await;
        let ended = cluster
            .tell("SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'countersign'")
            .await;
        assert_ne!(ended.trim(), "0");
    }
    some_more(&cluster).await;
    let (done, others) = load.stop().await;
    audit(&mut stage, &done, &others).await;
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_said_and_used_again_when_it_does() {
    let (cluster, mut stage) = on_a_server().await;
    let payment = stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await;
    stage.api.confirm(&payment).await;
    let unsent = stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await;
    let before = stage.at_gateway(&JUBAO_WECHAT_H5).await;
    for sql in ["ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"] {
        cluster.tell(sql).await;
    }
    stage.until_ready(false).await;
    stage.is_up().await;
    let mut refused = Vec::new();
    for _ in 0..50 {
        let order = stage.order(&JUBAO_WECHAT_H5);
        assert!(matches!(stage.ask(&order).await, Asked::NotNow));
        refused.push(order);
    }
    not_ready(&stage.api.try_confirm(&unsent, &json!({})).await);
    assert_eq!(stage.at_gateway(&JUBAO_WECHAT_H5).await, before, "nothing leaves");
    let number = payment.body["order_id"].as_str().expect("a number");
    let replies = stage.world.gateways.pay("jubao", number, &json!({})).await;
    assert_eq!(replies, [json!({"status": 503, "body": "FAIL"})]);
    assert_eq!(stage.api.payment(&payment.id).await["status"], "requires_action", "it can still be read");
    let said = stage.signer().said();
    assert!(said.contains("read-only transaction"), "{said}");
    let errors = said.lines().filter(|line| line.contains("ERROR")).count();
    assert!(errors < 30, "{errors} lines");

    for sql in ["ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()"] {
        cluster.tell(sql).await;
    }
    stage.until_ready(true).await;
    stage.api.until_status(&payment.id, "succeeded").await;
    audit(&mut stage, &[unsent], &refused).await;
}

#[tokio::test]
async fn a_server_that_stands_still_keeps_nobody_waiting_for_long() {
    let (cluster, mut stage) = on_a_server().await;
    let mut done = vec![stage.api.create(&stage.order(&JUBAO_WECHAT_H5)).await];
    let load = Load::on(&stage);
    some_more(&cluster).await;
    cluster.stand_still(true);
    let asked = Instant::now();
    assert!(!stage.is_ready().await);
    assert!(asked.elapsed() < BOUND, "{:?}", asked.elapsed());
    stage.is_up().await;
    let reading = Instant::now();
    not_ready(&stage.api.get(&format!("/v1/payments/{}", done[0].id)).await);
    assert!(reading.elapsed() < BOUND, "{:?}", reading.elapsed());
    cluster.stand_still(false);
    stage.until_ready(true).await;
    some_more(&cluster).await;
    let (more, others) = load.stop().await;
    done.extend(more);
    audit(&mut stage, &done, &others).await;
    // And it does not keep the process from ending.
    cluster.stand_still(true);
    let asked = Instant::now();
    assert_eq!(stage.stop().await.code, Some(0));
    assert!(
        asked.elapsed() < Duration::from_secs(9),
        "server.shutdown_timeout_s is 5: {:?}",
        asked.elapsed()
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_or_refuses_ends_the_start_with_one_line() {
    let (cluster, mut stage) = tokio::join!(Cluster::start(), Stage::new());
    let (url, place) = (cluster.url(), cluster.place());
    stage.settings.set("store.url", url.replace("journey-database", "another"));
    let ended = stage.try_start().await.expect_err("the password is wrong");
    let line = last_words(&ended).to_owned();
    assert!(
        ended.code == Some(1) && line.contains(&place) && line.contains("password authentication failed"),
        "{line}"
    );
    stage.settings.set("store.url", url.replace("/postgres", "/nowhere"));
    let ended = stage.try_start().await.expect_err("there is no such database");
    assert!(last_words(&ended).contains("\"nowhere\" does not exist"), "{ended:?}");
    cluster.cut().await;
    stage.settings.set("store.url", url);
    let ended = stage.try_start().await.expect_err("there is no server");
    let line = last_words(&ended);
    assert!(ended.code == Some(1) && line.contains(&place) && line.contains("refused"), "{line}");
    assert!(!format!("{ended:?}").contains(PASSWORD));
    cluster.begin().await;
    stage.start().await;
    assert!(stage.is_ready().await);
}
