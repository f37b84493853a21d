//! What a gateway is asked for.

use countersign_core::{Method, Money};

use crate::clock::UnixMs;
use crate::ledger::Circumstances;

/// An order that is being checked, before it exists.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    /// The merchant's order number.
    pub(crate) order_id: &'a str,
    /// How much; `None` when what was given is no amount.
    pub(crate) amount: Option<&'a Money>,
    /// What for, short.
    pub(crate) subject: &'a str,
    /// What for, longer.
    pub(crate) description: Option<&'a str>,
    /// How, with the payer's identity.
    pub(crate) method: &'a Method,
    /// Where the payer comes back to.
    pub(crate) return_url: Option<&'a str>,
}

/// One submission.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// The number under which the gateway is to know it.
    pub(crate) order_no: String,
    /// How much.
    pub(crate) amount: Money,
    /// What for, short.
    pub(crate) subject: String,
    /// What for, longer.
    pub(crate) description: Option<String>,
    /// How, with the payer's identity.
    pub(crate) method: Method,
    /// Where the payer comes back to.
    pub(crate) return_url: Option<String>,
    /// Where the gateway notifies the signer.
    pub(crate) notify_url: String,
    /// Until when it may be paid.
    pub(crate) expires_at_ms: UnixMs,
    /// Where the payer comes back to from a page where they consent or raise a limit.
    pub(crate) consent_return_url: String,
    /// Where the payer confirmed it.
    pub(crate) circumstances: Circumstances,
}

/// An order whose outcome is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Sought {
    /// As it was submitted.
    pub(crate) order: Order,
    /// The gateway's own number, where it is known.
    pub(crate) gateway_order_no: Option<String>,
}

/// Money that is to go back.
#[derive(Clone, Debug)]
pub(crate) struct RefundOrder {
    /// The payment it is for.
    pub(crate) sought: Sought,
    /// The number under which the gateway is to know the refund.
    pub(crate) refund_no: String,
    /// Minor units of the payment's currency.
    pub(crate) amount: i64,
    /// The merchant's words.
    pub(crate) reason: Option<String>,
    /// What had gone back before this refund was asked for, minor units.
    pub(crate) refunded_before: i64,
    /// The payer the payment is bound to, where the gateway pays back to a payer.
    pub(crate) payer_id: Option<String>,
}

/// Whether a payment by some method can be refunded through its gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refunds {
    /// The gateway has no such call.
    No,
    /// All of it at once.
    Whole,
    /// In parts, too.
    Parts,
}

/// How an unpaid order is ended at its gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// There is no such call.
    No,
    /// An order that is known to be unpaid is closed.
    Unpaid,
    /// An order of unknown outcome too: what was paid meanwhile goes back.
    Reversal,
}
