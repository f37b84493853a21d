//! The shop's own record of its orders. What a payment came to is written here by webhooks and by nothing else.
//!
//! A real shop keeps this in its database; here it lives as long as the process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::ShopError;
use super::order::Order;
use super::refund::Refund;
use super::session::Session;
use super::signer::SignedRefund;
use super::webhooks::Event;

const ORDERS_MAX: usize = 1_000;

/// All orders, by order number. Numbers begin with their time, so the last is the newest.
#[derive(Default)]
pub(super) struct Orders(Mutex<BTreeMap<String, Order>>);

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
        if let Some(order) = self.lock().get_mut(order_id) {
            order.payment_id = Some(payment_id.to_owned());
        }
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

    /// Opens an order for another browser of its visitor. A wrong key finds nothing.
    pub(super) fn visit(&self, visitor: &Session, order_id: &str, key: &str) -> Result<Order, ShopError> {
        let mut orders = self.lock();
        let order =
            orders.get_mut(order_id).and_then(|order| order.admit(visitor, key).then(|| order.clone()));
        order.ok_or_else(|| unknown_order(order_id))
    }

    /// Writes a verified webhook down at its order.
    pub(super) fn hear(&self, webhook_id: &str, event: &Event) -> Result<(), ShopError> {
        let order_id = &event.data.order_id;
        self.lock().get_mut(order_id).ok_or_else(|| unknown_order(order_id))?.hear(webhook_id, event)
    }

    /// Writes a refund down, before the signer hears of it.
    pub(super) fn begin_refund(&self, order_id: &str, value: Option<u64>) -> Result<Refund, ShopError> {
        self.lock().get_mut(order_id).ok_or_else(|| unknown_order(order_id))?.begin_refund(value)
    }

    /// Notes what the signer says of a refund.
    pub(super) fn note_refund(&self, order_id: &str, signed: SignedRefund) {
        if let Some(order) = self.lock().get_mut(order_id) {
            order.note_refund(signed);
        }
    }

    /// Strikes a refund out that the signer did not take.
    pub(super) fn forget_refund(&self, order_id: &str, refund_id: &str) {
        if let Some(order) = self.lock().get_mut(order_id) {
            order.forget_refund(refund_id);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Order>> {
        // No order is ever left half written under the lock, so a panic elsewhere does not spoil them.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unknown_order(order_id: &str) -> ShopError {
    let shown: String = order_id.chars().take(32).collect();
    ShopError::Unknown { code: "unknown_order", detail: format!("the shop has no order {shown}") }
}
