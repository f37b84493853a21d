//! What must hold when nothing becomes due any more: the gateway's books, the ledger and what the merchant heard agree.

use std::collections::BTreeSet;

use countersign_core::{EventType, PaymentStatus, RefundStatus};
use serde_json::Value;

use super::books::{Booked, Standing};
use super::gateway::Kind;
use super::world::{Process, World};
use crate::app::Record;

/// Finds what does not hold; nothing if all does.
pub(super) async fn audit(world: &World, process: &Process) -> Vec<String> {
    let mut wrong = Vec::new();
    for record in process.payments().await {
        money(world, &record, &mut wrong);
        refunds(world, &record, &mut wrong);
        events(world, process, &record, &mut wrong).await;
        if record.status().is_open() || record.status() == PaymentStatus::Created {
            wrong.push(format!("{} is left open for ever", record.status()));
        }
    }
    let unannounced = &world.books.open().unannounced;
    if !unannounced.is_empty() {
        wrong.push(format!("sent before they were durable: {unannounced:?}"));
    }
    wrong
}

/// Money was taken at most once, and the ledger says so if and only if it was.
fn money(world: &World, record: &Record, wrong: &mut Vec<String>) {
    let pages = world.books.open();
    let ours = |number: &str| record.attempts.iter().any(|attempt| attempt.order_no == number);
    let charged: Vec<&Booked> =
        pages.charged().into_iter().filter(|(number, _)| ours(number)).map(|(_, order)| order).collect();
    let status = record.status();
    if charged.len() > 1 {
        wrong.push(format!("charged {} times", charged.len()));
    }
    let said = matches!(status, PaymentStatus::Succeeded | PaymentStatus::Refunded);
    match charged.first() {
        Some(order) if order.went_back() < order.amount => {
            let told = matches!(status, PaymentStatus::Succeeded | PaymentStatus::Review);
            wrong.extend((!told).then(|| format!("the payer paid, the ledger says {status}")));
        }
        // A charge that was wholly taken back by a reversal was never a payment.
        Some(_)
            if !said
                && !matches!(
                    status,
                    PaymentStatus::Review | PaymentStatus::Expired | PaymentStatus::Canceled
                ) =>
        {
            wrong.push(format!("paid and given back, the ledger says {status}"));
        }
        None if said => wrong.push(format!("nobody paid, the ledger says {status}")),
        _ => {}
    }
    let closable = matches!(world.kind, Kind::ByOurNumber | Kind::Till);
    let ended = matches!(status, PaymentStatus::Expired | PaymentStatus::Canceled);
    let payable = |number: &String| pages.orders.get(number).is_some_and(|o| o.standing == Standing::Waiting);
    if closable && ended && record.attempts.iter().any(|attempt| payable(&attempt.order_no)) {
        wrong.push(format!("{status}, and can still be paid"));
    }
    if record.attempts.iter().filter(|attempt| attempt.live).count() > 1 {
        wrong.push("two live attempts".to_owned());
    }
}

/// Each refund was carried out at most once, and what the ledger says went back did.
fn refunds(world: &World, record: &Record, wrong: &mut Vec<String>) {
    let pages = world.books.open();
    let orders = record.attempts.iter().filter_map(|attempt| pages.orders.get(&attempt.order_no));
    let went_back: i64 = orders.clone().map(Booked::went_back).sum();
    let carried_out: BTreeSet<&String> = orders.flat_map(|order| order.back.keys()).collect();
    for terms in &record.refunds {
        let state = record.state.refunds.iter().find(|state| state.number == terms.number);
        let status = state.map(|state| state.status);
        let done = carried_out.contains(&terms.refund_no);
        let fits = match status {
            Some(RefundStatus::Succeeded) => done,
            Some(RefundStatus::Failed) => !done,
            Some(RefundStatus::Review) => true,
            Some(RefundStatus::Processing) | None => false,
        };
        if !fits {
            wrong.push(format!("refund {} was done: {done}; the ledger says {status:?}", terms.refund_no));
        }
    }
    if went_back != record.state.amount_refunded && record.status() != PaymentStatus::Review {
        wrong.push(format!("{went_back} went back, the ledger says {}", record.state.amount_refunded));
    }
    if went_back > record.amount.value() {
        wrong.push(format!("{went_back} went back of {}", record.amount.value()));
    }
}

/// One event for each change of status, each heard by the merchant, in order.
async fn events(world: &World, process: &Process, record: &Record, wrong: &mut Vec<String>) {
    let events = process.store.events_of(&record.id).await.unwrap();
    let revisions: Vec<i64> = events.iter().map(|event| event.revision).collect();
    if !revisions.is_sorted_by(|one, next| one < next) {
        wrong.push(format!("revisions of events: {revisions:?}"));
    }
    let mut status = PaymentStatus::Created;
    for event in &events {
        let body: Value = serde_json::from_slice(&event.body).unwrap();
        let told = body["data"]["status"].as_str().and_then(PaymentStatus::parse).unwrap();
        if body["data"]["revision"] != event.revision {
            wrong.push(format!(
                "an event of revision {} tells of {}",
                event.revision, body["data"]["revision"]
            ));
        }
        if told != status && !status.may_become(told) {
            wrong.push(format!("the events go from {status} to {told}"));
        }
        if told != status && Some(event.kind) != EventType::of(told) {
            wrong.push(format!("{} tells of {told}", event.kind));
        }
        status = told;
    }
    if status != record.status() {
        wrong.push(format!("the events end at {status}, the payment is {}", record.status()));
    }
    // What arrived twice counts where it arrived first.
    let mut heard: Vec<String> = Vec::new();
    for (id, _) in world.heard.lock().unwrap().iter() {
        if !heard.contains(id) {
            heard.push(id.clone());
        }
    }
    let told: Vec<String> = events.iter().map(|event| event.id.to_string()).collect();
    let heard: Vec<String> = heard.into_iter().filter(|id| told.contains(id)).collect();
    if heard != told {
        wrong.push(format!("the ledger tells {told:?}, the merchant heard {heard:?}"));
    }
}
