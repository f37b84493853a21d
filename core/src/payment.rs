//! A payment as the merchant and the payer see it. Times are RFC 3339 UTC.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::action::NextAction;
use crate::event::EventType;
use crate::failure::Failure;
use crate::id::{AttemptId, EventId, PaymentId};
use crate::method::{GatewayId, Method, MethodType};
use crate::money::Money;
use crate::refund::Refund;
use crate::review::{Resolution, Review};
use crate::status::PaymentStatus;

/// One thing the merchant wants paid, as the merchant sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Payment {
    /// Its name here.
    pub id: PaymentId,
    /// `false` in sandbox mode.
    pub livemode: bool,
    /// The account it is paid to.
    pub account: String,
    /// That account's gateway.
    pub gateway: GatewayId,
    /// The merchant's own order number.
    pub order_id: String,
    /// How much.
    pub amount: Money,
    /// What for, short.
    pub subject: String,
    /// What for, longer.
    pub description: Option<String>,
    /// How it is paid.
    pub method: Method,
    /// Where it stands.
    pub status: PaymentStatus,
    /// Goes up by one with every change.
    pub revision: i64,
    /// What the payer must do now.
    pub next_action: Option<NextAction>,
    /// Why it was refused.
    pub failure: Option<Failure>,
    /// The gateway's own order number.
    pub gateway_order_no: Option<String>,
    /// The number of the transaction behind it: BSV transaction, wallet's or bank's number.
    pub transaction_id: Option<String>,
    /// When it was paid.
    pub paid_at: Option<String>,
    /// Whether it was found paid after it had expired.
    pub late: bool,
    /// How much of it went back so far; `null` when nothing did.
    pub amount_refunded: Option<Money>,
    /// Why a person must look at it, or had to.
    pub review: Option<Review>,
    /// What the merchant decided about that.
    pub resolution: Option<Resolution>,
    /// Where the payer comes back to.
    pub return_url: Option<String>,
    /// The merchant's own words.
    pub metadata: BTreeMap<String, String>,
    /// When it was created.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// Until when it may be paid.
    pub expires_at: String,
    /// For the browser; only in answers that hand it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// Its submissions; only when one payment is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<Vec<AttemptView>>,
    /// Its refunds; only when one payment is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refunds: Option<Vec<Refund>>,
    /// Its events; only when one payment is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<EventView>>,
}

/// One submission of a payment to its gateway.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttemptView {
    /// Its name.
    pub id: AttemptId,
    /// 1 for the first.
    pub number: i64,
    /// The order number that was sent to the gateway.
    pub order_no: String,
    /// `true` while the gateway may still take money for it.
    pub live: bool,
    /// When it was written down, before it was sent.
    pub created_at: String,
}

/// One event of a payment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventView {
    /// Its name, the `webhook-id`.
    pub id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// The payment's revision then.
    pub revision: i64,
    /// When.
    pub timestamp: String,
}

/// A payment as the payer's browser sees it: no metadata, no account, nothing of the gateway's answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckoutView {
    /// Its name.
    pub id: PaymentId,
    /// The merchant's order number.
    pub order_id: String,
    /// How much.
    pub amount: Money,
    /// What for.
    pub subject: String,
    /// How, by type only.
    pub method: MethodTypeOnly,
    /// Where it stands.
    pub status: PaymentStatus,
    /// Goes up by one with every change.
    pub revision: i64,
    /// What to do now.
    pub next_action: Option<NextAction>,
    /// Why it was refused.
    pub failure: Option<Failure>,
    /// Where to go when done.
    pub return_url: Option<String>,
    /// Until when it may be paid.
    pub expires_at: String,
    /// `false` in sandbox mode.
    pub livemode: bool,
}

/// A method without its further fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MethodTypeOnly {
    /// Which way to pay.
    #[serde(rename = "type")]
    pub kind: MethodType,
}

impl Payment {
    /// The payer's view of it.
    pub fn checkout_view(&self) -> CheckoutView {
        CheckoutView {
            id: self.id.clone(),
            order_id: self.order_id.clone(),
            amount: self.amount.clone(),
            subject: self.subject.clone(),
            method: MethodTypeOnly { kind: self.method.kind },
            status: self.status,
            revision: self.revision,
            next_action: self.next_action.clone(),
            failure: self.failure.clone().map(|failure| Failure { hint: None, ..failure }),
            return_url: self.return_url.clone(),
            expires_at: self.expires_at.clone(),
            livemode: self.livemode,
        }
    }
}
