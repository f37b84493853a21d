//! Facts: what somebody who may say so claimed about a payment, and when.

use countersign_core::{Currency, Failure, NextAction};
use serde::{Deserialize, Serialize};

use super::resolution::Resolved;
use crate::clock::UnixMs;

/// Who made a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// The gateway, answering a submission.
    Response,
    /// The gateway, answering a query.
    Query,
    /// The gateway, in a verified notification.
    Notification,
    /// The gateway, when a payer logged in there.
    Login,
    /// The clock of the signer.
    Clock,
    /// The merchant's backend.
    Merchant,
}

impl Source {
    /// The word stored in the ledger.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::Query => "query",
            Self::Notification => "notification",
            Self::Login => "login",
            Self::Clock => "clock",
            Self::Merchant => "merchant",
        }
    }
}

/// What was claimed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "claim", rename_all = "snake_case")]
pub(crate) enum Claim {
    /// The gateway has the order and waits for the payer.
    Accepted {
        /// The gateway's own order number.
        gateway_order_no: Option<String>,
        /// What the payer must do.
        next_action: Option<NextAction>,
    },
    /// The payer's consent, limit or balance does not reach; nothing was charged.
    ConsentNeeded {
        /// In words.
        failure: Failure,
        /// Where the payer can mend it.
        next_action: NextAction,
    },
    /// The gateway closed the order unpaid.
    Closed,
    /// The payment ran out of time.
    Expired,
    /// The merchant gave the payment up.
    Canceled,
    /// The gateway does not know the order.
    NotFound,
    /// No connection came about; the gateway has not seen the order.
    NotSent,
    /// Paid, and this word is enough.
    Paid(PaidClaim),
    /// A notification says paid; a query must confirm it.
    PaidUnconfirmed(PaidClaim),
    /// The payer must say who they are, or consent, before anything is sent.
    PayerNeeded {
        /// Where.
        next_action: NextAction,
        /// Why, where it is more than a first login.
        #[serde(default)]
        failure: Option<Failure>,
    },
    /// The gateway says that money went back.
    Refunded {
        /// How much so far, minor units; `None` is all of it.
        #[serde(default)]
        total: Option<i64>,
        /// What had been paid, where the gateway says it with the refund.
        #[serde(default)]
        paid: Option<PaidClaim>,
    },
    /// About a refund that the merchant asked for.
    Refund {
        /// Which: 1 for the first of the payment.
        number: i64,
        /// What is said of it.
        told: RefundClaim,
    },
    /// The gateway definitely refused; no money moves under this attempt.
    Refused {
        /// Why.
        failure: Failure,
    },
    /// The merchant decided about a payment in review.
    Resolved(Resolved),
    /// An attempt that was never sent is being sent again under its number.
    SentAgain,
    /// Asked often enough without an answer; a person must look.
    Unresolved,
    /// The outcome is not known.
    Unknown {
        /// Why not, for a person.
        reason: String,
        /// The gateway's code for it, where it gave one.
        #[serde(default)]
        failure: Option<Failure>,
    },
}

/// What was claimed about a refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "refund", rename_all = "snake_case")]
pub(crate) enum RefundClaim {
    /// The gateway has it and is not done.
    Accepted {
        /// The gateway's own number for it.
        gateway_refund_no: Option<String>,
    },
    /// The money went back.
    Succeeded {
        /// The gateway's own number for it.
        gateway_refund_no: Option<String>,
    },
    /// The gateway definitely refused; the money stayed.
    Refused {
        /// Why.
        failure: Failure,
    },
    /// The gateway does not know it.
    NotFound,
    /// No connection came about; the gateway has not seen it.
    NotSent,
    /// One that the gateway has not seen is being sent again under its number.
    SentAgain,
    /// Asked often enough without an answer; a person must look.
    Unresolved,
    /// The outcome is not known.
    Unknown {
        /// Why not, for a person.
        reason: String,
        /// The gateway's code for it, where it gave one.
        #[serde(default)]
        failure: Option<Failure>,
    },
}

/// What the gateway says was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PaidClaim {
    /// Minor units.
    pub(crate) amount: i64,
    /// The currency; `None` where the gateway has only one and does not say it.
    pub(crate) currency: Option<Currency>,
    /// The gateway's own order number.
    pub(crate) gateway_order_no: Option<String>,
    /// The number of the transaction behind it.
    pub(crate) transaction_id: Option<String>,
    /// When, as far as the gateway says it.
    pub(crate) paid_at_ms: Option<UnixMs>,
    /// Whether somebody else paid than the payer that the order is bound to.
    #[serde(default)]
    pub(crate) other_payer: bool,
}

/// A claim with its circumstances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    /// The attempt it is about; `None` for the payment as a whole.
    pub(crate) attempt: Option<i64>,
    /// Who said it.
    pub(crate) source: Source,
    /// What.
    pub(crate) claim: Claim,
    /// When it was learnt.
    pub(crate) at_ms: UnixMs,
}
