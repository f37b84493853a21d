//! A visitor orders: the shop decides price and payer, and has the signer open the payment.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use super::Shop;
use super::catalog::{self, Locale, Product};
use super::error::ShopError;
use super::happenings::{Actor, Happening, Kind};
use super::methods::{self, Ask, Method};
use super::options::Options;
use super::order::Order;
use super::payment_method::payment_method;
use super::session::Session;
use super::signer::{Metadata, NewPayment, Opened};
use super::signer_error::SignerError;

const EXPIRES_IN_S: u32 = 900;

/// All that the browser decides. A price or a payer in here is an unknown field, and refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOrder {
    product: String,
    method: String,
    locale: String,
    #[serde(default)]
    options: Options,
}

impl NewOrder {
    fn read(&self) -> Result<(&'static Product, &'static Method), ShopError> {
        let unknown = |code, detail: &str| ShopError::Malformed { code, detail: detail.to_owned() };
        let product = catalog::product(&self.product)
            .ok_or_else(|| unknown("unknown_product", "the shop does not sell this"))?;
        let method = methods::method(&self.method)
            .ok_or_else(|| unknown("unknown_method", "the shop does not take this way of paying"))?;
        self.options.check(method)?;
        Ok((product, method))
    }
}

/// All that the browser needs to pay: it opens this one payment and nothing else.
#[derive(Serialize)]
struct OpenedView<'a> {
    order_id: &'a str,
    key: &'a str,
    payment_id: &'a str,
    /// None for an order at the till, which needs no browser.
    client_secret: Option<&'a str>,
    signer: &'a str,
}

pub(super) async fn place(
    State(shop): State<Arc<Shop>>,
    Extension(visitor): Extension<Session>,
    body: Result<Json<NewOrder>, JsonRejection>,
) -> Result<Response, ShopError> {
    let Json(wanted) = body?;
    // A page that is reloaded hangs up, which must not leave an order half placed.
    let placed = tokio::spawn(place_whole(shop, visitor, wanted)).await;
    placed.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))
}

async fn place_whole(shop: Arc<Shop>, visitor: Session, wanted: NewOrder) -> Result<Response, ShopError> {
    let (product, method) = wanted.read()?;
    let at_till = method.asks.contains(&Ask::AuthCode);

    let order = Order::new(visitor, product, method, &shop.accounts);
    shop.orders.add(order.clone());
    let placed = Happening::now(Kind::Call, Actor::Page, Actor::Shop, "POST /api/orders");
    shop.orders.note(&order.order_id, placed.answered(Some(StatusCode::CREATED)));
    match open_payment(&shop, &order, product, method, &wanted).await {
        Ok(opened) => {
            shop.orders.opened(&order.order_id, &opened.payment_id);
            tracing::info!(order.id = order.order_id, payment.id = opened.payment_id, "took an order");
            let secret = (!at_till).then(|| opened.client_secret.expose());
            Ok((StatusCode::CREATED, opened_view(&shop, &order, &opened, secret)).into_response())
        }
        Err(error) => {
            tracing::warn!(order.id = order.order_id, reason = %error, "no payment for an order");
            // What the browser cannot start cannot be paid. What the till sent may have been paid all the same,
            // and the order waits for the webhook that says so.
            if !at_till || error.is_definite() {
                shop.orders.forget(&order.order_id);
            } else {
                shop.orders.keep(&order.order_id);
            }
            Err(error.into())
        }
    }
}

async fn open_payment(
    shop: &Shop,
    order: &Order,
    product: &Product,
    method: &Method,
    wanted: &NewOrder,
) -> Result<Opened, SignerError> {
    let locale = Locale::from_tag(&wanted.locale);
    let payment = NewPayment {
        account: &order.account,
        order_id: &order.order_id,
        amount: order.amount.clone(),
        subject: product.name.in_locale(locale),
        description: product.note.in_locale(locale),
        method: payment_method(method, &wanted.options, order, &shop.payer, &shop.merchant),
        return_url: &format!("{}/return.html?order={}", shop.public_url, order.order_id),
        expires_in_s: EXPIRES_IN_S,
        metadata: Metadata { product: product.id },
        // The till has the payer's code already: there is nothing left for a browser to do.
        confirm: method.asks.contains(&Ask::AuthCode),
    };
    shop.signer.create_payment(&payment).await
}

/// For a tab that lost its session storage, or came back as another tab. The secret before it stops working.
pub(super) async fn renew_client_secret(
    State(shop): State<Arc<Shop>>,
    Extension(visitor): Extension<Session>,
    Path(order_id): Path<String>,
) -> Result<Response, ShopError> {
    let order = shop.orders.find(&visitor, &order_id)?;
    let opened = shop.signer.renew_client_secret(&order_id, &order.opened_payment()?).await?;
    Ok(opened_view(&shop, &order, &opened, Some(opened.client_secret.expose())).into_response())
}

fn opened_view(shop: &Shop, order: &Order, opened: &Opened, client_secret: Option<&str>) -> Response {
    Json(OpenedView {
        order_id: &order.order_id,
        key: &order.key,
        payment_id: &opened.payment_id,
        client_secret,
        signer: shop.signer.url(),
    })
    .into_response()
}
