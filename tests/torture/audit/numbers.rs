//! Order numbers: each was written down before it was sent, and no two of a payment were open at one time.

use std::collections::HashMap;

use super::{Audit, Index, Rule};
use crate::books::Submission;
use crate::weather::is_definite;

pub(super) fn check(index: &Index<'_>, audit: &mut Audit) {
    for submission in &index.books.submissions {
        let place = (submission.gateway.as_str(), submission.order_no.as_str());
        audit.that(index.by_order_no.contains_key(&place), Rule::Numbers, &submission.order_no, || {
            format!("{} was asked for {}, which no attempt has", submission.gateway, submission.order_no)
        });
    }
    for order in &index.books.orders {
        let place = (order.gateway.as_str(), order.order_no.as_str());
        audit.that(index.by_order_no.contains_key(&place), Rule::Numbers, &order.order_no, || {
            format!("{} has booked {}, which no attempt has", order.gateway, order.order_no)
        });
    }
    one_at_a_time(index, audit);
    refunds(index, audit);
}

fn one_at_a_time(index: &Index<'_>, audit: &mut Audit) {
    let mut sent: HashMap<(&str, &str), Vec<(usize, &Submission)>> = HashMap::new();
    for (place, submission) in index.books.submissions.iter().enumerate() {
        let order = (submission.gateway.as_str(), submission.order_no.as_str());
        sent.entry(order).or_default().push((place, submission));
    }
    let none = Vec::new();
    for payment in index.books.payments.iter().filter(|payment| payment.attempts.len() > 1) {
        let of = |order_no| sent.get(&(payment.gateway.as_str(), order_no)).unwrap_or(&none);
        for pair in payment.attempts.windows(2) {
            let before = of(pair[0].as_str());
            let Some((begins, _)) = of(pair[1].as_str()).first() else { continue };
            let refused = before.iter().any(|(place, submission)| {
                place < begins && submission.refused.as_deref().is_some_and(is_definite)
            });
            audit.that(refused, Rule::Numbers, &payment.order_id, || {
                format!("{} was sent while nobody had refused {}", pair[1], pair[0])
            });
            let again = before.iter().any(|(place, _)| place > begins);
            audit.that(!again, Rule::Numbers, &payment.order_id, || {
                format!("{} was sent again after {}", pair[0], pair[1])
            });
        }
    }
}

/// Refunds at the gateways carry numbers of refunds in the ledger.
fn refunds(index: &Index<'_>, audit: &mut Audit) {
    let by_order = index.books.orders.iter().flat_map(|order| {
        order.refunds.iter().map(|back| (order.gateway.as_str(), back.refund_no.as_str(), back.amount))
    });
    let payouts = index.books.payouts.iter().map(|p| ("hicoin", p.refund_no.as_str(), p.amount));
    for (gateway, refund_no, amount) in by_order.chain(payouts) {
        let (order_no, number) = refund_no.rsplit_once('f').unwrap_or((refund_no, ""));
        let owner = index.by_order_no.get(&(gateway, order_no)).and_then(|owners| owners.first());
        let nth = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let in_ledger = owner.zip(nth).and_then(|(payment, nth)| payment.refunds.get(nth));
        let fits = in_ledger.is_some_and(|refund| refund.amount == amount);
        audit.that(fits, Rule::Numbers, owner.map_or(order_no, |payment| &payment.order_id), || {
            format!("{gateway} gave {amount} back under {refund_no}; ledger: {in_ledger:?}")
        });
    }
}

/// Whether a refund's number is one that belongs to this order.
pub(super) fn is_refund_of(refund_no: &str, order_no: &str) -> bool {
    refund_no
        .strip_prefix(order_no)
        .and_then(|rest| rest.strip_prefix('f'))
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}
