//! What the ledger is asked to do.

use std::collections::BTreeMap;

use countersign_core::{EventId, GatewayId, Method, Money, PaymentId, PaymentStatus};

use crate::clock::UnixMs;
use crate::ledger::{Claim, Refusal, Source};

/// A payment to be created.
#[derive(Clone, Debug)]
pub(crate) struct NewPayment {
    pub(crate) id: PaymentId,
    pub(crate) account: String,
    pub(crate) gateway: GatewayId,
    pub(crate) order_id: String,
    pub(crate) amount: Money,
    pub(crate) subject: String,
    pub(crate) description: Option<String>,
    pub(crate) method: Method,
    pub(crate) sealed_token: Option<Vec<u8>>,
    pub(crate) return_url: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) livemode: bool,
    pub(crate) fingerprint: [u8; 32],
    pub(crate) created_at_ms: UnixMs,
    pub(crate) expires_at_ms: UnixMs,
    /// The largest sum of the UTC day, this payment included.
    pub(crate) daily_limit: Option<i64>,
}

/// A refund to be begun.
#[derive(Clone, Debug)]
pub(crate) struct NewRefund {
    /// The merchant's own number.
    pub(crate) refund_id: Option<String>,
    /// Whose idempotency key asks for it.
    pub(crate) request_key: Option<String>,
    /// Minor units; all that is left when not given.
    pub(crate) amount: Option<i64>,
    /// The gateway refunds a payment as a whole only.
    pub(crate) whole_only: bool,
    /// The merchant's words.
    pub(crate) reason: Option<String>,
    /// What makes two requests the same.
    pub(crate) fingerprint: [u8; 32],
    /// Now.
    pub(crate) now_ms: UnixMs,
    /// When the gateway is asked if no answer comes.
    pub(crate) check_at_ms: UnixMs,
}

/// A fact to be added.
#[derive(Clone, Debug)]
pub(crate) struct NewFact {
    /// The attempt it is about; `None` for the payment as a whole.
    pub(crate) attempt: Option<i64>,
    /// Who says it.
    pub(crate) source: Source,
    /// What.
    pub(crate) claim: Claim,
    /// When it was learnt.
    pub(crate) at_ms: UnixMs,
    /// What makes a repetition one: the raw bytes where there are any, else the claim.
    pub(crate) digest: [u8; 32],
    /// When to ask the gateway next, as long as there is something to ask.
    pub(crate) next_check_at_ms: Option<UnixMs>,
    /// For what we decide ourselves: the revision that the decision was based on. When the payment has moved on since,
    /// the fact is not added.
    pub(crate) decided_at: Option<i64>,
}

/// Which payments are listed.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListFilter {
    pub(crate) order_id: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) status: Option<PaymentStatus>,
    /// Older than this one.
    pub(crate) after: Option<PaymentId>,
    pub(crate) limit: usize,
}

/// A request that came with an idempotency key.
#[derive(Clone, Debug)]
pub(crate) struct KeyUse {
    /// Whose key.
    pub(crate) api_key: String,
    pub(crate) key: String,
    /// What makes two requests the same.
    pub(crate) fingerprint: [u8; 32],
    /// Now.
    pub(crate) now_ms: UnixMs,
    /// Until when nobody else may answer it.
    pub(crate) held_until_ms: UnixMs,
}

/// A delivery that the merchant did not take.
#[derive(Clone, Debug)]
pub(crate) struct RefusedDelivery {
    pub(crate) id: EventId,
    /// Which try it was.
    pub(crate) number: i64,
    /// What it means for the event.
    pub(crate) next: NextTry,
    /// What it means for the endpoint.
    pub(crate) refusal: Refusal,
}

/// When an event is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NextTry {
    /// Then.
    At {
        /// The later of the two below.
        at_ms: UnixMs,
        /// What the schedule says.
        planned_at_ms: UnixMs,
        /// What the merchant's answer says.
        not_before_ms: UnixMs,
        /// Steps of the schedule that are used up.
        failures: i64,
    },
    /// It was given up.
    Never {
        /// Steps of the schedule that are used up.
        failures: i64,
    },
}
