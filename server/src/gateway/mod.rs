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
mod hints;
mod key_value;
mod lenient;
mod login;
mod notification;
mod order;
mod registry;
mod rules;
#[cfg(test)]
mod scripted;
mod signing;
#[cfg(test)]
mod strangers;

use async_trait::async_trait;
use countersign_core::{Currency, FieldError, GatewayId, Method, MethodType, Money};
use url::Url;

pub(crate) use errors::Row;
pub(crate) use fields::Fields;
pub(crate) use login::{Detour, LoggedIn, LoginError, Tokens};
pub(crate) use notification::{Acknowledgement, Received, Refusal, RefusalKind, VerifiedNotification};
pub(crate) use order::{Closing, Draft, Order, RefundOrder, Refunds, Sought};
pub(crate) use registry::{Account, Registry};
pub(crate) use signing::{Field, Rule, Scheme};

use crate::ledger::{Claim, Payer, RefundClaim};

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

    /// Whether [`Self::query`] finds an order by the number that was sent, when no answer ever came.
    fn finds_by_order_no(&self, _method: MethodType) -> bool {
        true
    }

    /// Every rule of the gateway that `draft` breaks, before anything is stored or sent.
    fn check(&self, draft: &Draft<'_>) -> Vec<FieldError>;

    /// Sends the order once. Whatever is not a definite answer is [`Claim::Unknown`].
    async fn submit(&self, order: &Order) -> Claim;

    /// Asks what became of an order.
    async fn query(&self, sought: &Sought) -> Claim;

    /// Where the payer says who they are, when `method` does not: the gateway's login, which comes back to `callback`
    /// with `nonce`. `None` where nothing is missing.
    fn login_page(&self, _method: &Method, _callback: &Url, _nonce: &str) -> Option<String> {
        None
    }

    /// Turns the code that a login came back with into a payer.
    ///
    /// # Errors
    /// When the gateway refuses the code, or cannot be asked.
    async fn login(&self, _code: &str) -> Result<LoggedIn, LoginError> {
        Err(LoginError::Unavailable("this gateway has no login".to_owned()))
    }

    /// Reads again what a payer allowed, with new tokens where the old ones end soon.
    ///
    /// # Errors
    /// When the gateway refuses the tokens, or cannot be asked.
    async fn read_payer(&self, _tokens: &Tokens) -> Result<LoggedIn, LoginError> {
        Err(LoginError::Unavailable("this gateway has no login".to_owned()))
    }

    /// Where the payer must go first, when what they allowed does not reach for `amount`; the page comes back to
    /// `return_url`.
    fn detour(&self, _amount: &Money, _return_url: &str, _payer: &Payer) -> Option<Detour> {
        None
    }

    /// How an unpaid order of this method is ended.
    fn closing(&self, _method: MethodType) -> Closing {
        Closing::No
    }

    /// Ends an order; [`Claim::Closed`] is the word that it can no longer be paid.
    async fn close(&self, _sought: &Sought) -> Claim {
        Claim::Unknown { reason: "this gateway has no call to close an order".to_owned(), failure: None }
    }

    /// Whether payments by this method can be refunded.
    fn refunds(&self, _method: MethodType) -> Refunds {
        Refunds::No
    }

    /// Sends a refund once. Whatever is not a definite answer is [`RefundClaim::Unknown`].
    async fn refund(&self, _refund: &RefundOrder) -> RefundClaim {
        RefundClaim::Unknown { reason: "this gateway has no refund call".to_owned(), failure: None }
    }

    /// Asks what became of a refund.
    async fn query_refund(&self, _refund: &RefundOrder) -> RefundClaim {
        RefundClaim::Unknown { reason: "this gateway has no refund call".to_owned(), failure: None }
    }

    /// Verifies a notification over exactly what was received.
    ///
    /// # Errors
    /// A [`Refusal`] when it is malformed, not signed by this account's key, or for another account.
    fn verify(&self, received: &Received<'_>) -> Result<VerifiedNotification, Refusal>;

    /// What the gateway wants to read: that the notification was taken, or that it was not.
    fn acknowledgement(&self, taken: bool) -> Acknowledgement;
}
