//! The calls of the merchant's server, and what they have in common.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::Value;
use subtle::ConstantTimeEq as _;

use super::DotWallet;
use super::codes::{envelope, refusal};
use crate::gateways::endpoint::{Endpoint, Refusal};
use crate::gateways::message::{Encoding, Fields, Message};
use crate::gateways::world::{Gateway, World};

const fn endpoint(name: &'static str) -> Endpoint {
    Endpoint { gateway: Gateway::DotWallet, name, envelope, sign: |_, _| None }
}

/// `POST pay_small_money`
pub(super) async fn pay_small_money(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("pay_small_money").serve(&world, request, |message| world.dotwallet.pay(message)).await
}

/// `POST create_order`, also `apply_order` and `order`
pub(super) async fn create_order(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("create_order").serve(&world, request, |message| world.dotwallet.create_order(message)).await
}

/// `POST search_order`
pub(super) async fn search_order(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("search_order").serve(&world, request, |message| world.dotwallet.search(message)).await
}

/// `POST access_token`
pub(super) async fn access_token(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("access_token").serve(&world, request, |message| world.dotwallet.access_token(message)).await
}

/// `GET refresh_access_token`
pub(super) async fn refresh_token(State(world): State<Arc<World>>, request: Request) -> Response {
    let endpoint = endpoint("refresh_access_token");
    endpoint.serve(&world, request, |message| world.dotwallet.refresh_token(message)).await
}

/// `GET get_user_info`
pub(super) async fn user_info(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("get_user_info").serve(&world, request, |message| world.dotwallet.user_info(message)).await
}

/// `GET check_access_token`
pub(super) async fn check_token(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("check_access_token")
        .serve(&world, request, |message| world.dotwallet.check_token(message))
        .await
}

/// The fields of a message; a body that cannot be read has none.
pub(super) fn fields(message: &Message) -> Fields {
    message.fields.as_ref().cloned().unwrap_or_default()
}

/// A field that is there and is a text with something in it; else the refusal with this code.
pub(super) fn required<'a>(fields: &'a Fields, name: &str, code: i64) -> Result<&'a str, Refusal> {
    fields.text(name).filter(|text| !text.is_empty()).ok_or_else(|| refusal(code))
}

/// An amount is an integer: a number in JSON, digits in a form or a query.
pub(super) fn amount(encoding: Encoding, value: Option<&Value>) -> Option<i64> {
    match (encoding, value?) {
        (Encoding::Json, Value::Number(number)) => number.as_i64(),
        (Encoding::Form | Encoding::Query, Value::String(text))
            if text.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            text.parse().ok()
        }
        _ => None,
    }
}

impl DotWallet {
    /// Whether the fields name the merchant; the codes are for "nobody is named" and for "another is".
    pub(super) fn check_app(&self, fields: &Fields, (empty, wrong): (i64, i64)) -> Result<(), Refusal> {
        if required(fields, "app_id", empty)? == self.config.app_id { Ok(()) } else { Err(refusal(wrong)) }
    }

    /// Whether the fields carry the merchant's secret; the codes are for "there is none" and for "another".
    pub(super) fn check_secret(&self, fields: &Fields, (empty, wrong): (i64, i64)) -> Result<(), Refusal> {
        let secret = required(fields, "secret", empty)?.as_bytes();
        let same = secret.ct_eq(self.config.secret.expose().as_bytes());
        if same.into() { Ok(()) } else { Err(refusal(wrong)) }
    }
}
