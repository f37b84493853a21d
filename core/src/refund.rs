//! Money that goes back to the payer, as the merchant sees it. Times are RFC 3339 UTC.

use serde::Serialize;

use crate::closed::closed_set;
use crate::failure::Failure;
use crate::id::{PaymentId, RefundId};
use crate::money::Money;

closed_set! {
    /// Where a refund stands.
    RefundStatus {
        /// Sent, outcome not yet known.
        Processing = "processing",
        /// The gateway says the money went back.
        Succeeded = "succeeded",
        /// The gateway definitely refused; the money stayed.
        Failed = "failed",
        /// Something that no machine may settle.
        Review = "review",
    }
}

/// One refund of a payment, whole or in part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Refund {
    /// Its name here.
    pub id: RefundId,
    /// The payment that is refunded.
    pub payment: PaymentId,
    /// The merchant's own number for it.
    pub refund_id: Option<String>,
    /// How much goes back.
    pub amount: Money,
    /// The merchant's words.
    pub reason: Option<String>,
    /// Where it stands.
    pub status: RefundStatus,
    /// Why it was refused.
    pub failure: Option<Failure>,
    /// The gateway's own number for it.
    pub gateway_refund_no: Option<String>,
    /// When it was asked for.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
}
