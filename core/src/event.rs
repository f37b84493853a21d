//! What the signer tells the merchant.

use crate::closed::closed_set;
use crate::payment::Payment;
use crate::status::PaymentStatus;

closed_set! {
    /// The kinds of webhooks.
    EventType {
        /// The payer must act.
        RequiresAction = "payment.requires_action",
        /// Sent, outcome not yet known.
        Processing = "payment.processing",
        /// Paid.
        Succeeded = "payment.succeeded",
        /// Refused.
        Failed = "payment.failed",
        /// Not paid in time.
        Expired = "payment.expired",
        /// Given up.
        Canceled = "payment.canceled",
        /// Money back.
        Refunded = "payment.refunded",
        /// A person must look.
        Review = "payment.review",
    }
}

impl EventType {
    /// The event that tells of a payment's arrival in `status`; none for `created`.
    pub const fn of(status: PaymentStatus) -> Option<Self> {
        Some(match status {
            PaymentStatus::Created => return None,
            PaymentStatus::RequiresAction => Self::RequiresAction,
            PaymentStatus::Processing => Self::Processing,
            PaymentStatus::Succeeded => Self::Succeeded,
            PaymentStatus::Failed => Self::Failed,
            PaymentStatus::Expired => Self::Expired,
            PaymentStatus::Canceled => Self::Canceled,
            PaymentStatus::Refunded => Self::Refunded,
            PaymentStatus::Review => Self::Review,
        })
    }
}

/// The body of a webhook.
#[derive(Clone, Debug, serde::Serialize)]
pub struct WebhookBody {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// When, RFC 3339 UTC.
    pub timestamp: String,
    /// The payment as it was then.
    pub data: Payment,
}
