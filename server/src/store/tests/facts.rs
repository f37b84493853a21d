//! Facts in any order, repeated, dropped: the ledger agrees with the reference after each, on both engines alike.

use countersign_core::{FailureClass, PaymentId};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use super::both::Ledger;
use super::walk::{Outcome, Step, Walk, any_steps, any_told, failure, paid_claim};
use crate::id;
use crate::ledger::Claim;
use crate::store::Store;

pub(super) fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn outcome(runtime: &Runtime, store: &Store, id: &PaymentId, steps: &[Step]) -> Outcome {
    runtime.block_on(async { Walk::of(store, id).await.take(steps).await })
}

/// Runs `property` so many times with random values; as often as `PROPTEST_CASES` says where that is set.
pub(crate) fn for_all<S: Strategy>(
    cases: u32,
    values: &S,
    property: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = asked.unwrap_or(cases);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
    if let Err(error) = TestRunner::new(config).run(values, property) {
        panic!("{error}");
    }
}

#[test]
fn whatever_is_told_the_ledger_agrees_with_the_reference() {
    let (runtime, ledger) = (runtime(), Ledger::in_memory());
    let store = runtime.block_on(ledger.open());
    for_all(200, &(any_steps(24), 0_usize..12), |(steps, dropped)| {
        outcome(&runtime, &store, &id::payment_id(1_000), &steps);
        // The same, but the first of it never arrived.
        let rest = &steps[dropped.min(steps.len())..];
        outcome(&runtime, &store, &id::payment_id(1_000), rest);
        Ok(())
    });
}

/// What chance does not often bring together.
#[test]
fn a_word_about_an_earlier_attempt_is_heard_however_the_last_one_ended() {
    let (runtime, ledger) = (runtime(), Ledger::in_memory());
    let store = runtime.block_on(ledger.open());
    let endings = [Claim::Closed, Claim::Refused { failure: failure(FailureClass::Final) }, Claim::NotFound];
    for ending in endings {
        for decided in [None, Some(Claim::Expired), Some(Claim::Unresolved)] {
            for told in [Claim::PaidUnconfirmed(paid_claim()), Claim::Paid(paid_claim())] {
                let last = |claim: &Claim| Step::told(false, claim.clone());
                let mut steps = vec![Step::Begin, Step::refused_for_now(), Step::Begin, last(&ending)];
                steps.extend(decided.clone().map(Step::Decided));
                steps.extend([Step::told(true, told.clone()), last(&told), last(&Claim::Closed)]);
                outcome(&runtime, &store, &id::payment_id(1_000), &steps);
            }
        }
    }
}

#[test]
fn both_engines_come_to_the_same_payment_and_the_same_events() {
    let (runtime, file) = (runtime(), Ledger::in_memory());
    let server = runtime.block_on(Ledger::on_a_server());
    let (on_file, on_server) = runtime.block_on(async { (file.open().await, server.open().await) });
    for_all(40, &any_steps(24), |steps| {
        let id = id::payment_id(1_000);
        let one = outcome(&runtime, &on_file, &id, &steps);
        let other = outcome(&runtime, &on_server, &id, &steps);
        prop_assert_eq!(one, other);
        Ok(())
    });
}

/// What the gateway said of an attempt lately counts more than what it said before, for these and no others: whether it
/// takes the order, refuses it, or wants the payer's consent first.
fn is_judged_by_time(step: &Step) -> bool {
    use Claim::{Accepted, ConsentNeeded, Refused};
    let Step::Told { claim, .. } = step else { return false };
    matches!(claim, Accepted { .. } | ConsentNeeded { .. } | Refused { .. })
}

/// `steps` in another order, but for those that are judged by time.
fn in_another_order(steps: &[Step], keys: &[u32]) -> Vec<Step> {
    let mut keyed: Vec<(u32, &Step)> = keys.iter().copied().zip(steps).collect();
    keyed.sort_by_key(|(key, _)| *key);
    let mut in_time = steps.iter().filter(|step| is_judged_by_time(step));
    let place = |(_, step): (u32, &Step)| match is_judged_by_time(step) {
        true => in_time.next().expect("as many as there were").clone(),
        false => step.clone(),
    };
    keyed.into_iter().map(place).collect()
}

/// Without the traces of the way that it took there.
fn at_rest(outcome: Outcome) -> Value {
    let mut payment = outcome.payment;
    for trace in ["id", "order_id", "revision", "updated_at"] {
        payment[trace] = Value::Null;
    }
    if let Some(seen) = payment.pointer_mut("/review/seen").and_then(Value::as_array_mut) {
        // What was seen is the same, whoever said it first.
        for sum in &mut *seen {
            for trace in ["order_no", "at", "source"] {
                sum[trace] = Value::Null;
            }
        }
        seen.sort_by_key(Value::to_string);
    }
    if payment["status"] == "refunded" && payment["paid_at"].is_null() {
        // Where nothing fits that was paid, the first word of money counts as the payment: what came besides it, and so
        // what there is to look at, depends on which that was.
        payment["review"] = Value::Null;
    }
    payment
}

#[test]
fn the_order_in_which_a_gateway_tells_changes_nothing_but_what_it_takes_back() {
    let (runtime, ledger) = (runtime(), Ledger::in_memory());
    let store = runtime.block_on(ledger.open());
    let told = prop::collection::vec((any_told(), any::<u32>()), 1..9);
    for_all(150, &(0_usize..3, told), |(attempts, told)| {
        let (told, keys): (Vec<Step>, Vec<u32>) = told.into_iter().unzip();
        let begun = [Step::Begin, Step::refused_for_now(), Step::Begin];
        let begun = &begun[..(attempts * 2).min(3)];
        let (one, other) = ([begun, &told].concat(), [begun, &in_another_order(&told, &keys)].concat());
        let one = at_rest(outcome(&runtime, &store, &id::payment_id(1_000), &one));
        let other = at_rest(outcome(&runtime, &store, &id::payment_id(1_000), &other));
        prop_assert_eq!(one, other);
        Ok(())
    });
}
