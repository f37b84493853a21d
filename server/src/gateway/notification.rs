//! What comes in from a gateway, before and after it was verified.

use crate::ledger::PaidClaim;

/// A request as it arrived, unparsed.
#[derive(Debug)]
pub(crate) struct Received<'a> {
    /// The `content-type` header.
    pub(crate) content_type: Option<&'a str>,
    /// The raw query of the URL.
    pub(crate) query: Option<&'a str>,
    /// The raw body.
    pub(crate) body: &'a [u8],
}

/// What a notification says, once its signature, account and shape were found right.
///
/// Only a gateway can make one, and `app` and `store` take nothing else.
#[derive(Debug)]
pub(crate) struct VerifiedNotification {
    order_no: String,
    payer: Option<String>,
    paid: Option<PaidClaim>,
    gateway_order_no: Option<String>,
}

impl VerifiedNotification {
    /// A verified notification for `order_no`; `paid` is `None` when it says anything but "paid".
    pub(in crate::gateway) fn new(order_no: String, payer: Option<String>, paid: Option<PaidClaim>) -> Self {
        Self { order_no, payer, paid, gateway_order_no: None }
    }

    /// The same with the gateway's own number, for a gateway that can be asked by that number only.
    pub(in crate::gateway) fn with_gateway_order_no(self, gateway_order_no: Option<String>) -> Self {
        Self { gateway_order_no, ..self }
    }

    /// One of a gateway that is only imitated.
    #[cfg(test)]
    pub(crate) fn imitated(
        order_no: String,
        paid: Option<PaidClaim>,
        gateway_order_no: Option<String>,
    ) -> Self {
        Self::new(order_no, None, paid).with_gateway_order_no(gateway_order_no)
    }

    /// The gateway's own number, where it can be asked by that number only.
    pub(crate) fn gateway_order_no(&self) -> Option<&str> {
        self.gateway_order_no.as_deref()
    }

    /// The order number that was sent to the gateway.
    pub(crate) fn order_no(&self) -> &str {
        &self.order_no
    }

    /// The payer it names, where the gateway binds orders to payers.
    pub(crate) fn payer(&self) -> Option<&str> {
        self.payer.as_deref()
    }

    /// What it says was paid.
    pub(crate) fn paid(&self) -> Option<&PaidClaim> {
        self.paid.as_ref()
    }
}

/// Why a notification is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefusalKind {
    /// Not a message this gateway sends.
    Malformed,
    /// No key of the account signed it.
    BadSignature,
    /// Signed, but for another account.
    WrongAccount,
    /// Signed, but for no order of this account, or for another payer.
    UnknownOrder,
}

impl RefusalKind {
    /// The word in logs and metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::BadSignature => "bad_signature",
            Self::WrongAccount => "wrong_account",
            Self::UnknownOrder => "unknown_order",
        }
    }
}

/// A refused notification, with the reason for the log. Never carries anything of the message itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// What kind.
    pub(crate) kind: RefusalKind,
    /// Why, for the log.
    pub(crate) reason: String,
}

impl Refusal {
    /// A field without which the message means nothing.
    pub(in crate::gateway) fn missing(field: &str) -> Self {
        Self::new(RefusalKind::Malformed, format!("{field} is missing or malformed"))
    }

    /// A refusal of this kind.
    pub(crate) fn new(kind: RefusalKind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into() }
    }
}

/// The answer to a notification, as the gateway wants it to the byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Acknowledgement {
    /// Its media type.
    pub(crate) media_type: &'static str,
    /// Its bytes.
    pub(crate) body: &'static str,
}

impl Acknowledgement {
    /// A plain word.
    pub(crate) const fn text(body: &'static str) -> Self {
        Self { media_type: "text/plain; charset=utf-8", body }
    }
}
