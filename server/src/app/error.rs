//! Why a use case did not do what it was asked.

use countersign_core::FieldError;
use thiserror::Error;

use crate::store::StoreError;

/// A refusal or a failure.
#[derive(Debug, Error)]
pub(crate) enum AppError {
    /// Fields that do not fit, all of them.
    #[error("some fields do not fit")]
    Invalid(Vec<FieldError>),
    /// The order number was used with another body.
    #[error("the order_id was used with another body")]
    OrderIdReused,
    /// The idempotency key was used with another body.
    #[error("the idempotency key was used with another body")]
    IdempotencyKeyReused,
    /// Paid, perhaps paid, or over.
    #[error("the payment cannot be canceled: {0}")]
    NotCancelable(String),
    /// Over.
    #[error("the payment cannot be confirmed: {0}")]
    NotConfirmable(String),
    /// Not paid, refunded already, or being refunded.
    #[error("the payment cannot be refunded: {0}")]
    NotRefundable(String),
    /// Not in review, or decided otherwise before.
    #[error("there is nothing to decide about the payment: {0}")]
    NotResolvable(String),
    /// The gateway has no such call.
    #[error("not supported: {0}")]
    NotSupported(String),
    /// The refund number was used with another body.
    #[error("the refund_id was used with another body")]
    RefundIdReused,
    /// There is no such thing.
    #[error("not found")]
    NotFound,
    /// The payment's account is in the configuration no more.
    #[error("account {0} is no longer configured")]
    NoSuchAccount(String),
    /// The payment has changed since it was decided about, here or on another instance: whoever decides looks again.
    #[error("the payment changed meanwhile")]
    MovedOn,
    /// Too much is waiting to be written.
    #[error("the ledger is busy")]
    Busy,
    /// The ledger failed.
    #[error("{0}")]
    Ledger(String),
    /// A fault of this program.
    #[error("internal: {0}")]
    Broken(String),
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy,
            other => Self::Ledger(other.to_string()),
        }
    }
}
