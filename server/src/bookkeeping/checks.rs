//! The ledger against itself: what it says of a payment must follow from what it keeps.

use countersign_core::PaymentStatus;

use super::amount::decimal;
use super::movements::{CountsAs, Movement};
use crate::ledger::{Fact, Terms, settle};
use crate::store::History;

/// What does not fit, one sentence each; nothing when the payment is in order.
pub(super) fn differences(history: &History, movements: &[Movement]) -> Vec<String> {
    let record = &history.record;
    let mut found = Vec::new();
    let status = record.status();
    if history.status != status.as_str() {
        found.push(format!("its status is written as {} and as {status}", history.status));
    }
    let facts: Vec<Fact> = history.facts.iter().map(|(_, fact)| fact.clone()).collect();
    let terms = Terms { amount: record.amount.clone() };
    let follows = settle(&terms, &record.attempts, &record.refunds, &facts);
    if follows.status != status {
        found.push(format!("it stands as {status}; from its facts follows {}", follows.status));
    }
    if follows.amount_refunded != record.state.amount_refunded {
        let (stands, follows) = (record.state.amount_refunded, follows.amount_refunded);
        found.push(format!("it stands with {stands} refunded; from its facts follow {follows}"));
    }
    let paid = matches!(status, PaymentStatus::Succeeded | PaymentStatus::Refunded);
    if paid && !was_decided(history) {
        let counting = movements.iter().find(|movement| movement.counts_as() == Some(CountsAs::Payment));
        match counting {
            // A gateway may tell of nothing but that it went back.
            None if status == PaymentStatus::Refunded => {}
            None => found.push("it stands as succeeded, and no fact confirms that it was paid".to_owned()),
            Some(movement) if movement.is_what_was_asked(record) => {}
            Some(movement) => {
                let paid = decimal(i128::from(movement.amount), &movement.currency);
                let (asked, currency) = (&record.amount, &movement.currency);
                found.push(format!("{asked} was asked, its facts confirm {paid} {currency}"));
            }
        }
    }
    found
}

/// Whether the merchant decided about it: then that counts, whatever was paid.
pub(super) fn was_decided(history: &History) -> bool {
    let payment = serde_json::to_value(history.record.payment()).unwrap_or_default();
    !payment["resolution"].is_null()
}
