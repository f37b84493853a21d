//! The calls of the merchant's server: who may call, and how answers are wrapped.
//!
//! The H5 documents publish no codes for refusals but 110043. The others here are those of the same company's wallet
//! service, whose numbers may or may not be the same at the real gateway; the text beside them says what is wrong.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::Method;
use serde_json::{Value, json};

use super::tokens::Bearer;
use super::{Hicoin, sign};
use crate::gateways::clock;
use crate::gateways::endpoint::{Endpoint, Refusal};
use crate::gateways::message::{Encoding, Fields, Message};
use crate::gateways::world::{Gateway, World};

const BAD_PARAMETER: i64 = 100_004;
const BAD_SIGN: i64 = 100_005;
pub(super) const IP_NOT_ALLOWED: i64 = 100_007;
pub(super) const DUPLICATE: i64 = 110_088;
pub(super) const BALANCE_TOO_LOW: i64 = 110_043;

pub(super) const NONCE_CHARS: usize = 32;

const fn endpoint(name: &'static str) -> Endpoint {
    Endpoint { gateway: Gateway::Hicoin, name, envelope, sign: |_, _| None }
}

/// An endpoint of orders: its answers are signed with the payment key.
const fn order_endpoint(name: &'static str) -> Endpoint {
    Endpoint {
        sign: |world, fields| sign::sign(fields, world.hicoin.config.mch_key.expose()),
        ..endpoint(name)
    }
}

/// An endpoint of payouts: its answers are signed with the application secret.
const fn transfer_endpoint(name: &'static str) -> Endpoint {
    Endpoint {
        sign: |world, fields| sign::sign(fields, world.hicoin.config.app_secret.expose()),
        ..endpoint(name)
    }
}

/// `POST pay/preOrder`
pub(super) async fn pre_order(State(world): State<Arc<World>>, request: Request) -> Response {
    order_endpoint("preOrder").serve(&world, request, |message| world.hicoin.pre_order(message)).await
}

/// `POST pay/queryOrder`
pub(super) async fn query_order(State(world): State<Arc<World>>, request: Request) -> Response {
    order_endpoint("queryOrder").serve(&world, request, |message| world.hicoin.query_order(message)).await
}

/// `POST cgi-bin/access_token`
pub(super) async fn base_token(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("access_token").serve(&world, request, |message| world.hicoin.base_token(message)).await
}

/// `POST sns/oauth/access_token`
pub(super) async fn user_token(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("sns_access_token").serve(&world, request, |message| world.hicoin.user_token(message)).await
}

/// `POST sns/oauth/refresh_token`
pub(super) async fn refresh_token(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("refresh_token").serve(&world, request, |message| world.hicoin.refresh_token(message)).await
}

/// `GET sns/user/info`
pub(super) async fn user_info(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("user_info").serve(&world, request, |message| world.hicoin.user_info(message)).await
}

/// `POST mmpaymkttransfers/promotion/transfers`
pub(super) async fn transfer(State(world): State<Arc<World>>, request: Request) -> Response {
    transfer_endpoint("transfers").serve(&world, request, |message| world.hicoin.transfer(message)).await
}

/// `POST mmpaymkttransfers/gettransferinfo`
pub(super) async fn transfer_info(State(world): State<Arc<World>>, request: Request) -> Response {
    let endpoint = transfer_endpoint("gettransferinfo");
    endpoint.serve(&world, request, |message| world.hicoin.transfer_info(message)).await
}

/// Wraps an answer: `{code, msg, data}`, where `code` is a text.
fn envelope(_world: &World, answer: Result<Value, Refusal>) -> Value {
    match answer {
        Ok(data) => json!({"code": "0", "msg": "success", "data": data}),
        Err(Refusal { code, message, data }) => {
            json!({"code": code.to_string(), "msg": message, "data": data.unwrap_or(Value::Null)})
        }
    }
}

pub(super) fn bad(what: &str) -> Refusal {
    Refusal::new(BAD_PARAMETER, format!("parameter error: {what}"))
}

impl Hicoin {
    /// The message's outer fields, when they are complete and signed by the merchant with this key.
    pub(super) fn verified<'m>(&self, message: &'m Message, key: &str) -> Result<&'m Fields, Refusal> {
        let fields = posted_form(message)?;
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
        if sign::verify(fields, "sign", key) { Ok(fields) } else { Err(Refusal::new(BAD_SIGN, "sign error")) }
    }

    /// Whom the message's token stands for.
    pub(super) fn bearer(&self, fields: &Fields) -> Result<Bearer, Refusal> {
        let token = required(fields, "access_token")?;
        self.tokens.bearer(token, clock::now()).ok_or_else(|| bad("access_token is unknown or has expired"))
    }
}

/// The fields of a message that was posted as a form.
pub(super) fn posted_form(message: &Message) -> Result<&Fields, Refusal> {
    match (&message.method, message.encoding) {
        (&Method::POST, Encoding::Form) => message.fields.as_ref().map_err(|_| bad("body")),
        (&Method::POST, _) => Err(bad("content type")),
        _ => Err(bad("method")),
    }
}

/// What `biz_content` holds.
pub(super) fn business(fields: &Fields) -> Result<Fields, Refusal> {
    serde_json::from_str(required(fields, "biz_content")?)
        .map_err(|_| bad("biz_content is not a JSON object"))
}

pub(super) fn required<'f>(fields: &'f Fields, name: &str) -> Result<&'f str, Refusal> {
    match fields.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        _ => Err(bad(name)),
    }
}

pub(super) fn optional<'f>(fields: &'f Fields, name: &str) -> Result<&'f str, Refusal> {
    match fields.get(name) {
        None => Ok(""),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(bad(name)),
    }
}

pub(super) fn limited<'f>(fields: &'f Fields, name: &str, chars_max: usize) -> Result<&'f str, Refusal> {
    let text = required(fields, name)?;
    if text.chars().count() > chars_max { Err(bad(&format!("{name} is too long"))) } else { Ok(text) }
}

/// A whole JSON number above zero: no text, no decimal point.
pub(super) fn positive(fields: &Fields, name: &str) -> Result<i64, Refusal> {
    fields.get(name).and_then(Value::as_i64).filter(|number| *number > 0).ok_or_else(|| bad(name))
}
