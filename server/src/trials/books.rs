//! The books of a gateway that is only imitated: what was ordered there, what was taken, what went back. They outlive
//! every death of the signer.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

/// What the gateway makes of a new order.
#[derive(Clone, Copy, Debug)]
pub(super) enum OnOrder {
    /// It waits for the payer.
    Waits,
    /// It charges the payer at once.
    Pays,
    /// It refuses, and says that another try may work.
    RefusesForNow,
    /// It says so, but keeps the order, and the payer can pay it.
    SaysItRefuses,
    /// It wants the payer's consent first.
    WantsConsent,
}

/// How a call is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carriage {
    /// There and back.
    Whole,
    /// There, but the answer is lost.
    AnswerLost,
    /// Not even there.
    NeverLeft,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Waiting,
    Paid,
    Refused,
    Unconsented,
    Closed,
}

/// One order.
#[derive(Clone, Debug)]
pub(super) struct Booked {
    pub(super) amount: i64,
    pub(super) standing: Standing,
    /// How often it arrived.
    pub(super) arrived: usize,
    /// What went back, by the refund's number.
    pub(super) back: BTreeMap<String, i64>,
}

/// All of it.
#[derive(Default)]
pub(super) struct Pages {
    pub(super) orders: BTreeMap<String, Booked>,
    /// What becomes of the next new orders.
    pub(super) on_order: VecDeque<OnOrder>,
    /// How the next calls that change something are carried.
    pub(super) carriage: VecDeque<Carriage>,
    /// Whether it answers no questions.
    pub(super) is_silent: bool,
    /// Numbers that arrived before the ledger had them.
    pub(super) unannounced: Vec<String>,
    /// How often a payer logged in.
    pub(super) logins: usize,
}

/// Shared by the gateway and whoever audits it.
#[derive(Clone, Default)]
pub(super) struct Books(Arc<Mutex<Pages>>);

impl Books {
    pub(super) fn open(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap()
    }

    /// Burns them.
    pub(super) fn clear(&self) {
        *self.open() = Pages::default();
    }

    /// The payer pays the order, if it waits.
    pub(super) fn pay(&self, order_no: &str) -> bool {
        let mut pages = self.open();
        let waiting = pages.orders.get_mut(order_no).filter(|order| order.standing == Standing::Waiting);
        waiting.map(|order| order.standing = Standing::Paid).is_some()
    }
}

impl Pages {
    /// How the next call is carried.
    pub(super) fn next_carriage(&mut self) -> Carriage {
        self.carriage.pop_front().unwrap_or(Carriage::Whole)
    }

    /// Takes an order; one it has already stays as it is, and gives `None`.
    pub(super) fn take(&mut self, order_no: &str, amount: i64, usually: OnOrder) -> Option<OnOrder> {
        if let Some(known) = self.orders.get_mut(order_no) {
            known.arrived += 1;
            return None;
        }
        let taken = self.on_order.pop_front().unwrap_or(usually);
        let standing = match taken {
            OnOrder::Waits | OnOrder::SaysItRefuses => Standing::Waiting,
            OnOrder::Pays => Standing::Paid,
            OnOrder::RefusesForNow => Standing::Refused,
            OnOrder::WantsConsent => Standing::Unconsented,
        };
        let order = Booked { amount, standing, arrived: 1, back: BTreeMap::new() };
        self.orders.insert(order_no.to_owned(), order);
        Some(taken)
    }

    /// Orders for which money was taken, whatever went back of it.
    pub(super) fn charged(&self) -> Vec<(&String, &Booked)> {
        self.orders.iter().filter(|(_, order)| order.standing == Standing::Paid).collect()
    }
}

impl Booked {
    /// How much went back.
    pub(super) fn went_back(&self) -> i64 {
        self.back.values().sum()
    }
}
