//! Orders as a gateway books them, kept in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::clock;
use super::notification::Delivery;

/// One order; `T` holds what only this gateway notes of it.
#[derive(Clone, Debug)]
pub(crate) struct Order<T> {
    /// The merchant's order number.
    pub(crate) order_no: String,
    /// The gateway's own.
    pub(crate) gateway_order_no: String,
    /// What was asked for, in the gateway's unit.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) state: State,
    pub(crate) notify_url: Option<String>,
    pub(crate) return_url: Option<String>,
    pub(crate) created_at: Timestamp,
    /// An unpaid order counts as closed from here on.
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) paid: Option<Paid>,
    pub(crate) refunds: Vec<Refund>,
    pub(crate) notifications: Vec<Delivery>,
    pub(crate) terms: T,
}

/// What a payer has paid: the amount asked for, unless the control interface wanted another.
#[derive(Clone, Debug)]
pub(crate) struct Paid {
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) at: Timestamp,
    pub(crate) transaction_id: String,
}

/// Money given back, or meant to be.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Refund {
    pub(crate) refund_no: String,
    pub(crate) gateway_refund_no: String,
    pub(crate) amount: i64,
    pub(crate) status: RefundStatus,
    pub(crate) reason: String,
    pub(crate) at: Timestamp,
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundStatus {
    Succeeded,
    Processing,
    /// Given up: no money went back.
    Closed,
    /// The wallet could not take the money back.
    Abnormal,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Unpaid,
    Paid,
    Closed,
    Refunded,
    /// Taken back by the merchant before or after it was paid.
    Revoked,
    /// The payer's wallet has refused for good.
    Failed,
}

/// Another amount or currency than the order's, as ordered through the control interface.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deviation {
    pub(crate) amount: Option<i64>,
    pub(crate) currency: Option<String>,
}

/// Why an order cannot change as wished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Immovable {
    Unknown,
    Stands(State),
    /// More is to be given back than is left, or nothing.
    Amount,
}

/// The order number is taken.
#[derive(Debug)]
pub(crate) struct Duplicate;

impl<T> Order<T> {
    /// A new, unpaid order.
    pub(crate) fn new(
        order_no: String,
        gateway_order_no: String,
        (amount, currency): (i64, &str),
        terms: T,
    ) -> Self {
        Self {
            order_no,
            gateway_order_no,
            amount,
            currency: currency.to_owned(),
            state: State::Unpaid,
            notify_url: None,
            return_url: None,
            created_at: clock::now(),
            expires_at: None,
            paid: None,
            refunds: Vec::new(),
            notifications: Vec::new(),
            terms,
        }
    }

    /// Books the payment.
    pub(crate) fn pay(&mut self, deviation: &Deviation, transaction_id: String) {
        self.state = State::Paid;
        self.paid = Some(Paid {
            amount: deviation.amount.unwrap_or(self.amount),
            currency: deviation.currency.clone().unwrap_or_else(|| self.currency.clone()),
            at: clock::now(),
            transaction_id,
        });
    }

    /// What messages about this order say of amount and currency: what was paid once it was, else what was asked for.
    pub(crate) fn told(&self) -> (i64, &str) {
        self.paid.as_ref().map_or((self.amount, &self.currency), |paid| (paid.amount, &paid.currency))
    }

    /// What was given back, or is on its way.
    pub(crate) fn refunded(&self) -> i64 {
        let under_way =
            |refund: &&Refund| matches!(refund.status, RefundStatus::Succeeded | RefundStatus::Processing);
        self.refunds.iter().filter(under_way).map(|refund| refund.amount).sum()
    }

    /// What was paid and not given back.
    pub(crate) fn refundable(&self) -> i64 {
        match self.state {
            State::Paid => self.told().0 - self.refunded(),
            _ => 0,
        }
    }

