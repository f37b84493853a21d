//! Two instances on one ledger, asked for the same by many at the same time.

use std::collections::BTreeSet;
use std::sync::Arc;

use countersign_core::PaymentStatus;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::acts::order;
use super::audit::audit;
use super::books::Standing;
use super::gateway::Kind;
use super::world::{Process, World, backend, life};
use crate::app::{AppError, Circumstances, CreateRequest, RefundRequest};
use crate::clock::{self, ahead};
use crate::store::tests::Ledger;

/// As many requests at one time.
const CROWD: usize = 100;

/// Two instances, and what they run on.
struct Pair {
    world: World,
    instances: [Process; 2],
    life: Runtime,
    _backend: Runtime,
}

impl Pair {
    fn new(kind: Kind) -> Self {
        let (backend, life) = (backend(), life());
        let ledger = Arc::new(backend.block_on(Ledger::on_a_server()));
        let world = World::new(kind, ledger, backend.handle()).with_delays();
        let instances = life.block_on(async { [world.start().await, world.start().await] });
        Self { world, instances, life, _backend: backend }
    }

    /// Has a crowd create payments at the same time, on both instances in turn.
    async fn crowd(&self, key: Option<&str>, body: impl Fn(usize) -> Value) -> Vec<Result<String, AppError>> {
        let create = |nth: usize| {
            let request = CreateRequest {
                api_key: "backend".into(),
                idempotency_key: key.map(str::to_owned),
                body: body(nth),
            };
            let app = self.instances[nth % 2].app.clone();
            async move { app.create_payment(request).await.map(|answer| answer.body) }
        };
        join_all((0..CROWD).map(create)).await
    }

    /// How often each order arrived at the gateway.
    fn arrivals(&self) -> Vec<usize> {
        self.world.books.open().orders.values().map(|order| order.arrived).collect()
    }

