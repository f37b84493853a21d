//! What crosses browser, signer and merchant: money, ids, payments, next actions, events, problem codes.
//!
//! Plain data and pure rules: no I/O, no clock, no cryptography. The JSON forms are behind the feature
//! `serde`, so that the lean browser module can share the closed sets without carrying a serialiser.

pub mod action;
pub mod environment;
#[cfg(feature = "serde")]
pub mod event;
pub mod failure;
pub mod id;
pub mod method;
pub mod money;
#[cfg(feature = "serde")]
pub mod payment;
#[cfg(feature = "serde")]
pub mod problem;
#[cfg(feature = "serde")]
pub mod refund;
#[cfg(feature = "serde")]
pub mod review;
pub mod status;

mod closed;

pub use action::{NextAction, Platform, RedirectPurpose};
pub use environment::Environment;
#[cfg(feature = "serde")]
pub use event::{EventType, WebhookBody};
pub use failure::{Failure, FailureClass, Text};
pub use id::{AttemptId, EventId, PaymentId, RefundId};
pub use method::{GatewayId, MethodType};
#[cfg(feature = "serde")]
pub use method::{Method, Receiver};
pub use money::{AMOUNT_MAX, Currency, Money, MoneyError};
#[cfg(feature = "serde")]
pub use payment::{AttemptView, CheckoutView, EventView, MethodTypeOnly, Payment};
#[cfg(feature = "serde")]
pub use problem::{FieldError, Problem, ProblemCode};
#[cfg(feature = "serde")]
pub use refund::{Refund, RefundStatus};
#[cfg(feature = "serde")]
pub use review::{Resolution, ResolutionOutcome, Review, ReviewReason, SeenBy, SeenMoney};
pub use status::PaymentStatus;
