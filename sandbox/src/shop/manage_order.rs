//! What can be done with an order: look at it, give it up, give money back.
//!
//! A real shop lets only its staff refund; in this one the visitor plays both.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;

use super::Shop;
use super::error::ShopError;
use super::session::Session;
use super::signer::NewRefund;

const REASON: &str = "the customer asked for it";

type Visited = (State<Arc<Shop>>, Extension<Session>);

pub(super) async fn list((State(shop), Extension(visitor)): Visited) -> Response {
    Json(shop.orders.list(&visitor)).into_response()
}

pub(super) async fn read(
    (State(shop), Extension(visitor)): Visited,
    Path(order_id): Path<String>,
) -> Result<Response, ShopError> {
    Ok(Json(shop.orders.find(&visitor, &order_id)?).into_response())
}

/// What happened to an order, line by line, for whoever wants to learn from it.
pub(super) async fn happenings(
    (State(shop), Extension(visitor)): Visited,
    Path(order_id): Path<String>,
) -> Result<Response, ShopError> {
    Ok(Json(shop.orders.find(&visitor, &order_id)?.happenings()).into_response())
}

/// The key of an order, which its page puts behind the `#` of an address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderKey {
    key: String,
}

/// Opens an order in another browser of its visitor: inside WeChat, or outside of it.
pub(super) async fn visit(
    (State(shop), Extension(visitor)): Visited,
    Path(order_id): Path<String>,
    body: Result<Json<OrderKey>, JsonRejection>,
) -> Result<Response, ShopError> {
    let Json(OrderKey { key }) = body?;
    Ok(Json(shop.orders.visit(&visitor, &order_id, &key)?).into_response())
}

/// Gives an order up. The webhook that follows writes it down.
pub(super) async fn cancel(
    (State(shop), Extension(visitor)): Visited,
    Path(order_id): Path<String>,
) -> Result<Response, ShopError> {
    let payment_id = shop.orders.find(&visitor, &order_id)?.opened_payment()?;
    shop.signer.cancel_payment(&order_id, &payment_id).await?;
    tracing::info!(order.id = order_id, payment.id = payment_id, "gave an order up");
    Ok(Json(shop.orders.find(&visitor, &order_id)?).into_response())
}

/// How much to give back, in minor units of the order's currency; left out, all that is left.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedRefund {
    value: Option<u64>,
}

/// Gives money back. The webhook that follows says when it has gone.
pub(super) async fn refund(
    (State(shop), Extension(visitor)): Visited,
    Path(order_id): Path<String>,
    body: Result<Json<WantedRefund>, JsonRejection>,
) -> Result<Response, ShopError> {
    let Json(wanted) = body?;
    let payment_id = shop.orders.find(&visitor, &order_id)?.opened_payment()?;
    let refund = shop.orders.begin_refund(&order_id, wanted.value)?;
    let asked = NewRefund { refund_id: &refund.refund_id, amount: &refund.amount, reason: REASON };
    match shop.signer.refund_payment(&order_id, &payment_id, &asked).await {
        Ok(signed) => shop.orders.note_refund(&order_id, signed),
        Err(error) => {
            tracing::warn!(order.id = order_id, refund.id = refund.refund_id, reason = %error, "no refund");
            if error.is_definite() {
                shop.orders.forget_refund(&order_id, &refund.refund_id);
            }
            return Err(error.into());
        }
    }
    tracing::info!(order.id = order_id, refund.id = refund.refund_id, "asked for a refund");
    Ok(Json(shop.orders.find(&visitor, &order_id)?).into_response())
}

/// Asks the signer where an order's refunds stand: one that failed is told by no webhook.
pub(super) async fn check_refunds(
    (State(shop), Extension(visitor)): Visited,
    Path(order_id): Path<String>,
) -> Result<Response, ShopError> {
    let payment_id = shop.orders.find(&visitor, &order_id)?.opened_payment()?;
    for signed in shop.signer.refunds(&order_id, &payment_id).await? {
        shop.orders.note_refund(&order_id, signed);
    }
    Ok(Json(shop.orders.find(&visitor, &order_id)?).into_response())
}
