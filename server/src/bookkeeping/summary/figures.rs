//! The figures of each day, account and currency, gathered entry by entry.

use std::collections::BTreeMap;

use countersign_core::{Currency, PaymentStatus};
use jiff::civil::Date;
use jiff::tz::Offset;

use crate::bookkeeping::amount::{Tally, decimal};
use crate::bookkeeping::checks;
use crate::bookkeeping::csv::{Field, Fields};
use crate::bookkeeping::entries::Entry;
use crate::bookkeeping::movements::{CountsAs, Moved, Movement, movements};
use crate::bookkeeping::period::day_of;
use crate::clock::rfc3339;
use crate::ledger::Claim;
use crate::store::History;

/// As many payments as are named in a list; the figures count all of them.
const NAMED_MAX: usize = 1000;

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::bookkeeping) struct Key {
    pub(in crate::bookkeeping) day: Date,
    pub(in crate::bookkeeping) account: String,
    /// Its code.
    pub(in crate::bookkeeping) currency: String,
}

/// The figures of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::bookkeeping) struct Figures {
    /// Payments that were created on the day, and where they stand now.
    pub(in crate::bookkeeping) created: Tally,
    pub(in crate::bookkeeping) open: Tally,
    pub(in crate::bookkeeping) review: Tally,
    pub(in crate::bookkeeping) ended: Tally,
    /// Money that came in on the day, and what for.
    pub(in crate::bookkeeping) received: Tally,
    pub(in crate::bookkeeping) succeeded: Tally,
    pub(in crate::bookkeeping) late: Tally,
    pub(in crate::bookkeeping) extra: Tally,
    pub(in crate::bookkeeping) disputed: Tally,
    /// Money that went back on the day.
    pub(in crate::bookkeeping) refunded: Tally,
    /// What was asked for by the payments that the money of the day paid.
    pub(in crate::bookkeeping) expected: i128,
    /// Payments of this row that are not in order.
    pub(in crate::bookkeeping) differences: u64,
}

impl Figures {
    /// What is left of the day.
    pub(in crate::bookkeeping) fn net(&self) -> i128 {
        self.received.sum - self.refunded.sum
    }

    /// Whether the payments and the facts come to the same.
    pub(in crate::bookkeeping) fn is_equal(&self) -> bool {
        self.differences == 0 && self.expected == self.succeeded.sum
    }
}

/// A payment that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bookkeeping) struct Named {
    pub(in crate::bookkeeping) payment: String,
    pub(in crate::bookkeeping) account: String,
    pub(in crate::bookkeeping) order_id: String,
    pub(in crate::bookkeeping) what: String,
}

/// The rows, and the payments to look at.
#[derive(Debug, Default)]
pub(in crate::bookkeeping) struct Gathered {
    pub(in crate::bookkeeping) rows: BTreeMap<Key, Figures>,
    pub(in crate::bookkeeping) in_review: Vec<Named>,
    pub(in crate::bookkeeping) pays_nothing: Vec<Named>,
    /// By payment: one may be met more than once.
    pub(in crate::bookkeeping) differences: BTreeMap<String, Named>,
}

impl Gathered {
    /// Adds an entry.
    pub(in crate::bookkeeping) fn add(&mut self, entry: &Entry<'_>, offset: Offset) {
        let record = &entry.history.record;
        let all = movements(entry.history);
        let currency = entry.movement.map_or(record.amount.currency(), |movement| &movement.currency);
        let key = Key {
            day: day_of(entry.at_ms, offset),
            account: record.account.clone(),
            currency: currency.as_str().to_owned(),
        };
        let figures = self.rows.entry(key).or_default();
        match entry.movement {
            None => figures.add_payment(entry.history),
            Some(movement) => figures.add_movement(entry.history, movement),
        }
        let different = checks::differences(entry.history, &all);
        if !different.is_empty() && !self.differences.contains_key(record.id.as_str()) {
            figures.differences += 1;
            let id = record.id.as_str().to_owned();
            self.differences.insert(id, named(entry.history, different.join("; ")));
        }
        self.name(entry, &all);
    }

    fn name(&mut self, entry: &Entry<'_>, all: &[Movement]) {
        let in_review = entry.history.record.status() == PaymentStatus::Review;
        if entry.movement.is_none() && in_review && self.in_review.len() < NAMED_MAX {
            self.in_review.push(named(entry.history, seen(entry.history)));
        }
        let extra = entry.movement.is_some_and(|movement| movement.counts_as() == Some(CountsAs::Extra));
        if extra && self.pays_nothing.len() < NAMED_MAX {
            let sums = all.iter().filter(|movement| movement.counts_as().is_some()).map(shown);
            self.pays_nothing.push(named(entry.history, sums.collect::<Vec<_>>().join(", ")));
        }
    }
}

