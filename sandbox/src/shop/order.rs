//! One order: what was asked for, and what webhooks told of its payment.

use axum::http::StatusCode;
use jiff::Timestamp;
use rand::Rng;
use serde::Serialize;
use subtle::ConstantTimeEq as _;

use super::catalog::{Product, Text};
use super::config::Accounts;
use super::error::ShopError;
use super::happenings::{Actor, Happening, Happenings, Kind, Outcome};
use super::methods::Method;
use super::refund::Refund;
use super::session::{self, Session};
use super::signer::{Amount, Message};
use super::webhooks::{Event, Payment};

const WEBHOOKS_PER_ORDER_MAX: usize = 100;
const BROWSERS_PER_ORDER_MAX: usize = 8;

/// One order, as the page sees it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Order {
    /// Whose it is: the visitor who ordered, and other browsers that came with the key.
    #[serde(skip)]
    sessions: Vec<Session>,
    pub(super) order_id: String,
    /// Opens this order in another browser of the same visitor, such as the one inside WeChat.
    pub(super) key: String,
    pub(super) product: OrderedProduct,
    pub(super) method: &'static str,
    pub(super) account: String,
    pub(super) amount: Amount,
    pub(super) payment_id: Option<String>,
    /// The newest status that a webhook told; none before the first one.
    pub(super) status: Option<String>,
    /// Whether the tea may be sent.
    pub(super) paid: bool,
    pub(super) revision: u64,
    pub(super) paid_at: Option<String>,
    /// What went back to the payer so far.
    pub(super) amount_refunded: Option<Amount>,
    /// Why it was refused, in the signer's words for payers.
    pub(super) failure: Option<Message>,
    pub(super) created_at: Timestamp,
    pub(super) refunds: Vec<Refund>,
    #[serde(skip)]
    pub(super) refunds_begun: u32,
    pub(super) webhooks: Vec<Heard>,
    /// How many lines there have been of what happened; the page asks for them when there are more.
    happened: u64,
    #[serde(skip)]
    happenings: Happenings,
    /// The number of its newest change among the changes of all orders, so that a page knows which of two answers is
    /// the newer one; 0 while nobody was told of it.
    pub(super) version: u64,
    /// Whether open pages are told of it: not before it is sure that it will not be forgotten again.
    #[serde(skip)]
    pub(super) is_announced: bool,
}

/// What was bought.
#[derive(Debug, Clone, Serialize)]
pub(super) struct OrderedProduct {
    pub(super) id: &'static str,
    name: Text,
}

/// One webhook that was received for an order.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Heard {
    pub(super) webhook_id: String,
    #[serde(rename = "type")]
    pub(super) event_type: String,
    pub(super) status: String,
    pub(super) revision: u64,
    pub(super) sent_at: String,
    pub(super) received_at: Timestamp,
    /// How often the same webhook came.
    pub(super) deliveries: u32,
    /// False for one that was overtaken by a newer one.
    pub(super) applied: bool,
}

impl Order {
    pub(super) fn new(session: Session, product: &Product, method: &Method, accounts: &Accounts) -> Self {
        let created_at = Timestamp::now();
        let currency = method.gateway.currency();
        Self {
            sessions: vec![session],
            order_id: order_number(created_at),
            key: session::unguessable(),
            product: OrderedProduct { id: product.id, name: product.name },
            method: method.type_name,
            account: method.gateway.account(accounts).to_owned(),
            amount: Amount { value: product.price_in(currency), currency: currency.code().to_owned() },
            payment_id: None,
            status: None,
            paid: false,
            revision: 0,
            paid_at: None,
            amount_refunded: None,
            failure: None,
            created_at,
            refunds: Vec::new(),
            refunds_begun: 0,
            webhooks: Vec::new(),
            happened: 0,
            happenings: Happenings::default(),
            version: 0,
            is_announced: false,
        }
    }

    pub(super) fn is_of(&self, visitor: &Session) -> bool {
        self.sessions.contains(visitor)
    }

    /// Opens the order for another browser, if it has the key.
    pub(super) fn admit(&mut self, visitor: &Session, key: &str) -> bool {
        let fits = bool::from(self.key.as_bytes().ct_eq(key.as_bytes()));
        if fits && !self.is_of(visitor) {
            if self.sessions.len() == BROWSERS_PER_ORDER_MAX {
                self.sessions.remove(1);
            }
            self.sessions.push(visitor.clone());
        }
        fits
    }