    /// Everybody pays what waits, time passes, and the audit finds nothing.
    async fn end(&self) {
        let waiting: Vec<String> = self.world.books.open().orders.keys().cloned().collect();
        for number in &waiting {
            self.world.books.pay(number);
        }
        self.world.pass(&self.instances[0], None).await;
        let wrong = audit(&self.world, &self.instances[0]).await;
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

/// The different texts among answers that are all well.
fn texts(answers: Vec<Result<String, AppError>>) -> BTreeSet<String> {
    answers.into_iter().map(|answer| answer.unwrap()).collect()
}

#[test]
fn a_hundred_equal_requests_under_one_key_get_one_answer_and_one_submission() {
    let pair = Pair::new(Kind::ByOurNumber);
    pair.life.block_on(async {
        for (round, confirm) in [true, false, true].into_iter().enumerate() {
            let order_id = format!("A{round}");
            let answers = pair.crowd(Some(&order_id), |_| order(Kind::ByOurNumber, &order_id, confirm)).await;
            let texts = texts(answers);
            assert_eq!(texts.len(), 1, "{texts:#?}");
            let again = pair.crowd(Some(&order_id), |_| order(Kind::ByOurNumber, &order_id, confirm)).await;
            assert_eq!(self::texts(again), texts);
        }
        assert_eq!(pair.instances[0].payments().await.len(), 3);
        assert_eq!(pair.arrivals(), [1, 1]);
        pair.end().await;
    });
}

#[test]
fn a_hundred_equal_requests_without_a_key_make_one_payment_too() {
    let pair = Pair::new(Kind::ByOurNumber);
    pair.life.block_on(async {
        let plain = texts(pair.crowd(None, |_| order(Kind::ByOurNumber, "A1", false)).await);
        assert_eq!(plain.len(), 1, "{plain:#?}");
        let submitted = texts(pair.crowd(None, |_| order(Kind::ByOurNumber, "A2", true)).await);
        let id = |text: &String| serde_json::from_str::<Value>(text).unwrap()["id"].clone();
        let first = submitted.first().map(id);
        assert!(submitted.iter().all(|text| Some(id(text)) == first), "{submitted:#?}");
        assert_eq!((pair.instances[0].payments().await.len(), pair.arrivals()), (2, vec![1]));
        pair.end().await;
    });
}

#[test]
fn of_a_hundred_different_requests_under_one_key_one_is_taken() {
    let pair = Pair::new(Kind::ByOurNumber);
    pair.life.block_on(async {
        let answers =
            pair.crowd(Some("one"), |nth| order(Kind::ByOurNumber, &format!("A{nth}"), nth % 3 == 0)).await;
        let refused =
            |answer: &Result<String, AppError>| matches!(answer, Err(AppError::IdempotencyKeyReused));
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert_eq!(answers.iter().filter(|answer| refused(answer)).count(), CROWD - 1);
        assert_eq!(pair.instances[1].payments().await.len(), 1);
        pair.end().await;
    });
}

#[test]
fn of_a_hundred_different_requests_for_one_order_one_is_taken() {
    let pair = Pair::new(Kind::ByOurNumber);
    pair.life.block_on(async {
        let body = |nth: usize| {
            let mut body = order(Kind::ByOurNumber, "A1", true);
            body["subject"] = format!("Tea {nth}").into();
            body
        };
        let answers = pair.crowd(None, body).await;
        let refused = |answer: &Result<String, AppError>| matches!(answer, Err(AppError::OrderIdReused));
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert_eq!(answers.iter().filter(|answer| refused(answer)).count(), CROWD - 1);
        assert_eq!(pair.arrivals(), [1]);
        pair.end().await;
    });
}

#[test]
fn confirming_and_giving_up_at_the_same_time_end_as_one_of_the_two() {
    for kind in [Kind::ByOurNumber, Kind::ByItsNumber] {
        let pair = Pair::new(kind);
        pair.life.block_on(async {
            for round in 0..20 {
                let id = created(&pair, &format!("A{round}")).await;
                let confirm =
                    |nth: usize| pair.instances[nth].app.submit_payment(&id, Circumstances::default());
                let cancel = |nth: usize| pair.instances[nth].app.cancel_payment(&id);
                let (one, other, _, _) = tokio::join!(confirm(0), cancel(1), confirm(1), cancel(0));
                one.unwrap();
                if let Err(error) = other {
                    assert!(matches!(error, AppError::NotCancelable(_)), "{error:?}");
                }
                let now = pair.instances[0].store.payment(&id).await.unwrap().unwrap();
                // Where an order can be closed, nobody is left with one to pay for a payment that was given up.
                let order = pair.world.books.open().orders.get(&now.order_id).cloned();
                let payable = order.is_some_and(|order| order.standing == Standing::Waiting);
                let given_up = now.status() == PaymentStatus::Canceled && kind == Kind::ByOurNumber;
                assert!(!(given_up && payable), "{now:#?}");
            }
            pair.end().await;
        });
    }
}

#[test]
fn of_many_refunds_at_the_same_time_one_gives_the_money_back() {
    let pair = Pair::new(Kind::ByOurNumber);
    pair.life.block_on(async {
        for round in 0..5 {
            let id = created(&pair, &format!("A{round}")).await;
            pair.instances[0].app.submit_payment(&id, Circumstances::default()).await.unwrap();
            pair.world.books.pay(&format!("A{round}"));
            pair.instances[1].app.sync_payment(&id).await.map(drop).unwrap();
            let refund = |nth: usize| {
                let key = (round % 2 == 0).then(|| format!("refund {round}"));
                let body = json!({ "amount": { "value": 600, "currency": "CNY" } });
                let request = RefundRequest {
                    api_key: "backend".into(),
                    idempotency_key: key,
                    payment: id.clone(),
                    body,
                };
                let app = pair.instances[nth % 2].app.clone();
                async move { app.refund_payment(request).await.map(|answer| answer.body) }
            };
            let answers = join_all((0..20).map(refund)).await;
            let taken: Vec<&String> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
            if round % 2 == 0 {
                assert!(taken.len() == 20 && taken.iter().all(|text| *text == taken[0]), "{answers:#?}");
            } else {
                assert_eq!(taken.len(), 1, "{answers:#?}");
            }
        }
        pair.end().await;
        let back: Vec<i64> = pair.world.books.open().orders.values().map(|order| order.went_back()).collect();
        assert_eq!(back, [600; 5]);
    });
}

#[test]
fn asking_confirming_and_expiring_at_the_same_time_lose_no_money() {
    for kind in [Kind::ByOurNumber, Kind::ByItsNumber, Kind::Till] {
        let pair = Pair::new(kind);
        pair.life.block_on(async {
            for round in 0..15 {
                let order_id = format!("A{round}");
                let id = created(&pair, &order_id).await;
                let expires_at_ms = pair.instances[0].payments().await[0].expires_at_ms;
                // The time is up while they are at it.
                ahead::pass_ms(expires_at_ms - clock::now_ms() - round % 5 * 3);
                let confirm =
                    |nth: usize| pair.instances[nth].app.submit_payment(&id, Circumstances::default());
                let check = |nth: usize| pair.instances[nth].app.sync_payment(&id);
                let pay = async {
                    tokio::task::yield_now().await;
                    pair.world.books.pay(&order_id)
                };
                let (one, other, asked, asked_too, _) =
                    tokio::join!(confirm(0), confirm(1), check(0), check(1), pay);
                one.unwrap();
                other.unwrap();
                asked.map(drop).unwrap();
                asked_too.map(drop).unwrap();
            }
            assert!(pair.arrivals().iter().all(|arrived| *arrived == 1));
            pair.end().await;
        });
    }
}

#[test]
fn what_is_due_is_taken_by_one_of_many() {
    let pair = Pair::new(Kind::ByOurNumber);
    pair.life.block_on(async {
        for round in 0..60 {
            created(&pair, &format!("A{round}")).await;
        }
        for instance in 0..2 {
            let ids = pair.instances[0].payments().await;
            let submit = ids.iter().skip(instance * 30).take(30).map(|record| {
                pair.instances[instance].app.submit_payment(&record.id, Circumstances::default())
            });
            for done in join_all(submit).await {
                done.unwrap();
            }
        }
        let now_ms = clock::now_ms() + 3_600_000;
        let take = |nth: usize| pair.instances[nth % 2].store.take_due_payments(now_ms, 60_000, 7);
        let taken = join_all((0..20).map(take)).await;
        let payments: Vec<String> = taken
            .into_iter()
            .flat_map(|records| records.unwrap())
            .map(|record| record.id.to_string())
            .collect();
        assert_each_once(&payments, 60);
        let take = |nth: usize| pair.instances[nth % 2].store.take_due_events(now_ms, 60_000, 7);
        let taken = join_all((0..20).map(take)).await;
        let events: Vec<String> =
            taken.into_iter().flat_map(|events| events.unwrap()).map(|event| event.id.to_string()).collect();
        // One event of each payment: the second waits for the first.
        assert_each_once(&events, 60);
    });
}

/// Nothing was taken twice; and what some left because others had it in hand was not much.
fn assert_each_once(taken: &[String], all: usize) {
    let different: BTreeSet<&String> = taken.iter().collect();
    assert_eq!(different.len(), taken.len(), "taken twice");
    assert!(taken.len() <= all && taken.len() >= all / 2, "{} of {all}", taken.len());
}

async fn created(pair: &Pair, order_id: &str) -> countersign_core::PaymentId {
    let body = order(pair.world.kind, order_id, false);
    let request = CreateRequest { api_key: "backend".into(), idempotency_key: None, body };
    let answer = pair.instances[0].app.create_payment(request).await.unwrap();
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    countersign_core::PaymentId::parse(body["id"].as_str().unwrap()).unwrap()
}
