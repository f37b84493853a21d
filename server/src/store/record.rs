//! What the ledger keeps.

use std::collections::BTreeMap;

use countersign_core::{
    AttemptView, EventId, EventType, EventView, FailureClass, GatewayId, Method, Money, Payment, PaymentId,
    PaymentStatus, Refund, RefundStatus,
};

use crate::clock::{UnixMs, rfc3339};
use crate::ledger::{Attempt, Decision, Payer, RefundState, RefundTerms, State};

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
    /// The payer as the gateway's login named them.
    pub(crate) payer: Option<Payer>,
    /// That payer's tokens, encrypted.
    pub(crate) sealed_tokens: Option<Vec<u8>>,
    pub(crate) refunds: Vec<RefundTerms>,
}

impl Record {
    /// Where it stands.
    pub(crate) fn status(&self) -> PaymentStatus {
        self.state.status
    }

    /// Whether it may be submitted now: it was not yet, or its last attempt was definitely refused in a way that
    /// another one can mend.
    pub(crate) fn may_be_submitted(&self, now_ms: UnixMs) -> bool {
        let retryable = self.state.failure.as_ref().is_some_and(|f| f.class == FailureClass::Retry);
        let status_fits = match self.status() {
            PaymentStatus::Created => true,
            PaymentStatus::RequiresAction => !self.state.live,
            PaymentStatus::Failed => retryable,
            _ => false,
        };
        status_fits && now_ms < self.expires_at_ms
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
            method: self.method_with_payer(),
            status: state.status,
            revision: self.revision,
            next_action: state.next_action,
            failure: state.failure,
            gateway_order_no: state.gateway_order_no,
            transaction_id: state.transaction_id,
            paid_at: state.paid_at_ms.map(rfc3339),
            late: state.late,
            amount_refunded: Money::new(state.amount_refunded, self.received().currency().clone()).ok(),
            review: state.review.as_ref().map(|review| review.view(&self.attempts)),
            resolution: state.decision.map(Decision::view),
            return_url: self.return_url.clone(),
            metadata: self.metadata.clone(),
            created_at: rfc3339(self.created_at_ms),
            updated_at: rfc3339(self.updated_at_ms),
            expires_at: rfc3339(self.expires_at_ms),
            client_secret: None,
            attempts: None,
            refunds: None,
            events: None,
        }
    }

    /// What was, or is to be, paid: what was asked for, or what came in instead.
    pub(crate) fn received(&self) -> &Money {
        self.state.received(&self.amount)
    }

    /// How it is paid, and by whom: the merchant's word for the payer, else the gateway's login.
    pub(crate) fn method_with_payer(&self) -> Method {
        let mut method = self.method.clone();
        if let Some(payer) = &self.payer {
            let name = match self.gateway {
                GatewayId::Hicoin => &mut method.openid,
                _ => &mut method.user_open_id,
            };
            name.get_or_insert_with(|| payer.id.clone());
        }
        method
    }

    /// The refund that the gateway may still carry out.
    pub(crate) fn live_refund(&self) -> Option<(&RefundTerms, &RefundState)> {
        let live = self.state.refunds.iter().find(|state| state.status == RefundStatus::Processing)?;
        self.refunds.iter().find(|terms| terms.number == live.number).map(|terms| (terms, live))
    }

    /// A refund as the merchant sees it.
    pub(crate) fn refund(&self, number: i64) -> Option<Refund> {
        let terms = self.refunds.iter().find(|terms| terms.number == number)?;
        let state = self.state.refunds.iter().find(|state| state.number == number)?;
        Some(Refund {
            id: terms.id.clone(),
            payment: self.id.clone(),
            refund_id: terms.refund_id.clone(),
            amount: Money::new(terms.amount, self.amount.currency().clone()).ok()?,
            reason: terms.reason.clone(),
            status: state.status,
            failure: state.failure.clone(),
            gateway_refund_no: state.gateway_refund_no.clone(),
            created_at: rfc3339(terms.created_at_ms),
            updated_at: rfc3339(state.updated_at_ms),
        })
    }

    /// Its refunds as the merchant sees them.
    pub(crate) fn refund_views(&self) -> Vec<Refund> {
        self.refunds.iter().filter_map(|terms| self.refund(terms.number)).collect()
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

/// Why the payer was sent to a page of the gateway that comes back to the signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoginPurpose {
    /// To say who they are; comes back with a code, once.
    Login,
    /// To allow more; comes back with nothing, as often as the payer likes.
    Consent,
}

impl LoginPurpose {
    /// The word stored in the ledger.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Consent => "consent",
        }
    }

    /// Reads that word.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Login, Self::Consent].into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// A way to a page of the gateway that comes back to the signer.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    /// Binds what comes back to the payment.
    pub(crate) nonce: String,
    /// The payment.
    pub(crate) payment_id: PaymentId,
    /// Its account.
    pub(crate) account: String,
    /// Why.
    pub(crate) purpose: LoginPurpose,
    /// Whether it came back before.
    pub(crate) used: bool,
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
    /// How often it was sent.
    pub(crate) deliveries: i64,
    /// Whether it is being sent right now.
    pub(crate) taken: bool,
    /// When it is sent next, at the earliest.
    pub(crate) next_attempt_at_ms: Option<UnixMs>,
    /// When it arrived.
    pub(crate) delivered_at_ms: Option<UnixMs>,
    /// When it was given up.
    pub(crate) exhausted_at_ms: Option<UnixMs>,
    /// Why it did not arrive the last time.
    pub(crate) last_error: Option<String>,
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
    /// Steps of the schedule that are used up.
    pub(crate) failures: i64,
    /// When the schedule has it next; a try before that uses no step up.
    pub(crate) planned_at_ms: Option<UnixMs>,
}

/// What the merchant has not got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backlog {
    /// Events that are still to be delivered.
    pub(crate) pending: i64,
    /// When the oldest of them happened.
    pub(crate) oldest_pending_at_ms: Option<UnixMs>,
    /// Events that were given up.
    pub(crate) exhausted: i64,
}
