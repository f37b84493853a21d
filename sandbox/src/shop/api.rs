//! What the shop's own page asks of the shop.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tower_http::set_header::SetResponseHeaderLayer;

use super::Shop;
use super::catalog::{self, Locale, Method, PRODUCTS, Product, Text};
use super::error::ShopError;
use super::orders::Order;
use super::signer::{Metadata, NewPayment, Opened};

const BODY_BYTES_MAX: usize = 4 * 1024;
const EXPIRES_IN_S: u32 = 900;

pub(super) fn routes() -> Router<Arc<Shop>> {
    Router::new()
        .route("/api/shop", get(read_shop))
        .route("/api/orders", get(list_orders).post(place_order))
        .route("/api/orders/{order_id}", get(read_order))
        .route("/api/orders/{order_id}/client_secret", post(renew_client_secret))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(only_from_the_shop))
        .layer(SetResponseHeaderLayer::overriding(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
}

#[derive(Serialize)]
struct ShopView<'a> {
    products: &'static [Product],
    methods: Vec<MethodView<'a>>,
    signer: &'a str,
}

#[derive(Serialize)]
struct MethodView<'a> {
    #[serde(rename = "type")]
    type_name: &'static str,
    account: &'a str,
    currency: &'static str,
    name: Text,
    hint: Text,
}

async fn read_shop(State(shop): State<Arc<Shop>>) -> Response {
    let methods = Method::ALL.map(|method| MethodView {
        type_name: method.type_name(),
        account: method.account(&shop.accounts),
        currency: method.currency().code(),
        name: method.name(),
        hint: method.hint(),
    });
    Json(ShopView { products: PRODUCTS, methods: methods.into(), signer: shop.signer.url() }).into_response()
}

/// All that the browser decides. A price or a payer in here is an unknown field, and refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOrder {
    product: String,
    method: String,
    locale: String,
}

/// All that the browser needs to pay: it opens this one payment and nothing else.
#[derive(Serialize)]
struct OpenedView<'a> {
    order_id: &'a str,
    payment_id: &'a str,
    client_secret: &'a str,
    signer: &'a str,
}

async fn place_order(
    State(shop): State<Arc<Shop>>,
    body: Result<Json<NewOrder>, JsonRejection>,
) -> Result<Response, ShopError> {
    let Json(wanted) = body.map_err(|rejection| ShopError::Malformed {
        code: "invalid_request",
        detail: rejection.body_text(),
    })?;
    let product = catalog::product(&wanted.product).ok_or_else(|| ShopError::Malformed {
        code: "unknown_product",
        detail: "the shop does not sell this".to_owned(),
    })?;
    let method = Method::from_type(&wanted.method).ok_or_else(|| ShopError::Malformed {
        code: "unknown_method",
        detail: "the shop does not take this way of paying".to_owned(),
    })?;

    let order = Order::new(product, method, method.account(&shop.accounts));
    shop.orders.add(order.clone());
    match open_payment(&shop, &order, product, method, Locale::from_tag(&wanted.locale)).await {
        Ok(opened) => {
            shop.orders.opened(&order.order_id, &opened.payment_id);
            tracing::info!(order.id = order.order_id, payment.id = opened.payment_id, "took an order");
            Ok((StatusCode::CREATED, opened_view(&shop, &order.order_id, &opened)).into_response())
        }
        Err(error) => {
            shop.orders.forget(&order.order_id);
            Err(error)
        }
    }
}

async fn open_payment(
    shop: &Shop,
    order: &Order,
    product: &Product,
    method: Method,
    locale: Locale,
) -> Result<Opened, ShopError> {
    let payment = NewPayment {
        account: &order.account,
        order_id: &order.order_id,
        amount: order.amount.clone(),
        subject: product.name.in_locale(locale),
        description: product.note.in_locale(locale),
        method: method.request(&shop.payer),
        return_url: &format!("{}/return.html?order={}", shop.public_url, order.order_id),
        expires_in_s: EXPIRES_IN_S,
        metadata: Metadata { product: product.id },
    };
    shop.signer.create_payment(&payment).await.map_err(|error| {
        tracing::warn!(order.id = order.order_id, reason = %error, "no payment for an order");
        error.into()
    })
}

async fn list_orders(State(shop): State<Arc<Shop>>) -> Response {
    Json(shop.orders.list()).into_response()
}

async fn read_order(
    State(shop): State<Arc<Shop>>,
    Path(order_id): Path<String>,
) -> Result<Response, ShopError> {
    Ok(Json(shop.orders.find(&order_id)?).into_response())
}

/// For a tab that lost its session storage, or came back as another tab.
/// A real shop checks first that the order belongs to its visitor; this one has a single visitor.
async fn renew_client_secret(
    State(shop): State<Arc<Shop>>,
    Path(order_id): Path<String>,
) -> Result<Response, ShopError> {
    let payment_id = shop.orders.find(&order_id)?.payment_id.ok_or_else(|| ShopError::Unknown {
        code: "unknown_payment",
        detail: format!("order {order_id} has no payment yet"),
    })?;
    let opened = shop.signer.renew_client_secret(&payment_id).await?;
    Ok(opened_view(&shop, &order_id, &opened).into_response())
}

fn opened_view(shop: &Shop, order_id: &str, opened: &Opened) -> Response {
    Json(OpenedView {
        order_id,
        payment_id: &opened.payment_id,
        client_secret: opened.client_secret.expose(),
        signer: shop.signer.url(),
    })
    .into_response()
}

/// Refuses calls that a browser makes for another site; the visitor's session must not act for strangers.
async fn only_from_the_shop(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
    match site {
        None | Some(b"same-origin" | b"none") => next.run(request).await,
        Some(_) => ShopError::OtherSite.into_response(),
    }
}
