//! The control interface, for tests and the demo: it looks at what arrived, pays without a payer, and orders faults.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::dotwallet::AccountChange;
use super::fault::{Fault, Scripted};
use super::journal::Entry;
use super::ledger::View;
use super::notification::{Delivery, Notice};
use super::orders::{Deviation, Immovable};
use super::page::web_address;
use super::world::{Gateway, Wording, World};

/// Copies of one notification that can be asked for at once.
const COPIES_MAX: u32 = 100;

/// Everything under `/_control`.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/journal", get(journal).delete(clear_journal))
        .route("/{gateway}/orders", get(orders))
        .route("/{gateway}/orders/{order_no}/pay", post(pay))
        .route("/{gateway}/orders/{order_no}/close", post(close))
        .route("/{gateway}/orders/{order_no}/refund", post(refund))
        .route("/{gateway}/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/{gateway}/users/{user}", get(user).put(put_user))
        .route("/{gateway}/callback", put(put_callback))
}

/// Why the control interface does not do what was asked.
struct Problem(StatusCode, String);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

impl From<Immovable> for Problem {
    fn from(reason: Immovable) -> Self {
        match reason {
            Immovable::Unknown => Self(StatusCode::NOT_FOUND, "no such order".into()),
            Immovable::Stands(state) => Self(StatusCode::CONFLICT, format!("the order is {state:?}")),
        }
    }
}

fn not_here(what: &str) -> Problem {
    Problem(StatusCode::NOT_FOUND, format!("this gateway has no {what}"))
}

fn unusable(what: impl Into<String>) -> Problem {
    Problem(StatusCode::UNPROCESSABLE_ENTITY, what.into())
}

async fn journal(State(world): State<Arc<World>>) -> Json<Vec<Entry>> {
    Json(world.journal.entries())
}

async fn clear_journal(State(world): State<Arc<World>>) -> Json<Value> {
    world.journal.clear();
    done()
}

async fn orders(State(world): State<Arc<World>>, Path(gateway): Path<Gateway>) -> Json<Vec<View>> {
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
            book: true,
        }
    }
}

async fn pay(
    State(world): State<Arc<World>>,
    Path((gateway, order_no)): Path<(Gateway, String)>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let payment: Payment = if body.is_empty() { Payment::default() } else { read(&body)? };
    if gateway == Gateway::DotWallet {
        return Err(not_here("payments that the payer makes"));
    }
    if payment.times > COPIES_MAX {
        return Err(unusable(format!("times is at most {COPIES_MAX}")));
    }
    let deviation = Deviation { amount: payment.amount, currency: payment.currency.clone() };
    let (simulator, book) = (world.simulator(gateway), payment.book && !payment.forge);
    if book {
        simulator.ledger().force_pay(&order_no, &deviation, simulator.transaction_id())?;
    } else if simulator.ledger().views().iter().all(|order| order.order_no != order_no) {
        return Err(Immovable::Unknown.into());
    }
    let wording = Wording { deviation, forged: payment.forge };
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

async fn close(
    State(world): State<Arc<World>>,
    Path((gateway, order_no)): Path<(Gateway, String)>,
) -> Result<Json<Value>, Problem> {
    world.simulator(gateway).ledger().close(&order_no)?;
    Ok(done())
}

async fn refund(
    State(world): State<Arc<World>>,
    Path((gateway, order_no)): Path<(Gateway, String)>,
) -> Result<Json<Value>, Problem> {
    world.simulator(gateway).ledger().refund(&order_no)?;
    Ok(done())
}

async fn faults(State(world): State<Arc<World>>, Path(gateway): Path<Gateway>) -> Json<Vec<Scripted>> {
    Json(world.faults.of(gateway))
}

async fn add_fault(
    State(world): State<Arc<World>>,
    Path(gateway): Path<Gateway>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let scripted: Scripted = read(&body)?;
    let endpoints = world.simulator(gateway).endpoints();
    if !endpoints.contains(&scripted.endpoint.as_str()) {
        return Err(unusable(format!("endpoint is one of {endpoints:?}")));
    }
    if scripted.fault == Fault::Code && scripted.code.is_none() {
        return Err(unusable("the fault `code` needs a code"));
    }
    if scripted.fault == Fault::BadSign && gateway == Gateway::DotWallet {
        return Err(not_here("signed answers"));
    }
    world.faults.add(gateway, scripted);
    Ok(done())
}

async fn clear_faults(State(world): State<Arc<World>>, Path(gateway): Path<Gateway>) -> Json<Value> {
    world.faults.clear(gateway);
    done()
}

async fn user(
    State(world): State<Arc<World>>,
    Path((gateway, user)): Path<(Gateway, String)>,
) -> Result<Response, Problem> {
    match gateway {
        Gateway::DotWallet => {
            let account = world.dotwallet.account(&user);
            let account = account.ok_or_else(|| Problem(StatusCode::NOT_FOUND, "no such user".into()))?;
            Ok(Json(account).into_response())
        }
        _ => Err(not_here("users to look at")),
    }
}

/// A payer at Hicoin.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayerChange {
    access_token: String,
}

async fn put_user(
    State(world): State<Arc<World>>,
    Path((gateway, user)): Path<(Gateway, String)>,
    body: Bytes,
) -> Result<Response, Problem> {
    match gateway {
        Gateway::DotWallet => {
            let change: AccountChange = read(&body)?;
            Ok(Json(world.dotwallet.change_account(&user, &change)).into_response())
        }
        Gateway::Hicoin => {
            let change: PayerChange = read(&body)?;
            world.hicoin.set_user(&user, &change.access_token);
            Ok(done().into_response())
        }
        Gateway::Jubao | Gateway::BlueOcean => Err(not_here("users")),
    }
}

/// The portal's callback address; `null` takes it away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Callback {
    url: Option<String>,
}

async fn put_callback(
    State(world): State<Arc<World>>,
    Path(gateway): Path<Gateway>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    if gateway != Gateway::Hicoin {
        return Err(not_here("portal setting of this kind"));
    }
    let callback: Callback = read(&body)?;
    if callback.url.as_deref().is_some_and(|url| web_address(url).is_none()) {
        return Err(unusable("url is not a web address"));
    }
    world.hicoin.set_callback_url(callback.url);
    Ok(done())
}

/// Reads a body, whatever type it says it has: a test tool should not fail for want of a header.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| unusable(error.to_string()))
}

fn done() -> Json<Value> {
    Json(json!({"done": true}))
}
