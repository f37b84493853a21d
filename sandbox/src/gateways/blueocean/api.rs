//! The calls of the merchant's server, JSON only: who may call, and how answers are wrapped.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::Method;
use serde_json::{Value, json};

use super::{BlueOcean, sign};
use crate::gateways::dialect::{missing, optional_text, readable, refusal, required_text};
use crate::gateways::endpoint::{Endpoint, Refusal};
use crate::gateways::message::{Encoding, Fields, Message, printed};
use crate::gateways::orders::Order;
use crate::gateways::world::{Gateway, World};

const fn endpoint(name: &'static str) -> Endpoint {
    Endpoint {
        gateway: Gateway::BlueOcean,
        name,
        envelope,
        sign: |world, fields| sign::sign(fields, world.blueocean.config.key.expose()),
    }
}

/// `POST payment/pay`
pub(super) async fn pay(State(world): State<Arc<World>>, request: Request) -> Response {
    let mut paid = None;
    let judge = |message: &_| world.blueocean.pay(message, &mut paid);
    let response = endpoint("pay").serve(&world, request, judge).await;
    announce(world, paid);
    response
}

/// `POST order/query`
pub(super) async fn query(State(world): State<Arc<World>>, request: Request) -> Response {
    let mut paid = None;
    let judge = |message: &_| world.blueocean.query(message, &mut paid);
    let response = endpoint("query").serve(&world, request, judge).await;
    announce(world, paid);
    response
}

/// `POST order/close`
pub(super) async fn close(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("close").serve(&world, request, |message| world.blueocean.close(message)).await
}

/// `POST order/reverse`
pub(super) async fn reverse(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("reverse").serve(&world, request, |message| world.blueocean.reverse(message)).await
}

/// `POST payment/refund`
pub(super) async fn refund(State(world): State<Arc<World>>, request: Request) -> Response {
    let endpoint = Endpoint { envelope: refund_envelope, ..endpoint("refund") };
    endpoint.serve(&world, request, |message| world.blueocean.refund(message)).await
}

/// `POST order/refundquery`
pub(super) async fn refund_query(State(world): State<Arc<World>>, request: Request) -> Response {
    let endpoint = Endpoint { envelope: refund_envelope, ..endpoint("refundquery") };
    endpoint.serve(&world, request, |message| world.blueocean.refund_query(message)).await
}

/// Any other path.
pub(super) async fn no_such_interface(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("unknown").serve(&world, request, |_| Err(refusal(404))).await
}

/// Tells of a payment that was booked without a page, when it is to be told of. The answer does not wait for it.
fn announce(world: Arc<World>, order_no: Option<String>) {
    if let Some(order_no) = order_no.filter(|_| world.blueocean.settings.get().micropay_notifies) {
        tokio::spawn(async move { world.announce(Gateway::BlueOcean, &order_no).await });
    }
}

/// Wraps an answer: `{code, message, data}`, where `code` 200 is success.
fn envelope(_world: &World, answer: Result<Value, Refusal>) -> Value {
    match answer {
        Ok(data) => json!({"code": 200, "message": "success", "data": data}),
        Err(Refusal { code, message, data: None }) => json!({"code": code, "message": message}),
        Err(Refusal { code, message, data }) => json!({"code": code, "message": message, "data": data}),
    }
}

/// The samples of refunds have no envelope, the table beside them has one.
fn refund_envelope(world: &World, answer: Result<Value, Refusal>) -> Value {
    match answer {
        Ok(data) if world.blueocean.settings.get().bare_refunds => data,
        other => envelope(world, other),
    }
}

impl BlueOcean {
    /// The message's fields, when they come from the merchant.
    pub(super) fn verified<'m>(&self, message: &'m Message) -> Result<&'m Fields, Refusal> {
        if message.method != Method::POST {
            return Err(refusal(4007));
        }
        if message.encoding != Encoding::Json {
            return Err(refusal(4001));
        }
        let fields = readable(&message.fields)?;
        let appid = fields.get("appid").and_then(printed).filter(|appid| !appid.is_empty());
        if appid.ok_or_else(|| missing("appid"))? != self.config.appid {
            return Err(refusal(4002));
        }
        required_text(fields, "sign")?;
        if sign::verify(fields, self.config.key.expose()) { Ok(fields) } else { Err(refusal(4004)) }
    }

    /// The order that a message is about; the gateway's own number wins over the merchant's.
    pub(super) fn meant(&self, fields: &Fields) -> Result<Order<super::Terms>, Refusal> {
        let number = |name| optional_text(fields, name);
        let order = match (number("sn")?, number("out_trade_no")?, number("transaction_id")?) {
            ("", "", "") => return Err(missing("sn")),
            ("", "", wallets) => self
                .orders
                .find(|order| order.paid.as_ref().is_some_and(|paid| paid.transaction_id == wallets)),
            ("", order_no, _) => self.orders.by_order_no(order_no),
            (sn, _, _) => self.orders.by_gateway_order_no(sn),
        };
        order.ok_or_else(|| refusal(40102))
    }
}
