//! What the ledger keeps and gives.

use std::collections::BTreeMap;

use countersign_core::{
    AttemptView, EventId, EventType, EventView, GatewayId, Method, Money, Payment, PaymentId, PaymentStatus,
};

use crate::clock::{UnixMs, rfc3339};
use crate::ledger::{Attempt, Claim, Source, State};

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

/// What came of creating a payment.
#[derive(Debug)]
pub(crate) enum Created {
    /// It is new.
    New(Record),
    /// The same request created it before.
    Existing(Record),
    /// Another request used the order number.
    OrderIdReused,
    /// The day's limit would be exceeded.
    OverDailyLimit,
}

/// A payment as stored.
#[derive(Clone, Debug)]
pub(crate) struct Record {
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
    pub(crate) secret_generation: i64,
    pub(crate) state: State,
    pub(crate) revision: i64,
    pub(crate) created_at_ms: UnixMs,
    pub(crate) updated_at_ms: UnixMs,
    pub(crate) expires_at_ms: UnixMs,
    pub(crate) checks: i64,
    pub(crate) attempts: Vec<Attempt>,
}

impl Record {
    /// Where it stands.
    pub(crate) fn status(&self) -> PaymentStatus {
        self.state.status
    }

    /// The last attempt.
    pub(crate) fn last_attempt(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// As the merchant sees it.
    pub(crate) fn payment(&self) -> Payment {
        let state = self.state.clone();
        Payment {
            id: self.id.clone(),
            livemode: self.livemode,
            account: self.account.clone(),
            gateway: self.gateway,
            order_id: self.order_id.clone(),
            amount: self.amount.clone(),
            subject: self.subject.clone(),
            description: self.description.clone(),
            method: self.method.clone(),
            status: state.status,
            revision: self.revision,
            next_action: state.next_action,
            failure: state.failure,
            gateway_order_no: state.gateway_order_no,
            transaction_id: state.transaction_id,
            paid_at: state.paid_at_ms.map(rfc3339),
            late: state.late,
            return_url: self.return_url.clone(),
            metadata: self.metadata.clone(),
            created_at: rfc3339(self.created_at_ms),
            updated_at: rfc3339(self.updated_at_ms),
            expires_at: rfc3339(self.expires_at_ms),
            client_secret: None,
            attempts: None,
            events: None,
        }
    }

    /// As the merchant sees its submissions.
    pub(crate) fn attempt_views(&self) -> Vec<AttemptView> {
        let view = |attempt: &Attempt| AttemptView {
            id: attempt.id.clone(),
            number: attempt.number,
            order_no: attempt.order_no.clone(),
            live: attempt.live,
            created_at: rfc3339(attempt.created_at_ms),
        };
        self.attempts.iter().map(view).collect()
    }
}

/// What came of beginning an attempt.
#[derive(Debug)]
pub(crate) enum Begun {
    /// It is durable and may be sent.
    Started(Record),
    /// The payment is not in a state to be submitted; this is how it stands.
    NotNow(Record),
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

/// An event as stored.
#[derive(Clone, Debug)]
pub(crate) struct EventRow {
    pub(crate) id: EventId,
    pub(crate) kind: EventType,
    pub(crate) revision: i64,
    pub(crate) created_at_ms: UnixMs,
    /// Exactly what is signed and sent.
    pub(crate) body: Vec<u8>,
}

impl EventRow {
    /// As the merchant sees it beside a payment.
    pub(crate) fn view(&self) -> EventView {
        EventView {
            id: self.id.clone(),
            kind: self.kind,
            revision: self.revision,
            timestamp: rfc3339(self.created_at_ms),
        }
    }
}

/// An event that is to be delivered now.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) id: EventId,
    pub(crate) body: Vec<u8>,
    /// 1 for the first try.
    pub(crate) number: i64,
}

/// The answer that an idempotency key replays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredAnswer {
    pub(crate) fingerprint: [u8; 32],
    pub(crate) http_status: u16,
    pub(crate) body: String,
}