impl Figures {
    fn add_payment(&mut self, history: &History) {
        let amount = history.record.amount.value();
        self.created.add(amount);
        match history.record.status() {
            PaymentStatus::Created | PaymentStatus::RequiresAction | PaymentStatus::Processing => {
                self.open.add(amount);
            }
            PaymentStatus::Review => self.review.add(amount),
            PaymentStatus::Failed | PaymentStatus::Expired | PaymentStatus::Canceled => {
                self.ended.add(amount);
            }
            PaymentStatus::Succeeded | PaymentStatus::Refunded => {}
        }
    }

    fn add_movement(&mut self, history: &History, movement: &Movement) {
        match &movement.kind {
            Moved::Back { .. } => self.refunded.add(-movement.amount),
            Moved::In { counts_as, .. } => {
                self.received.add(movement.amount);
                match counts_as {
                    CountsAs::Payment => {
                        self.succeeded.add(movement.amount);
                        if history.record.state.late {
                            self.late.add(movement.amount);
                        }
                        let decided = checks::was_decided(history);
                        let asked = if decided { movement.amount } else { history.record.amount.value() };
                        self.expected += i128::from(asked);
                    }
                    CountsAs::Extra => self.extra.add(movement.amount),
                    CountsAs::Review => self.disputed.add(movement.amount),
                }
            }
        }
    }

    /// As a record.
    pub(in crate::bookkeeping) fn fields(&self, key: &Key) -> Fields {
        let mut fields: Fields = vec![
            ("day", Field::text(key.day.to_string())),
            ("account", Field::text(&key.account)),
            ("currency", Field::text(&key.currency)),
        ];
        for (count, sum, tally) in [
            ("created_count", "created_sum", self.created),
            ("open_count", "open_sum", self.open),
            ("review_count", "review_sum", self.review),
            ("ended_count", "ended_sum", self.ended),
            ("received_count", "received_sum", self.received),
            ("succeeded_count", "succeeded_sum", self.succeeded),
            ("late_count", "late_sum", self.late),
            ("extra_count", "extra_sum", self.extra),
            ("disputed_count", "disputed_sum", self.disputed),
            ("refunded_count", "refunded_sum", self.refunded),
        ] {
            fields.push((count, Field::number(tally.count)));
            fields.push((sum, Field::number(tally.sum)));
        }
        fields.push(("net_sum", Field::number(self.net())));
        let net = Currency::parse(&key.currency).ok().map(|currency| decimal(self.net(), &currency));
        fields.push(("net_decimal", Field::Decimal(net)));
        fields.push(("expected_sum", Field::number(self.expected)));
        fields.push(("differences", Field::number(self.differences)));
        fields.push(("check", Field::text(if self.is_equal() { "equal" } else { "different" })));
        fields
    }
}

fn named(history: &History, what: String) -> Named {
    let record = &history.record;
    Named {
        payment: record.id.as_str().to_owned(),
        account: record.account.clone(),
        order_id: record.order_id.clone(),
        what,
    }
}

fn shown(movement: &Movement) -> String {
    let sum = decimal(i128::from(movement.amount), &movement.currency);
    format!("{sum} {} at {}", movement.currency, rfc3339(movement.paid_ms()))
}

/// What was asked, and what anybody said was paid.
fn seen(history: &History) -> String {
    let record = &history.record;
    let told = history.facts.iter().filter_map(|(_, fact)| {
        let (paid, doubt) = match &fact.claim {
            Claim::Paid(paid) | Claim::Refunded { paid: Some(paid), .. } => (paid, ""),
            Claim::PaidUnconfirmed(paid) => (paid, ", not confirmed"),
            _ => return None,
        };
        let currency = paid.currency.as_ref().unwrap_or(record.amount.currency());
        let other = if paid.other_payer { ", from another payer" } else { "" };
        let sum = decimal(i128::from(paid.amount), currency);
        Some(format!("{sum} {currency} ({}{doubt}{other})", fact.source.as_str()))
    });
    let mut told: Vec<String> = told.collect();
    told.dedup();
    let told = if told.is_empty() { "no money".to_owned() } else { told.join(", ") };
    format!("{} asked, {told} seen", record.amount)
}
