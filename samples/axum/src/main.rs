//! A merchant's backend with axum: decides the price, creates the payment, believes only signed webhooks.

mod orders;
mod refusal;
mod session;
mod settings;
mod signer;
mod webhook;

use std::sync::Arc;

use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::routing::{get, post};
use axum::{Extension, Json, Router, middleware};
use serde::Deserialize;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tokio::net::TcpListener;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use url::Url;

use crate::orders::{Heard, Order, Orders};
use crate::refusal::Refusal;
use crate::session::Session;
use crate::settings::Settings;
use crate::signer::{Opened, Signer, SignerError};

/// What every request works with.
struct Shop {
    settings: Settings,
    orders: Orders,
    signer: Signer,
    verifier: Webhook,
}

type OfShop = State<Arc<Shop>>;

#[tokio::main]
async fn main() -> Result<()> {
    rustls::crypto::ring::default_provider().install_default().ok().context("the first to choose it")?;
    let settings = Settings::from_environment()?;
    let verifier = Webhook::new(&settings.webhook_secret).context("WEBHOOK_SECRET is none")?;
    let orders = Orders::open_file(&settings.database).context("DATABASE cannot be opened")?;
    let listener = TcpListener::bind(("127.0.0.1", settings.port)).await.context("PORT is taken")?;
    let shop = Arc::new(Shop { settings, orders, signer: Signer::new()?, verifier });
    println!("the shop is ready on http://{}", listener.local_addr()?);
    axum::serve(listener, routes(&shop)?).await.context("the shop stopped serving")
}

fn routes(shop: &Arc<Shop>) -> Result<Router> {
    let signer = Url::parse(&shop.settings.signer_public_url)?.origin().ascii_serialization();
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         connect-src 'self' {signer}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    let pages = Router::new()
        .nest_service("/checkout", ServeDir::new(&shop.settings.checkout_dir))
        .fallback_service(ServeDir::new(&shop.settings.page_dir))
        .layer(always(header::CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy)?))
        // WeChat refuses an H5 payment that comes without one.
        .layer(always(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")))
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")));
    let visitors = Router::new()
        .route("/cart/pay", post(pay))
        .route("/orders/{id}/secret", post(renew_secret))
        .route("/orders/{id}", get(read_order))
        .layer(middleware::from_fn_with_state(Arc::clone(shop), session::recognise));
    let shop = Arc::clone(shop);
    Ok(visitors.route("/hooks/payments", post(hear_of_payment)).with_state(shop).merge(pages))
}

fn always(name: HeaderName, value: HeaderValue) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, value)
}

/// All that the browser says is what it wants. A price beside it is not even looked at.
#[derive(Deserialize)]
struct Cart {
    sku: String,
}

async fn pay(
    State(shop): OfShop,
    Extension(session): Extension<Session>,
    cart: Result<Json<Cart>, JsonRejection>,
) -> Result<Json<Value>, Refusal> {
    let item = cart.ok().and_then(|Json(cart)| orders::item(&cart.sku)).ok_or_else(|| {
        let errors =
            json!([{"field": "sku", "code": "unknown_sku", "detail": "the shop does not sell this"}]);
        Refusal::new(422, "invalid_request", "These fields do not fit: sku").with("errors", errors)
    })?;
    let order = shop.orders.open(&session.0, item)?;
    let opened = shop.signer.create_payment(&shop.settings, &order).await;
    payment_of(&shop, &order, opened)
}

/// For a payer who comes back in another tab, where the secret is not known.
async fn renew_secret(
    State(shop): OfShop,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let order = own_order(&shop, &session, &id)?;
    let opened = match &order.payment_id {
        Some(payment_id) => shop.signer.renew_secret(&shop.settings, payment_id).await,
        None => shop.signer.create_payment(&shop.settings, &order).await,
    };
    payment_of(&shop, &order, opened)
}

async fn read_order(
    State(shop): OfShop,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let order = own_order(&shop, &session, &id)?;
    Ok(Json(json!({
        "order_id": order.id,
        "sku": order.sku,
        "amount": {"value": order.value, "currency": order.currency},
        "status": order.status,
        "parcels": shop.orders.parcels(&order.id)?,
        "needs_person": order.needs_person,
    })))
}

async fn hear_of_payment(
    State(shop): OfShop,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let (webhook_id, event) = webhook::verified(&shop.verifier, &headers, &body)?;
    let (order_id, payment_id) = (&event.data.order_id, &event.data.id);
    match shop.orders.hear(&webhook_id, &event, &shop.settings.account)? {
        Heard::Mismatch => {
            let detail = "No order here has this number, account, amount and payment.";
            return Err(Refusal::new(422, "not_our_order", detail));
        }
        Heard::Fulfil => println!("fulfil {order_id}: it is paid, pack it"),
        Heard::Review => eprintln!("review {order_id}: a person must look at {payment_id}"),
        Heard::Noted => {}
    }
    Ok(StatusCode::NO_CONTENT) // Only now: everything is written down.
}

fn own_order(shop: &Shop, session: &Session, id: &str) -> Result<Order, Refusal> {
    let order = shop.orders.own(&session.0, id)?;
    order.ok_or_else(|| Refusal::new(404, "unknown_order", "This browser has no such order."))
}

/// All that the browser needs to pay this order: one payment, and the secret for it.
fn payment_of(
    shop: &Shop,
    order: &Order,
    opened: Result<Opened, SignerError>,
) -> Result<Json<Value>, Refusal> {
    let opened = opened.map_err(|error| {
        eprintln!("order {} has no payment yet: {}", order.id, error.message);
        let (status, code, detail) = if error.is_definite {
            (502, "payment_refused", "This order cannot be paid this way. Nothing was charged.")
        } else {
            let detail = "The payment cannot be opened right now. Your order is kept: please try again.";
            (503, "payment_unavailable", detail)
        };
        Refusal::new(status, code, detail).with("order_id", json!(order.id))
    })?;
    shop.orders.note_payment(&order.id, &opened.id)?;
    Ok(Json(json!({
        "orderId": order.id,
        "signer": shop.settings.signer_public_url,
        "paymentId": opened.id,
        "clientSecret": opened.client_secret,
    })))
}
