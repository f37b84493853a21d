//! Orders by control: looked at, paid, closed, given back.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Problem, done, read, read_or_default, unusable};
use crate::gateways::ledger::View;
use crate::gateways::notification::{Delivery, Notice};
use crate::gateways::orders::{Deviation, Immovable, RefundStatus, State as OrderState};
use crate::gateways::world::{Gateway, Wording, World};

/// Copies of one notification that can be asked for at once.
const COPIES_MAX: u32 = 100;

pub(super) async fn orders(State(world): State<Arc<World>>, Path(gateway): Path<Gateway>) -> Json<Vec<View>> {
    Json(world.simulator(gateway).ledger().views())
}

/// How a payment is to be booked and told.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Payment {
    notify: bool,
    times: u32,
    amount: Option<i64>,
    currency: Option<String>,
    /// Notify with a wrong signature and book nothing.
    forge: bool,
    /// Send the copies at the same time instead of one after the other.
    together: bool,
    /// Book only what a payer could still pay: an unpaid order.
    as_payer: bool,
    /// Book the payment; without it, a rightly signed notification says "paid" of an order that is not.
    book: bool,
}

impl Default for Payment {
    fn default() -> Self {
        Self {
            notify: true,
            times: 1,
            amount: None,
            currency: None,
            forge: false,
            together: false,
            as_payer: false,
            book: true,
        }
    }
}

pub(super) async fn pay(
    State(world): State<Arc<World>>,
    Path((gateway, order_no)): Path<(Gateway, String)>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let payment: Payment = read_or_default(&body)?;
    if payment.times > COPIES_MAX {
        return Err(unusable(format!("times is at most {COPIES_MAX}")));
    }
    let deviation = Deviation { amount: payment.amount, currency: payment.currency.clone() };
    let (simulator, book) = (world.simulator(gateway), payment.book && !payment.forge);
    if book && payment.as_payer {
        simulator.ledger().pay(&order_no, simulator.transaction_id())?;
    } else if book {
        simulator.ledger().force_pay(&order_no, &deviation, simulator.transaction_id())?;
    } else if simulator.ledger().views().iter().all(|order| order.order_no != order_no) {
        return Err(Immovable::Unknown.into());
    }
    if book {
        world.overheard.payment(gateway, &order_no);
    }
    let wording = Wording { deviation, forged: payment.forge, state: None };
    let notifications = match simulator.notice(&order_no, &wording) {
        Some(notice) if payment.notify => send_copies(&world, (gateway, &order_no), &notice, &payment).await,
        _ => Vec::new(),
    };
    let notifications: Vec<_> = notifications.iter().map(told).collect();
    Ok(Json(json!({"paid": book, "notifications": notifications})))
}

async fn send_copies(
    world: &Arc<World>,
    (gateway, order_no): (Gateway, &str),
    notice: &Notice,
    payment: &Payment,
) -> Vec<Delivery> {
    let (mut under_way, mut delivered) = (JoinSet::new(), Vec::new());
    for copy in 1..=payment.times {
        // Only the last copy of a true one is sent again when it was not acknowledged.
        let insist = payment.book && !payment.forge && copy == payment.times;
        let (world, order_no, notice) = (Arc::clone(world), order_no.to_owned(), notice.clone());
        under_way.spawn(async move { world.deliver(gateway, &order_no, &notice, insist).await });
        if !payment.together {
            delivered.extend(under_way.join_next().await.and_then(Result::ok));
        }
    }
    delivered.extend(under_way.join_all().await);
    delivered
}

fn told(delivery: &Delivery) -> Value {
    json!({"status": delivery.status, "body": delivery.body})
}

/// Whether the new state is told, at a gateway whose notifications have words for it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Closing {
    notify: bool,
}

pub(super) async fn close(
    State(world): State<Arc<World>>,
    Path((gateway, order_no)): Path<(Gateway, String)>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let closing: Closing = read_or_default(&body)?;
    world.simulator(gateway).ledger().close(&order_no)?;
    tell(&world, (gateway, &order_no), closing.notify, OrderState::Closed).await;
    Ok(done())
}

/// How much goes back: all that is left, unless an amount is given.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Return {
    amount: Option<i64>,
    notify: bool,
}

pub(super) async fn refund(
    State(world): State<Arc<World>>,
    Path((gateway, order_no)): Path<(Gateway, String)>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let wished: Return = read_or_default(&body)?;
    world.simulator(gateway).ledger().refund(&order_no, wished.amount)?;
    tell(&world, (gateway, &order_no), wished.notify, OrderState::Refunded).await;
    Ok(done())
}

async fn tell(world: &Arc<World>, (gateway, order_no): (Gateway, &str), notify: bool, state: OrderState) {
    let wording = Wording { state: Some(state), ..Wording::default() };
    if let Some(notice) = world.simulator(gateway).notice(order_no, &wording).filter(|_| notify) {
        world.deliver(gateway, order_no, &notice, true).await;
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settlement {
    status: RefundStatus,
}

pub(super) async fn settle_refund(
    State(world): State<Arc<World>>,
    Path((gateway, refund_no)): Path<(Gateway, String)>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let Settlement { status } = read(&body)?;
    world.simulator(gateway).ledger().settle_refund(&refund_no, status)?;
    Ok(done())
}
