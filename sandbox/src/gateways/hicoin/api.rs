//! The calls of the merchant's server: pre-order, query, and the base token.
//!
//! The H5 documents publish no codes for refusals. The codes here are those of the same company's wallet service, whose
//! numbers may or may not be the same at the real gateway; the text beside them says what is wrong.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use super::tokens::{BASE_TOKEN_LIFETIME_S, Bearer};
use super::{Hicoin, Terms, sign};
use crate::gateways::clock;
use crate::gateways::endpoint::{Endpoint, Refusal};
use crate::gateways::message::{Encoding, Fields, Message};
use crate::gateways::number;
use crate::gateways::orders::{Order, State as OrderState};
use crate::gateways::page::web_address;
use crate::gateways::world::{Gateway, World};

const BAD_PARAMETER: i64 = 100_004;
const BAD_SIGN: i64 = 100_005;
const DUPLICATE: i64 = 110_088;

const NONCE_CHARS: usize = 32;
const ORDER_NO_CHARS_MAX: usize = 32;
const SUBJECT_CHARS_MAX: usize = 32;
const BODY_CHARS_MAX: usize = 64;
const TIMEOUT_MAX_S: i64 = 30 * 24 * 3600;

const fn endpoint(name: &'static str) -> Endpoint {
    Endpoint { gateway: Gateway::Hicoin, name, envelope }
}

/// `POST pay/preOrder`
pub(super) async fn pre_order(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("preOrder").serve(&world, request, |message| world.hicoin.pre_order(message)).await
}

/// `POST pay/queryOrder`
pub(super) async fn query_order(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("queryOrder").serve(&world, request, |message| world.hicoin.query_order(message)).await
}

/// `POST cgi-bin/access_token`
pub(super) async fn base_token(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("access_token").serve(&world, request, |message| world.hicoin.base_token(message)).await
}

/// Wraps an answer: `{code, msg, data}`, where `code` is a text.
fn envelope(answer: Result<Value, Refusal>) -> Value {
    match answer {
        Ok(data) => json!({"code": "0", "msg": "success", "data": data}),
        Err(Refusal { code, message, data }) => {
            json!({"code": code.to_string(), "msg": message, "data": data.unwrap_or(Value::Null)})
        }
    }
}

fn bad(what: &str) -> Refusal {
    Refusal::new(BAD_PARAMETER, format!("parameter error: {what}"))
}

