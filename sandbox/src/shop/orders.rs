//! The shop's own record of its orders. What a payment came to is written here by webhooks and by nothing else.
//!
//! A real shop keeps this in its database; here it lives as long as the process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rand::Rng;
use serde::Serialize;

use super::catalog::{Method, Product, Text};
use super::error::ShopError;
use super::signer::Amount;
use super::webhooks::Event;

const ORDERS_MAX: usize = 1_000;
const WEBHOOKS_PER_ORDER_MAX: usize = 100;

/// All orders, by order number. Numbers begin with their time, so the last is the newest.
#[derive(Default)]
pub(super) struct Orders(Mutex<BTreeMap<String, Order>>);

/// One order, as the page sees it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Order {
    pub(super) order_id: String,
    pub(super) product: OrderedProduct,
    pub(super) method: &'static str,
    pub(super) account: String,
    pub(super) amount: Amount,
    pub(super) payment_id: Option<String>,
    /// The newest status that a webhook told; none before the first one.
    pub(super) status: Option<String>,
    /// Whether the tea may be sent.
    pub(super) paid: bool,
    pub(super) revision: u64,
    pub(super) paid_at: Option<String>,
    pub(super) created_at: Timestamp,
    pub(super) webhooks: Vec<Heard>,
}

/// What was bought.
#[derive(Debug, Clone, Serialize)]
pub(super) struct OrderedProduct {
    id: &'static str,
    name: Text,
}

/// One webhook that was received for an order.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Heard {
    pub(super) webhook_id: String,
    #[serde(rename = "type")]
    pub(super) event_type: String,
    pub(super) status: String,
    pub(super) revision: u64,
    pub(super) sent_at: String,
    pub(super) received_at: Timestamp,
    /// How often the same webhook came.
    pub(super) deliveries: u32,
    /// False for one that was overtaken by a newer one.
    pub(super) applied: bool,
}

impl Order {
    pub(super) fn new(product: &'static Product, method: Method, account: &str) -> Self {
        let created_at = Timestamp::now();
        let currency = method.currency();
        Self {
            order_id: order_number(created_at),
            product: OrderedProduct { id: product.id, name: product.name },
            method: method.type_name(),
            account: account.to_owned(),
            amount: Amount { value: product.price_in(currency), currency: currency.code().to_owned() },
            payment_id: None,
            status: None,
            paid: false,
            revision: 0,
            paid_at: None,
            created_at,
            webhooks: Vec::new(),
        }
    }

    /// Writes a verified webhook down.
    ///
    /// Webhooks come at least once and, after a retry, possibly late: the same id changes nothing,
    /// and an older revision is kept for the record without undoing a newer one.
    fn hear(&mut self, webhook_id: &str, event: &Event) -> Result<(), ShopError> {
        self.must_be_about_this_order(event)?;
        if let Some(heard) = self.webhooks.iter_mut().find(|heard| heard.webhook_id == webhook_id) {
            heard.deliveries = heard.deliveries.saturating_add(1);
            return Ok(());
        }
        let payment = &event.data;
        let applied = payment.revision > self.revision;
        if applied {
            self.revision = payment.revision;
            self.status = Some(payment.status.clone());
            self.paid = payment.status == "succeeded";
            self.paid_at = payment.paid_at.clone();
        }
        if self.webhooks.len() == WEBHOOKS_PER_ORDER_MAX {
            self.webhooks.remove(0);
        }
        self.webhooks.push(Heard {
            webhook_id: webhook_id.to_owned(),
            event_type: event.event_type.clone(),
            status: payment.status.clone(),
            revision: payment.revision,
            sent_at: event.timestamp.clone(),
            received_at: Timestamp::now(),
            deliveries: 1,
            applied,
        });
        Ok(())
    }

    /// A signature proves who speaks, not that the price is the one that this shop asked for.
    fn must_be_about_this_order(&self, event: &Event) -> Result<(), ShopError> {
        let payment = &event.data;
        let differs = |what: &str| {
            let detail = format!("{what} of the payment is not that of order {}", self.order_id);
            Err(ShopError::Mismatch { detail })
        };
        if payment.account != self.account {
            return differs("the account");
        }
        if payment.amount != self.amount {
            return differs("the amount");
        }
        match &self.payment_id {
            Some(payment_id) if *payment_id != payment.id => differs("the id"),
            _ => Ok(()),
        }
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
        if let Some(order) = self.lock().get_mut(order_id) {
            order.payment_id = Some(payment_id.to_owned());
        }
    }

    /// Forgets an order that has no payment the browser could start, so nothing can be paid for it.
    pub(super) fn forget(&self, order_id: &str) {
        self.lock().remove(order_id);
    }

    pub(super) fn find(&self, order_id: &str) -> Result<Order, ShopError> {
        self.lock().get(order_id).cloned().ok_or_else(|| unknown_order(order_id))
    }

    /// All orders, newest first.
    pub(super) fn list(&self) -> Vec<Order> {
        self.lock().values().rev().cloned().collect()
    }

    /// Writes a verified webhook down at its order.
    pub(super) fn hear(&self, webhook_id: &str, event: &Event) -> Result<(), ShopError> {
        let order_id = &event.data.order_id;
        self.lock().get_mut(order_id).ok_or_else(|| unknown_order(order_id))?.hear(webhook_id, event)
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

/// A new order number: letters and digits only, 20 of them, which every gateway accepts.
fn order_number(now: Timestamp) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut random = rand::rng();
    let suffix: String =
        (0..7).map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())])).collect();
    format!("T{}{suffix}", now.strftime("%y%m%d%H%M%S"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_number_fits_every_gateway() {
        let number = order_number("2026-11-22T01:02:03Z".parse().expect("a time"));
        assert!(number.starts_with("T261122010203"), "{number}");
        assert!(number.len() <= 32 && number.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{number}");
    }

    #[test]
    fn two_orders_of_the_same_second_differ() {
        let now = Timestamp::now();
        assert_ne!(order_number(now), order_number(now));
    }
}
