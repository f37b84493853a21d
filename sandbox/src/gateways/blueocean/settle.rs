//! Asking for an order, closing it, and taking it back.

use serde_json::Value;

use super::answer::Figures;
use super::bar_code::{Outcome, Plan};
use super::{BlueOcean, Terms};
use crate::gateways::dialect::refusal;
use crate::gateways::endpoint::Refusal;
use crate::gateways::message::Message;
use crate::gateways::orders::{Deviation, Immovable, Order, State};
use crate::gateways::world::Simulator as _;

impl BlueOcean {
    /// `paid` gets the order's number when this query was the one that found it paid.
    pub(super) fn query(&self, message: &Message, paid: &mut Option<String>) -> Result<Value, Refusal> {
        let order = self.meant(self.verified(message)?)?;
        let transaction_id = self.transaction_id();
        let order = self.orders.change(&order.order_no, |order| {
            if go_on(order, transaction_id) {
                *paid = Some(order.order_no.clone());
            }
            Ok(order.clone())
        });
        let order = order.map_err(|_| refusal(40102))?;
        Ok(self.describe(&order, Figures::Texts))
    }

    /// An order that nobody has begun to pay.
    pub(super) fn close(&self, message: &Message) -> Result<Value, Refusal> {
        self.end(message, |order| match order.state {
            // A till waits for its payer: such an order can only be taken back.
            State::Unpaid if order.terms.till.is_some() => Err(refusal(40100)),
            State::Unpaid => {
                order.state = State::Closed;
                Ok(())
            }
            State::Paid => Err(refusal(40101)),
            state => Err(stands(state)),
        })
    }

    /// Takes an order back, the money too when it was paid.
    pub(super) fn reverse(&self, message: &Message) -> Result<Value, Refusal> {
        self.end(message, |order| match order.state {
            State::Unpaid | State::Paid | State::Failed => {
                order.state = State::Revoked;
                Ok(())
            }
            state => Err(stands(state)),
        })
    }

    fn end(
        &self,
        message: &Message,
        change: impl FnOnce(&mut Order<Terms>) -> Result<(), Refusal>,
    ) -> Result<Value, Refusal> {
        let order = self.meant(self.verified(message)?)?;
        let mut refused = None;
        let changed = self.orders.change(&order.order_no, |order| {
            refused = change(order).err();
            Ok::<_, Immovable>(order.clone())
        });
        match (refused, changed) {
            (Some(refusal), _) => Err(refusal),
            (None, Ok(order)) => Ok(self.describe(&order, Figures::Texts)),
            (None, Err(_)) => Err(refusal(40102)),
        }
    }
}

/// The refusal of an order that stands where it cannot be moved from.
pub(super) fn stands(state: State) -> Refusal {
    refusal(match state {
        State::Closed => 40103,
        State::Revoked => 40104,
        State::Refunded => 40105,
        State::Unpaid | State::Paid | State::Failed => 40100,
    })
}

/// Lets the payer at the till go on by one query; whether the order was paid by that.
fn go_on(order: &mut Order<Terms>, transaction_id: String) -> bool {
    let Some(Plan { outcome, queries }) = order.terms.till.filter(|_| order.state == State::Unpaid) else {
        return false;
    };
    let left = queries.saturating_sub(1);
    order.terms.till = Some(Plan { outcome, queries: left });
    match outcome {
        Outcome::PaidLater if left == 0 => order.pay(&Deviation::default(), transaction_id),
        Outcome::FailedLater if left == 0 => order.state = State::Failed,
        _ => {}
    }
    order.state == State::Paid
}