impl Hicoin {
    fn pre_order(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.verified(message)?;
        let biz = business(fields)?;
        let openid = required(&biz, "openid")?;
        // A pre-order is made in the payer's name: only with the payer's own token.
        if self.bearer(fields)? != (Bearer::Payer { openid: openid.to_owned() }) {
            return Err(bad("access_token is not this user's"));
        }
        let order_no = required(&biz, "out_trade_no")?;
        if order_no.len() > ORDER_NO_CHARS_MAX || !order_no.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(bad("out_trade_no"));
        }
        let total_amount = positive(&biz, "total_amount")?;
        let settle_currency = required(&biz, "settle_currency")?;
        if !self.config.settle_currencies.iter().any(|known| known == settle_currency) {
            return Err(bad("settle_currency"));
        }
        let trade_timeout_express = positive(&biz, "trade_timeout_express")?;
        if trade_timeout_express > TIMEOUT_MAX_S {
            return Err(bad("trade_timeout_express"));
        }
        let return_url = required(&biz, "return_url")?;
        web_address(return_url).ok_or_else(|| bad("return_url"))?;
        let terms = Terms {
            openid: openid.to_owned(),
            subject: limited(&biz, "subject", SUBJECT_CHARS_MAX)?.to_owned(),
            body: limited(&biz, "body", BODY_CHARS_MAX)?.to_owned(),
            trade_type: trade_type(&biz)?.to_owned(),
            trade_timeout_express,
            passback_params: optional(&biz, "passback_params")?.to_owned(),
        };
        let mut order =
            Order::new(order_no.to_owned(), number::digits(22), (total_amount, settle_currency), terms);
        order.return_url = Some(return_url.to_owned());
        order.expires_at = Some(order.created_at + SignedDuration::from_secs(trade_timeout_express));
        let answer = json!({
            "out_trade_no": order.order_no,
            "trade_no": order.gateway_order_no,
            "trade_type": order.terms.trade_type,
            "nonce_str": number::nonce(NONCE_CHARS),
        });
        self.orders.place(order).map_err(|_| Refusal::new(DUPLICATE, "out_trade_no: duplicate submit"))?;
        Ok(self.signed(answer))
    }

    fn query_order(&self, message: &Message) -> Result<Value, Refusal> {
        let fields = self.verified(message)?;
        let biz = business(fields)?;
        let bearer = self.bearer(fields)?;
        let order = self.orders.by_order_no(required(&biz, "out_trade_no")?);
        // A payer's token opens that payer's orders only.
        let order = order.filter(|order| match &bearer {
            Bearer::Merchant => true,
            Bearer::Payer { openid } => *openid == order.terms.openid,
        });
        let order = order.ok_or_else(|| bad("out_trade_no: no such order"))?;
        let (amount, currency) = order.told();
        let answer = json!({
            "out_trade_no": order.order_no,
            "trade_no": order.gateway_order_no,
            "trade_type": order.terms.trade_type,
            "trade_status": trade_status(order.state),
            "total_amount": amount,
            "settle_currency": currency,
            "settle_trans_amount": order.paid.as_ref().map_or(0, |paid| paid.amount),
            "subject": order.terms.subject,
            "body": order.terms.body,
            "trade_time": clock::spaced(order.created_at),
            "timeout_express": order.terms.trade_timeout_express.to_string(),
            "openid": order.terms.openid,
            "nonce_str": number::nonce(NONCE_CHARS),
        });
        Ok(self.signed(answer))
    }

    fn base_token(&self, message: &Message) -> Result<Value, Refusal> {
        must_be_posted_form(message)?;
        let fields = message.fields.as_ref().map_err(|_| bad("body"))?;
        if required(fields, "app_id")? != self.config.app_id {
            return Err(bad("app_id"));
        }
        if required(fields, "grant_type")? != "client_credential" {
            return Err(bad("grant_type"));
        }
        let secret = required(fields, "secret")?.as_bytes();
        if !bool::from(secret.ct_eq(self.config.app_secret.expose().as_bytes())) {
            return Err(bad("secret"));
        }
        let access_token = self.tokens.give_base(clock::now());
        Ok(json!({"access_token": access_token, "expires_in": BASE_TOKEN_LIFETIME_S.to_string()}))
    }

    /// The message's outer fields, when they are complete and come from the merchant.
    fn verified<'m>(&self, message: &'m Message) -> Result<&'m Fields, Refusal> {
        must_be_posted_form(message)?;
        let fields = message.fields.as_ref().map_err(|_| bad("body"))?;
        if required(fields, "app_id")? != self.config.app_id {
            return Err(bad("app_id"));
        }
        for (name, fixed) in [("lang", "zh_CN"), ("version", "1.0"), ("charset", "utf8")] {
            if required(fields, name)? != fixed {
                return Err(bad(name));
            }
        }
        if required(fields, "nonce_str")?.chars().count() != NONCE_CHARS {
            return Err(bad("nonce_str"));
        }
        required(fields, "biz_content")?;
        required(fields, "sign")?;
        if sign::verify(fields, "sign", self.config.mch_key.expose()) {
            Ok(fields)
        } else {
            Err(Refusal::new(BAD_SIGN, "sign error"))
        }
    }

    fn bearer(&self, fields: &Fields) -> Result<Bearer, Refusal> {
        let token = required(fields, "access_token")?;
        self.tokens.bearer(token, clock::now()).ok_or_else(|| bad("access_token is unknown or has expired"))
    }

    fn signed(&self, mut data: Value) -> Value {
        if let Some(members) = data.as_object_mut() {
            let fields = members.clone().into_iter().collect();
            members.insert("sign".into(), sign::sign(&fields, self.config.mch_key.expose()).into());
        }
        data
    }
}

fn must_be_posted_form(message: &Message) -> Result<(), Refusal> {
    match (&message.method, message.encoding) {
        (&Method::POST, Encoding::Form) => Ok(()),
        (&Method::POST, _) => Err(bad("content type")),
        _ => Err(bad("method")),
    }
}

/// What `biz_content` holds.
fn business(fields: &Fields) -> Result<Fields, Refusal> {
    serde_json::from_str(required(fields, "biz_content")?)
        .map_err(|_| bad("biz_content is not a JSON object"))
}

fn required<'f>(fields: &'f Fields, name: &str) -> Result<&'f str, Refusal> {
    match fields.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        _ => Err(bad(name)),
    }
}

fn optional<'f>(fields: &'f Fields, name: &str) -> Result<&'f str, Refusal> {
    match fields.get(name) {
        None => Ok(""),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(bad(name)),
    }
}

fn limited<'f>(fields: &'f Fields, name: &str, chars_max: usize) -> Result<&'f str, Refusal> {
    let text = required(fields, name)?;
    if text.chars().count() > chars_max { Err(bad(&format!("{name} is too long"))) } else { Ok(text) }
}

/// A whole JSON number above zero: no text, no decimal point.
fn positive(fields: &Fields, name: &str) -> Result<i64, Refusal> {
    fields.get(name).and_then(Value::as_i64).filter(|number| *number > 0).ok_or_else(|| bad(name))
}

fn trade_type(fields: &Fields) -> Result<&str, Refusal> {
    match required(fields, "trade_type")? {
        known @ ("H5" | "JSAPI") => Ok(known),
        _ => Err(bad("trade_type")),
    }
}

/// The order states by the document's words. A refund is a payout of its own and leaves the order paid.
const fn trade_status(state: OrderState) -> &'static str {
    match state {
        OrderState::Unpaid => "NOTPAY",
        OrderState::Paid | OrderState::Refunded => "SUCCESS",
        OrderState::Closed => "CLOSED",
    }
}
