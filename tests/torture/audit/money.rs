//! Money, order by order: what a gateway took is in the ledger, once, and nothing else is.

use super::{Audit, Index, Rule};
use crate::books::{Order, Payment};

pub(super) fn check(index: &Index<'_>, audit: &mut Audit) {
    for order in index.books.orders.iter().filter(|order| order.was_paid()) {
        taken(index, order, audit);
    }
    for payment in &index.books.payments {
        let paid: Vec<&Order> = index.orders_of(payment).filter(|order| order.was_paid()).collect();
        audit.that(paid.len() <= 1, Rule::Paid, &payment.order_id, || {
            format!("the payer was charged {} times: {paid:?}", paid.len())
        });
        match paid.first() {
            Some(order) => with_money(index, payment, order, audit),
            None => without_money(index, payment, audit),
        }
    }
}

/// Money that a gateway has taken belongs to exactly one payment.
fn taken(index: &Index<'_>, order: &Order, audit: &mut Audit) {
    let place = (order.gateway.as_str(), order.order_no.as_str());
    let owners = index.by_order_no.get(&place).map_or(&[][..], Vec::as_slice);
    audit.that(owners.len() == 1, Rule::Taken, &order.order_no, || {
        format!(
            "{} took {:?} for {}, which {} payments have",
            order.gateway,
            order.paid,
            order.order_no,
            owners.len()
        )
    });
    for payment in owners {
        let agrees = order.paid == Some(payment.amount) && order.currency == payment.currency;
        audit.that(agrees, Rule::Taken, &payment.order_id, || {
            let told = (payment.amount, payment.currency.as_str());
            format!("{} took {:?} {}, the ledger has {told:?}", order.gateway, order.paid, order.currency)
        });
    }
}

fn with_money(index: &Index<'_>, payment: &Payment, order: &Order, audit: &mut Audit) {
    let been = index.statuses(&payment.id);
    let canceled = been.contains(&"canceled");
    let right = match payment.status.as_str() {
        "succeeded" | "refunded" => !canceled || been.contains(&"review"),
        "review" => canceled,
        _ => false,
    };
    audit.that(right, Rule::Taken, &payment.order_id, || {
        format!("{} has the money ({}), the ledger says {}", order.gateway, order.state, payment.status)
    });
    if let Some(place) = been.iter().position(|status| *status == "succeeded") {
        let expired = been[..place].contains(&"expired");
        audit.that(!expired || payment.late, Rule::Taken, &payment.order_id, || {
            "it was paid after it had expired and is not called late".to_owned()
        });
    }
    given_back(index, payment, order, audit);
    let all = payment.amount_refunded == payment.amount;
    audit.that(all == (payment.status == "refunded"), Rule::Rest, &payment.order_id, || {
        format!("{} of {} went back, and it is {}", payment.amount_refunded, payment.amount, payment.status)
    });
    for refund in &payment.refunds {
        audit.that(refund.status != "processing", Rule::Rest, &payment.order_id, || {
            format!("the refund {} has not come to rest", refund.id)
        });
    }
}

/// What went back is what succeeded here, but for refunds that were left to a person.
fn given_back(index: &Index<'_>, payment: &Payment, order: &Order, audit: &mut Audit) {
    let by_order: i64 = order.refunds.iter().map(|refund| refund.amount).sum();
    let back = by_order + payouts(index, payment);
    let in_doubt = index.returned_in_doubt(payment);
    if in_doubt > 0 {
        audit.0.asked_in_vain.push(payment.order_id.clone());
    }
    let untold = index.untold(payment);
    audit.that(back == payment.amount_refunded + untold, Rule::Taken, &payment.order_id, || {
        let (refunded, gateway) = (payment.amount_refunded, &order.gateway);
        format!("{gateway} gave {back} back, the ledger says {refunded}, and {untold} are in doubt")
    });
    let done = payment.refunds.iter().filter(|refund| refund.status == "succeeded");
    let ours: i64 = done.map(|refund| refund.amount).sum();
    audit.that(back == ours + in_doubt, Rule::Taken, &payment.order_id, || {
        format!("{} gave {back} back, refunds that succeeded come to {ours}", order.gateway)
    });
}

/// What Hicoin paid back for any attempt of a payment.
fn payouts(index: &Index<'_>, payment: &Payment) -> i64 {
    let ours = |refund_no: &str| {
        payment.gateway == "hicoin"
            && payment.attempts.iter().any(|order_no| super::numbers::is_refund_of(refund_no, order_no))
    };
    index.books.payouts.iter().filter(|payout| ours(&payout.refund_no)).map(|payout| payout.amount).sum()
}

fn without_money(index: &Index<'_>, payment: &Payment, audit: &mut Audit) {
    let order_id = payment.order_id.as_str();
    let claims_money = matches!(payment.status.as_str(), "succeeded" | "refunded") || payment.paid;
    audit.that(!claims_money, Rule::Paid, order_id, || {
        format!("the ledger says {}, and no gateway has the money", payment.status)
    });
    let at_rest = matches!(payment.status.as_str(), "failed" | "expired" | "canceled" | "review");
    audit.that(claims_money || at_rest, Rule::Rest, order_id, || {
        format!("it should have come to rest, and it is {}", payment.status)
    });
    if payment.status == "review" {
        if nobody_can_tell(index, payment) {
            audit.0.untellable += 1;
        } else {
            audit.0.asked_in_vain.push(order_id.to_owned());
        }
    }
}

/// Whether no question at the gateway can answer what became of it.
fn nobody_can_tell(index: &Index<'_>, payment: &Payment) -> bool {
    match payment.gateway.as_str() {
        // Its query takes its own number only.
        "jubao" => payment.gateway_order_no.is_none(),
        // Whether the look-up knows every automatic payment is not documented: "not found" proves nothing.
        "dotwallet" => payment.method == "dotwallet_autopay",
        // It has no code for an order that it does not know.
        "hicoin" => index.orders_of(payment).next().is_none(),
        _ => false,
    }
}