    /// Writes a verified webhook down.
    ///
    /// Webhooks come at least once and, after a retry, possibly late: the same id changes nothing,
    /// and an older revision is kept for the record without undoing a newer one.
    pub(super) fn hear(&mut self, webhook_id: &str, event: &Event) -> Result<(), ShopError> {
        let payment = &event.data;
        if let Err(error) = self.must_be_about_this_order(payment) {
            self.note_webhook(event, Outcome::Refused);
            return Err(error);
        }
        if let Some(heard) = self.webhooks.iter_mut().find(|heard| heard.webhook_id == webhook_id) {
            heard.deliveries = heard.deliveries.saturating_add(1);
            self.note_webhook(event, Outcome::Again);
            return Ok(());
        }
        self.is_announced = true;
        let applied = payment.revision > self.revision;
        self.note_webhook(event, if applied { Outcome::Accepted } else { Outcome::Late });
        if applied {
            self.stand_as(payment);
        }
        if self.webhooks.len() == WEBHOOKS_PER_ORDER_MAX {
            self.webhooks.remove(0);
        }
        self.webhooks.push(Heard {
            webhook_id: webhook_id.to_owned(),
            event_type: event.event_type.clone(),
            status: payment.status.clone(),
            revision: payment.revision,
            sent_at: event.timestamp.clone(),
            received_at: Timestamp::now(),
            deliveries: 1,
            applied,
        });
        Ok(())
    }

    /// The payment at the signer; an order at the till whose answer was lost has none that is known.
    pub(super) fn opened_payment(&self) -> Result<String, ShopError> {
        self.payment_id.clone().ok_or_else(|| ShopError::Unknown {
            code: "unknown_payment",
            detail: format!("order {} has no payment yet", self.order_id),
        })
    }

    /// Adds a line to what happened.
    pub(super) fn note(&mut self, happening: Happening) {
        self.happened = self.happened.saturating_add(1);
        self.happenings.note(happening);
    }

    /// What happened, oldest first.
    pub(super) fn happenings(&self) -> Vec<Happening> {
        self.happenings.in_order()
    }

    fn note_webhook(&mut self, event: &Event, outcome: Outcome) {
        let status = if outcome == Outcome::Refused {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::NO_CONTENT
        };
        let told = Happening::now(Kind::Webhook, Actor::Signer, Actor::Shop, event.event_type.as_str());
        self.note(Happening { outcome, revision: Some(event.data.revision), ..told.answered(Some(status)) });
    }

    /// A payment that was refunded in part still is `succeeded`: the tea is sent, `amount_refunded` says the rest.
    fn stand_as(&mut self, payment: &Payment) {
        if self.status.as_deref() != Some(payment.status.as_str()) {
            let status = payment.status.as_str();
            self.note(Happening::now(Kind::Status, Actor::Shop, Actor::Shop, status));
        }
        self.revision = payment.revision;
        self.payment_id.get_or_insert_with(|| payment.id.clone());
        self.status = Some(payment.status.clone());
        self.paid = payment.status == "succeeded";
        self.paid_at.clone_from(&payment.paid_at);
        self.amount_refunded.clone_from(&payment.amount_refunded);
        self.failure = payment.failure.as_ref().map(|failure| failure.message.clone());
    }

    /// A signature proves who speaks, not that the price is the one that this shop asked for.
    fn must_be_about_this_order(&self, payment: &Payment) -> Result<(), ShopError> {
        let differs = |what: &str| {
            let detail = format!("{what} of the payment is not that of order {}", self.order_id);
            Err(ShopError::Mismatch { detail })
        };
        if payment.account != self.account {
            return differs("the account");
        }
        if payment.amount != self.amount {
            return differs("the amount");
        }
        let fits = |back: &Amount| back.currency == self.amount.currency && back.value <= self.amount.value;
        if !payment.amount_refunded.as_ref().is_none_or(fits) {
            return differs("the refunded amount");
        }
        match &self.payment_id {
            Some(payment_id) if *payment_id != payment.id => differs("the id"),
            _ => Ok(()),
        }
    }
}

/// A new order number: letters and digits only, 20 of them, which every gateway accepts.
fn order_number(now: Timestamp) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut random = rand::rng();
    let suffix: String =
        (0..7).map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())])).collect();
    format!("T{}{suffix}", now.strftime("%y%m%d%H%M%S"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_number_fits_every_gateway() {
        let number = order_number("2026-11-22T01:02:03Z".parse().expect("a time"));
        assert!(number.starts_with("T261122010203"), "{number}");
        assert!(number.len() <= 32 && number.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{number}");
    }

    #[test]
    fn two_orders_of_the_same_second_differ() {
        let now = Timestamp::now();
        assert_ne!(order_number(now), order_number(now));
    }
}
