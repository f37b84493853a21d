//! The shop's own record of its orders. What a payment came to is written here by webhooks and by nothing else.
//!
//! A real shop keeps this in its database; here it lives as long as the process.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::error::ShopError;
use super::happenings::Happening;
use super::order::Order;
use super::refund::Refund;
use super::session::Session;
use super::signer::SignedRefund;
use super::webhooks::Event;

const ORDERS_MAX: usize = 1_000;

/// That something changed: the version of the newest change, and whether the shop is about to close.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct News {
    version: u64,
    pub(super) closing: bool,
}

/// All orders, by order number. Numbers begin with their time, so the last is the newest.
pub(super) struct Orders {
    kept: Mutex<BTreeMap<String, Order>>,
    news: watch::Sender<News>,
}

impl Default for Orders {
    fn default() -> Self {
        Self { kept: Mutex::default(), news: watch::Sender::new(News::default()) }
    }
}

impl Orders {
    /// Writes an order down, before the signer hears of it; the oldest gives way when there are too many.
    pub(super) fn add(&self, order: Order) {
        let mut orders = self.lock();
        if orders.len() == ORDERS_MAX {
            orders.pop_first();
        }
        orders.insert(order.order_id.clone(), order);
    }

    /// Notes which payment an order has.
    pub(super) fn opened(&self, order_id: &str, payment_id: &str) {
        self.change(order_id, |order| {
            order.payment_id = Some(payment_id.to_owned());
            order.is_announced = true;
        });
    }

    /// Keeps an order whose payment is not known, and may have been paid all the same.
    pub(super) fn keep(&self, order_id: &str) {
        self.change(order_id, |order| order.is_announced = true);
    }

    /// Forgets an order that has no payment, so nothing can be paid for it.
    pub(super) fn forget(&self, order_id: &str) {
        self.lock().remove(order_id);
    }

    /// A visitor's order. That of another visitor is not there.
    pub(super) fn find(&self, visitor: &Session, order_id: &str) -> Result<Order, ShopError> {
        let orders = self.lock();
        let order = orders.get(order_id).filter(|order| order.is_of(visitor));
        order.cloned().ok_or_else(|| unknown_order(order_id))
    }

    /// A visitor's orders, newest first.
    pub(super) fn list(&self, visitor: &Session) -> Vec<Order> {
        let orders = self.lock();
        orders.values().rev().filter(|order| order.is_of(visitor)).cloned().collect()
    }

    /// A visitor's orders that changed after this version, newest first, and the version that they are of now;
    /// `only` one of them, where that is all that is wanted.
    pub(super) fn changed(&self, visitor: &Session, only: Option<&str>, after: u64) -> (u64, Vec<Order>) {
        let orders = self.lock();
        let wanted = |order: &&Order| {
            order.version > after && order.is_of(visitor) && only.is_none_or(|only| order.order_id == only)
        };
        let changed = orders.values().rev().filter(wanted).cloned().collect();
        (self.news.borrow().version, changed)
    }

    /// Hears of every change from now on.
    pub(super) fn news(&self) -> watch::Receiver<News> {
        self.news.subscribe()
    }

    /// Ends the wait of everybody who hears of changes.
    pub(super) fn close(&self) {
        self.news.send_modify(|news| news.closing = true);
    }

    /// Opens an order for another browser of its visitor. A wrong key finds nothing.
    pub(super) fn visit(&self, visitor: &Session, order_id: &str, key: &str) -> Result<Order, ShopError> {
        let visited = self.change(order_id, |order| order.admit(visitor, key).then(|| order.clone()));
        visited.flatten().ok_or_else(|| unknown_order(order_id))
    }

    /// Writes a verified webhook down at its order.
    pub(super) fn hear(&self, webhook_id: &str, event: &Event) -> Result<(), ShopError> {
        let order_id = &event.data.order_id;
        self.change(order_id, |order| order.hear(webhook_id, event))
            .unwrap_or_else(|| Err(unknown_order(order_id)))
    }

    /// Writes a refund down, before the signer hears of it.
    pub(super) fn begin_refund(&self, order_id: &str, value: Option<u64>) -> Result<Refund, ShopError> {
        self.change(order_id, |order| order.begin_refund(value))
            .unwrap_or_else(|| Err(unknown_order(order_id)))
    }

    /// Notes what the signer says of a refund.
    pub(super) fn note_refund(&self, order_id: &str, signed: SignedRefund) {
        self.change(order_id, |order| order.note_refund(signed));
    }

    /// Strikes a refund out that the signer did not take.
    pub(super) fn forget_refund(&self, order_id: &str, refund_id: &str) {
        self.change(order_id, |order| order.forget_refund(refund_id));
    }

    /// Adds a line to what happened to an order.
    pub(super) fn note(&self, order_id: &str, happening: Happening) {
        self.change(order_id, |order| order.note(happening));
    }

    /// Adds a line to what happened to the order whose number this one begins with.
    pub(super) fn overhear(&self, number: &str, happening: Happening) {
        let upto = (Bound::Unbounded, Bound::Included(number));
        let nearest = self.lock().range::<str, _>(upto).next_back().map(|(order_id, _)| order_id.clone());
        if let Some(order_id) = nearest.filter(|order_id| number.starts_with(order_id.as_str())) {
            self.note(&order_id, happening);
        }
    }

    /// Changes an order, and lets everybody know who follows it.
    fn change<T>(&self, order_id: &str, change: impl FnOnce(&mut Order) -> T) -> Option<T> {
        let mut orders = self.lock();
        let order = orders.get_mut(order_id)?;
        let changed = change(order);
        if order.is_announced {
            // Under the lock, so that whoever has read a version has read every change up to it.
            self.news.send_modify(|news| {
                news.version += 1;
                order.version = news.version;
            });
        }
        Some(changed)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Order>> {
        // No order is ever left half written under the lock, so a panic elsewhere does not spoil them.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unknown_order(order_id: &str) -> ShopError {
    let shown: String = order_id.chars().take(32).collect();
    ShopError::Unknown { code: "unknown_order", detail: format!("the shop has no order {shown}") }
}
