//! The audit: everybody's books compared, to the last unit. Pure, so that it can be shown to find what is wrong.

mod clients;
mod events;
mod forgeries;
mod money;
mod numbers;
mod totals;
mod webhooks;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use crate::books::{Books, Event, Order, Payment};

/// What the audit came to.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Statements that were checked.
    pub(crate) lines: u64,
    /// Statements that do not hold.
    pub(crate) findings: Vec<Finding>,
    /// Payments without money that were left to a person because nobody can tell what became of them.
    pub(crate) untellable: usize,
    /// Payments without money, and refunds, that were left to a person because the gateway could not be asked in time.
    pub(crate) asked_in_vain: Vec<String>,
}

/// Something that is not as it must be.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) rule: Rule,
    /// The merchant's order number, where it is about one.
    pub(crate) order_id: Option<String>,
    pub(crate) text: String,
}

/// What a finding breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// What was acknowledged is there, and the same request gave the same answer.
    Acknowledged,
    /// What clients see goes forward.
    Forward,
    /// Money that a gateway took is in the ledger.
    Taken,
    /// The ledger says "paid" only of money that a gateway took, once.
    Paid,
    /// Every payment has come to rest, and rightly.
    Rest,
    /// Sums agree.
    Totals,
    /// Each change of status has one event, in order.
    Events,
    /// The merchant has heard of every event.
    Webhooks,
    /// Order numbers are written down before they are used, one at a time.
    Numbers,
    /// Forgeries change nothing.
    Forgeries,
}

/// Compares the books.
pub(crate) fn audit(books: &Books) -> Verdict {
    let index = Index::of(books);
    let mut audit = Audit::default();
    clients::check(&index, &mut audit);
    money::check(&index, &mut audit);
    seldom_in_vain(books, &mut audit);
    totals::check(&index, &mut audit);
    numbers::check(&index, &mut audit);
    events::check(&index, &mut audit);
    webhooks::check(&index, &mut audit);
    forgeries::check(&index, &mut audit);
    audit.0
}

/// Of a hundred payments, this many may be left to a person though the gateway could have been asked.
const IN_VAIN_PERCENT_MAX: usize = 3;

fn seldom_in_vain(books: &Books, audit: &mut Audit) {
    let (many, all) = (audit.0.asked_in_vain.len(), books.payments.len());
    audit.overall(many * 100 <= all * IN_VAIN_PERCENT_MAX, Rule::Rest, || {
        format!("{many} of {all} payments were left to a person that the gateway knows")
    });
}

/// Collects what is found.
#[derive(Default)]
struct Audit(Verdict);

impl Audit {
    /// States something about an order; `wrong` says what is wrong when it does not hold.
    fn that(&mut self, holds: bool, rule: Rule, order_id: &str, wrong: impl FnOnce() -> String) {
        self.state(holds, rule, Some(order_id), wrong);
    }

    /// States something about everything.
    fn overall(&mut self, holds: bool, rule: Rule, wrong: impl FnOnce() -> String) {
        self.state(holds, rule, None, wrong);
    }

    fn state(&mut self, holds: bool, rule: Rule, order_id: Option<&str>, wrong: impl FnOnce() -> String) {
        self.0.lines += 1;
        if !holds {
            let finding = Finding { rule, order_id: order_id.map(str::to_owned), text: wrong() };
            self.0.findings.push(finding);
        }
    }
}

/// The books, to look things up in.
struct Index<'b> {
    books: &'b Books,
    by_id: HashMap<&'b str, &'b Payment>,
    by_order_id: HashMap<(&'b str, &'b str), Vec<&'b Payment>>,
    /// Payments by the order numbers of their attempts.
    by_order_no: HashMap<(&'b str, &'b str), Vec<&'b Payment>>,
    orders: HashMap<(&'b str, &'b str), &'b Order>,
    /// The numbers under which gateways have given money back.
    returned: HashSet<(&'b str, String)>,
    /// Events by payment, oldest first.
    events: HashMap<&'b str, Vec<&'b Event>>,
}

impl<'b> Index<'b> {
    fn of(books: &'b Books) -> Self {
        let mut index = Self {
            books,
            by_id: books.payments.iter().map(|payment| (payment.id.as_str(), payment)).collect(),
            by_order_id: HashMap::new(),
            by_order_no: HashMap::new(),
            events: HashMap::new(),
            returned: books.payouts.iter().map(|payout| ("hicoin", payout.refund_no.clone())).collect(),
            orders: books.orders.iter().map(|o| ((o.gateway.as_str(), o.order_no.as_str()), o)).collect(),
        };
        for order in &books.orders {
            let numbers = order.refunds.iter().map(|back| (order.gateway.as_str(), back.refund_no.clone()));
            index.returned.extend(numbers);
        }
        for event in &books.events {
            index.events.entry(&event.payment).or_default().push(event);
        }
        for payment in &books.payments {
            let order = (payment.account.as_str(), payment.order_id.as_str());
            index.by_order_id.entry(order).or_default().push(payment);
            for order_no in &payment.attempts {
                let order = (payment.gateway.as_str(), order_no.as_str());
                index.by_order_no.entry(order).or_default().push(payment);
            }
        }
        index
    }

    /// The gateway's orders of a payment.
    fn orders_of(&self, payment: &'b Payment) -> impl Iterator<Item = &'b Order> {
        payment
            .attempts
            .iter()
            .filter_map(|order_no| self.orders.get(&(payment.gateway.as_str(), order_no.as_str())).copied())
    }

    /// The events of a payment, oldest first.
    fn events_of(&self, payment: &str) -> &[&'b Event] {
        self.events.get(payment).map_or(&[], Vec::as_slice)
    }

    /// The statuses that a payment's events tell, oldest first.
    fn statuses(&self, payment: &str) -> Vec<&'b str> {
        self.events_of(payment).iter().map(|event| event.status.as_str()).collect()
    }

    /// How much of a payment the gateways gave back for refunds that the ledger has left to a person.
    fn returned_in_doubt(&self, payment: &Payment) -> i64 {
        let in_doubt = payment.refunds.iter().enumerate().filter(|(_, refund)| refund.status == "review");
        let returned = in_doubt.filter(|(place, _)| {
            payment.attempts.iter().any(|order_no| {
                let refund_no = format!("{order_no}f{}", place + 1);
                self.returned.contains(&(payment.gateway.as_str(), refund_no))
            })
        });
        returned.map(|(_, refund)| refund.amount).sum()
    }

    /// The part of that which `amount_refunded` does not show either: a gateway's word about the whole order may have told.
    fn untold(&self, payment: &Payment) -> i64 {
        let in_doubt = self.returned_in_doubt(payment);
        let done = payment.refunds.iter().filter(|refund| refund.status == "succeeded");
        let ours: i64 = done.map(|refund| refund.amount).sum();
        (ours + in_doubt - payment.amount_refunded).clamp(0, in_doubt)
    }

    /// The merchant's number of a payment, empty when it is not in the ledger.
    fn order_id(&self, payment: &str) -> &'b str {
        self.by_id.get(payment).map_or("", |payment| &payment.order_id)
    }
}
