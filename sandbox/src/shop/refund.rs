//! Money that the shop gives back for an order: written down under a number of its own before the signer hears of it.

use serde::Serialize;

use super::error::ShopError;
use super::order::Order;
use super::signer::{Amount, Message, SignedRefund};

const REFUNDS_PER_ORDER_MAX: usize = 20;

/// One refund of an order, as the page sees it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Refund {
    /// The shop's number for it.
    pub(super) refund_id: String,
    pub(super) amount: Amount,
    /// The signer's word for where it stands; none while its answer is missing.
    pub(super) status: Option<String>,
    /// Why the gateway refused it, in the signer's words for payers.
    pub(super) failure: Option<Message>,
}

impl Order {
    /// Writes a refund down: of `value`, or of all that is left.
    ///
    /// While the signer's answer is missing, the same amount again is the same refund: asking twice cannot pay twice.
    pub(super) fn begin_refund(&mut self, value: Option<u64>) -> Result<Refund, ShopError> {
        let gone = self.amount_refunded.as_ref().map_or(0, |back| back.value);
        let left = self.amount.value - gone;
        let value = value.unwrap_or(left);
        if !(1..=left).contains(&value) {
            let detail = format!("{left} minor units of order {} are left to give back", self.order_id);
            return Err(ShopError::Malformed { code: "above_refundable", detail });
        }
        let amount = Amount { value, currency: self.amount.currency.clone() };
        let unanswered = |refund: &&Refund| refund.status.is_none() && refund.amount == amount;
        if let Some(same) = self.refunds.iter().find(unanswered) {
            return Ok(same.clone());
        }
        self.refunds_begun = self.refunds_begun.saturating_add(1);
        let refund_id = format!("{}R{}", self.order_id, self.refunds_begun);
        let refund = Refund { refund_id, amount, status: None, failure: None };
        if self.refunds.len() == REFUNDS_PER_ORDER_MAX {
            self.refunds.remove(0);
        }
        self.refunds.push(refund.clone());
        Ok(refund)
    }

    /// Notes where the signer says that a refund stands; whether money went back is for a webhook to tell.
    pub(super) fn note_refund(&mut self, signed: SignedRefund) {
        let known = |refund: &&mut Refund| Some(&refund.refund_id) == signed.refund_id.as_ref();
        if let Some(refund) = self.refunds.iter_mut().find(known) {
            refund.status = Some(signed.status);
            refund.failure = signed.failure.map(|failure| failure.message);
        }
    }

    /// Strikes a refund out that the signer did not take.
    pub(super) fn forget_refund(&mut self, refund_id: &str) {
        self.refunds.retain(|refund| refund.refund_id != refund_id || refund.status.is_some());
    }
}