    /// Books a refund; the order counts as refunded when all of it is back.
    pub(crate) fn refund(&mut self, refund: Refund) -> Result<(), Immovable> {
        match self.state {
            State::Paid => {}
            state => return Err(Immovable::Stands(state)),
        }
        if !(1..=self.refundable()).contains(&refund.amount) {
            return Err(Immovable::Amount);
        }
        self.refunds.push(refund);
        self.settle_refunds();
        Ok(())
    }

    /// Looks again whether all of the money is back, after a refund has changed.
    pub(crate) fn settle_refunds(&mut self) {
        let back = |refund: &&Refund| refund.status == RefundStatus::Succeeded;
        let sum: i64 = self.refunds.iter().filter(back).map(|refund| refund.amount).sum();
        if self.state == State::Paid && sum >= self.told().0 {
            self.state = State::Refunded;
        }
    }

    fn expire(&mut self, now: Timestamp) {
        if self.state == State::Unpaid && self.expires_at.is_some_and(|end| end <= now) {
            self.state = State::Closed;
        }
    }
}

/// All orders of one gateway.
pub(crate) struct Orders<T>(Mutex<Book<T>>);

struct Book<T> {
    orders: Vec<Order<T>>,
    by_order_no: HashMap<String, usize>,
    by_gateway_order_no: HashMap<String, usize>,
}

impl<T> Default for Orders<T> {
    fn default() -> Self {
        Self(Mutex::new(Book {
            orders: Vec::new(),
            by_order_no: HashMap::new(),
            by_gateway_order_no: HashMap::new(),
        }))
    }
}

impl<T: Clone> Orders<T> {
    /// Takes a new order.
    pub(crate) fn place(&self, order: Order<T>) -> Result<(), Duplicate> {
        let mut book = locked(&self.0);
        if book.by_order_no.contains_key(&order.order_no) {
            return Err(Duplicate);
        }
        let place = book.orders.len();
        book.by_order_no.insert(order.order_no.clone(), place);
        book.by_gateway_order_no.insert(order.gateway_order_no.clone(), place);
        book.orders.push(order);
        Ok(())
    }

    /// The order with this number of the merchant.
    pub(crate) fn by_order_no(&self, order_no: &str) -> Option<Order<T>> {
        let mut book = locked(&self.0);
        let place = *book.by_order_no.get(order_no)?;
        Some(book.seen(place))
    }

    /// The order with this number of the gateway.
    pub(crate) fn by_gateway_order_no(&self, order_no: &str) -> Option<Order<T>> {
        let mut book = locked(&self.0);
        let place = *book.by_gateway_order_no.get(order_no)?;
        Some(book.seen(place))
    }

    /// The first order of which something is true.
    pub(super) fn find(&self, mut is_it: impl FnMut(&Order<T>) -> bool) -> Option<Order<T>> {
        let mut book = locked(&self.0);
        let place = (0..book.orders.len()).find(|place| is_it(&book.orders[*place]))?;
        Some(book.seen(place))
    }

    /// All orders, oldest first.
    pub(super) fn all(&self) -> Vec<Order<T>> {
        let mut book = locked(&self.0);
        (0..book.orders.len()).map(|place| book.seen(place)).collect()
    }

    /// Changes an order, if it exists.
    pub(super) fn change<R>(
        &self,
        order_no: &str,
        change: impl FnOnce(&mut Order<T>) -> Result<R, Immovable>,
    ) -> Result<R, Immovable> {
        let mut book = locked(&self.0);
        let place = *book.by_order_no.get(order_no).ok_or(Immovable::Unknown)?;
        book.orders[place].expire(clock::now());
        change(&mut book.orders[place])
    }
}

impl<T: Clone> Book<T> {
    fn seen(&mut self, place: usize) -> Order<T> {
        self.orders[place].expire(clock::now());
        self.orders[place].clone()
    }
}

/// Locks state whose every change is complete in itself, so a panic elsewhere cannot have left it half done.
pub(crate) fn locked<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
