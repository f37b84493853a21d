//! What a gateway is asked for.

use countersign_core::{Method, Money};

use crate::clock::UnixMs;

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
}

/// An order whose outcome is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Sought {
    /// As it was submitted.
    pub(crate) order: Order,
    /// The gateway's own number, where it is known.
    pub(crate) gateway_order_no: Option<String>,
}
