//! The seam to the gateways: one trait, four folders of the same shape, one registry.
//!
//! A gateway folder knows its own wire format, signature and codes, and answers in the words of the ledger.
//! It never names a sibling, the store, the use cases or the HTTP edge.

pub(crate) mod blueocean;
pub(crate) mod dotwallet;
pub(crate) mod hicoin;
pub(crate) mod jubao;

mod answer;
mod document_codes;
mod errors;
mod fields;
mod hex;
mod key_value;
mod lenient;
mod notification;
mod order;
mod registry;
mod rules;
#[cfg(test)]
mod scripted;
#[cfg(test)]
mod strangers;

use async_trait::async_trait;
use countersign_core::{Currency, FieldError, GatewayId, MethodType};

pub(crate) use notification::{Acknowledgement, Received, Refusal, RefusalKind, VerifiedNotification};
pub(crate) use order::{Draft, Order, Sought};
pub(crate) use registry::{Account, Registry};

use crate::ledger::Claim;

/// One account at one gateway.
#[async_trait]
pub(crate) trait Gateway: Send + Sync {
    /// Which gateway.
    fn id(&self) -> GatewayId;

    /// The account's currency.
    fn currency(&self) -> &Currency;

    /// Whether this method is built for this gateway.
    fn offers(&self, method: MethodType) -> bool;

    /// Whether [`Self::query`] is the gateway's word on money for this method, so that a notification is
    /// confirmed by it.
    fn has_query(&self, method: MethodType) -> bool;

    /// Every rule of the gateway that `draft` breaks, before anything is stored or sent.
    fn check(&self, draft: &Draft<'_>) -> Vec<FieldError>;

    /// Sends the order once. Whatever is not a definite answer is [`Claim::Unknown`].
    async fn submit(&self, order: &Order) -> Claim;

    /// Asks what became of an order.
    async fn query(&self, sought: &Sought) -> Claim;

    /// Verifies a notification over exactly what was received.
    ///
    /// # Errors
    /// A [`Refusal`] when it is malformed, not signed by this account's key, or for another account.
    fn verify(&self, received: &Received<'_>) -> Result<VerifiedNotification, Refusal>;

    /// What the gateway wants to read: that the notification was taken, or that it was not.
    fn acknowledgement(&self, taken: bool) -> Acknowledgement;
}
