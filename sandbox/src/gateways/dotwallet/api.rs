//! The calls of the merchant's server. They carry the secret in the body and are not signed.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use super::accounts::Untakable;
use super::{DotWallet, Terms, codes};
use crate::gateways::clock;
use crate::gateways::endpoint::{Endpoint, Refusal};
use crate::gateways::message::{Encoding, Fields, Message};
use crate::gateways::number;
use crate::gateways::orders::{Deviation, Order, State as OrderState};
use crate::gateways::world::{Gateway, World};

const fn endpoint(name: &'static str) -> Endpoint {
    Endpoint { gateway: Gateway::DotWallet, name, envelope: codes::envelope }
}

/// `POST pay_small_money`
pub(super) async fn pay_small_money(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("pay_small_money").serve(&world, request, |message| world.dotwallet.pay(message)).await
}

/// `POST search_order`
pub(super) async fn search_order(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("search_order").serve(&world, request, |message| world.dotwallet.search(message)).await
}

/// A field that is there and is a text with something in it.
fn required<'a>(
    fields: &'a Fields,
    name: &str,
    refusal: impl FnOnce() -> Refusal,
) -> Result<&'a str, Refusal> {
    fields.text(name).filter(|text| !text.is_empty()).ok_or_else(refusal)
}

impl DotWallet {
    fn pay(&self, message: &Message) -> Result<Value, Refusal> {
        let no = codes::micropayment;
        let nothing = Fields::default();
        // A body that cannot be read has no app_id.
        let fields = message.fields.as_ref().unwrap_or(&nothing);
        if required(fields, "app_id", || no(10030))? != self.config.app_id {
            return Err(no(10032));
        }
        self.check_secret(required(fields, "secret", || no(10036))?).map_err(|()| no(10037))?;
        let order_no = required(fields, "merchant_order_sn", || no(10038))?;
        let amount = amount(message.encoding, fields.get("pre_amount")).ok_or_else(|| no(10042))?;
        let user = required(fields, "user_open_id", || no(10034))?;
        let item_name = required(fields, "item_name", || no(10045))?;
        if amount < self.config.amount_min_satoshi {
            return Err(no(10043));
        }
        let receive_address = match fields.get("receive_address") {
            Some(value) => receivers(value, amount, fields.text("opreturn").is_some())?,
            None => String::new(),
        };
        if self.orders.by_order_no(order_no).is_some() {
            return Err(no(10039));
        }
        self.book(
            order_no,
            user,
            amount,
            Terms { item_name: item_name.to_owned(), receive_address, fee_satoshi: self.config.fee_satoshi },
        )
    }

    fn book(&self, order_no: &str, user: &str, amount: i64, terms: Terms) -> Result<Value, Refusal> {
        let (order_sn, pay_txid, fee) = (number::hex(32), number::hex(64), terms.fee_satoshi);
        let mut order = Order::new(order_no.to_owned(), order_sn.clone(), (amount, "BSV"), terms);
        order.pay(&Deviation::default(), pay_txid.clone());
        self.accounts
            .take(user, (amount, fee), || {
                self.orders.place(order).map_err(|_| TakeError::Refused(codes::micropayment(10039)))
            })
            .map_err(|error| match error {
                TakeError::Refused(refusal) => refusal,
                TakeError::Untakable(Untakable::UnknownUser) => codes::micropayment(10035),
                TakeError::Untakable(Untakable::Refused) => codes::micropayment(10041),
                TakeError::Untakable(Untakable::OverLimit) => codes::micropayment(10044),
                TakeError::Untakable(Untakable::BalanceTooLow { balance }) => {
                    codes::balance_too_low(balance, amount, fee)
                }
            })?;
        Ok(json!({"order_sn": order_sn, "pay_txid": pay_txid}))
    }

    fn search(&self, message: &Message) -> Result<Value, Refusal> {
        let no = codes::search;
        let nothing = Fields::default();
        let fields = message.fields.as_ref().unwrap_or(&nothing);
        if required(fields, "app_id", || no(10200))? != self.config.app_id {
            return Err(no(10201));
        }
        self.check_secret(required(fields, "secret", || no(10202))?).map_err(|()| no(10203))?;
        let order_no = required(fields, "merchant_order_sn", || no(10204))?;
        let order = self.orders.by_order_no(order_no).filter(|_| self.config.search_finds_autopay);
        order.map(|order| found(&order)).ok_or_else(|| no(10205))
    }

    fn check_secret(&self, secret: &str) -> Result<(), ()> {
        let same = secret.as_bytes().ct_eq(self.config.secret.expose().as_bytes());
        if same.into() { Ok(()) } else { Err(()) }
    }
}

enum TakeError {
    Untakable(Untakable),
    Refused(Refusal),
}

impl From<Untakable> for TakeError {
    fn from(reason: Untakable) -> Self {
        Self::Untakable(reason)
    }
}

fn found(order: &Order<Terms>) -> Value {
    let (amount, _) = order.told();
    let status = match order.state {
        OrderState::Paid => 9,
        OrderState::Unpaid => 0,
        OrderState::Closed | OrderState::Refunded => -1,
    };
    json!({
        "merchant_order_sn": order.order_no,
        "amount": amount,
        "item_name": order.terms.item_name,
        "receive_address": order.terms.receive_address,
        "user_refund_address": "",
        "pay_time": order.paid.as_ref().map_or(String::new(), |paid| clock::spaced(paid.at)),
        "order_sn": order.gateway_order_no,
        "status": status,
        "create_time": clock::spaced(order.created_at),
        "fee": order.terms.fee_satoshi,
        "pay_txid": order.paid.as_ref().map_or("", |paid| &paid.transaction_id),
    })
}

/// `pre_amount` is an integer: a number in JSON, digits in a form.
fn amount(encoding: Encoding, value: Option<&Value>) -> Option<i64> {
    match (encoding, value?) {
        (Encoding::Json, Value::Number(number)) => number.as_i64(),
        (Encoding::Form, Value::String(text)) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().ok()
        }
        _ => None,
    }
}

/// One entry of `receive_address`.
#[derive(Deserialize)]
struct Receiver {
    #[serde(default)]
    address: Value,
    #[serde(default)]
    amount: Value,
}

/// Checks `receive_address`: a text that holds a JSON array whose amounts add up to the whole.
fn receivers(value: &Value, whole: i64, has_data: bool) -> Result<String, Refusal> {
    let no = codes::micropayment;
    let text = value.as_str().ok_or_else(|| no(10047))?;
    if text.is_empty() {
        return Err(no(10046));
    }
    let receivers: Vec<Receiver> = serde_json::from_str(text).map_err(|_| no(10047))?;
    // One client sends an empty list with a payment that only carries data.
    if receivers.is_empty() && has_data {
        return Ok(text.to_owned());
    }
    let mut sum = 0i64;
    for receiver in &receivers {
        if !receiver.address.as_str().is_some_and(is_address) {
            return Err(no(10047));
        }
        let amount = receiver.amount.as_i64().filter(|amount| *amount > 0).ok_or_else(|| no(10048))?;
        sum = sum.saturating_add(amount);
    }
    if sum == whole { Ok(text.to_owned()) } else { Err(no(10049)) }
}

/// The looks of a legacy address: base 58, 26 to 35 letters, beginning with 1 or 3.
fn is_address(text: &str) -> bool {
    let base58 = |byte: u8| byte.is_ascii_alphanumeric() && !b"0OIl".contains(&byte);
    (26..=35).contains(&text.len()) && text.starts_with(['1', '3']) && text.bytes().all(base58)
}
