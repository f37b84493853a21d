//! What the shop's own page asks of the shop, on one screen.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde::Serialize;
use tower_http::set_header::SetResponseHeaderLayer;
use url::Url;

use super::Shop;
use super::catalog::{PRODUCTS, Product, Text};
use super::error::ShopError;
use super::happenings::{Actor, Happening, Kind};
use super::methods::{Ask, Gateway, METHODS};
use super::session::Session;
use super::{follow, manage_order, place_order, session};

const BODY_BYTES_MAX: usize = 4 * 1024;

pub(super) fn routes(shop: &Arc<Shop>) -> Router<Arc<Shop>> {
    Router::new()
        .route("/api/shop", get(read_shop))
        .route("/api/orders", get(manage_order::list).post(place_order::place))
        .route("/api/orders/{order_id}", get(manage_order::read))
        .route("/api/orders/stream", get(follow::all))
        .route("/api/orders/{order_id}/stream", get(follow::one))
        .route("/api/orders/{order_id}/happenings", get(manage_order::happenings))
        .route("/api/orders/{order_id}/visit", post(manage_order::visit))
        .route("/api/orders/{order_id}/client_secret", post(place_order::renew_client_secret))
        .route("/api/orders/{order_id}/cancel", post(manage_order::cancel))
        .route("/api/orders/{order_id}/refunds", get(manage_order::check_refunds).post(manage_order::refund))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(shop), note_call))
        .layer(middleware::from_fn_with_state(Arc::clone(shop), session::recognise))
        .layer(middleware::from_fn(only_from_the_shop))
        .layer(SetResponseHeaderLayer::overriding(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
}

#[derive(Serialize)]
struct ShopView<'a> {
    products: &'static [Product],
    gateways: Vec<GatewayView>,
    methods: Vec<MethodView<'a>>,
    jubao_channel_id: u32,
    jweixin_url: Option<&'a str>,
    signer: &'a str,
}

#[derive(Serialize)]
struct GatewayView {
    id: Gateway,
    name: Text,
    refunds: bool,
}

#[derive(Serialize)]
struct MethodView<'a> {
    #[serde(rename = "type")]
    type_name: &'static str,
    gateway: Gateway,
    account: &'a str,
    currency: &'static str,
    usual: bool,
    name: Text,
    hint: Text,
    asks: &'static [Ask],
}

async fn read_shop(State(shop): State<Arc<Shop>>) -> Response {
    let gateways = Gateway::ALL.map(|id| GatewayView { id, name: id.name(), refunds: id.refunds() }).into();
    let methods = METHODS.iter().map(|method| MethodView {
        type_name: method.type_name,
        gateway: method.gateway,
        account: method.gateway.account(&shop.accounts),
        currency: method.gateway.currency().code(),
        usual: method.usual,
        name: method.name,
        hint: method.hint,
        asks: method.asks,
    });
    Json(ShopView {
        products: PRODUCTS,
        gateways,
        methods: methods.collect(),
        jubao_channel_id: shop.merchant.jubao_channel_id,
        jweixin_url: shop.jweixin_url.as_ref().map(Url::as_str),
        signer: shop.signer.url(),
    })
    .into_response()
}

/// Notes what a visitor's page asks to be done with an order; plain looks are not worth a line.
async fn note_call(
    State(shop): State<Arc<Shop>>,
    Extension(visitor): Extension<Session>,
    path: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let meant = path.iter().find(|(name, _)| *name == "order_id").map(|(_, order_id)| order_id.to_owned());
    let call = request.extensions().get::<MatchedPath>().map(|path| format!("POST {}", path.as_str()));
    let call = call.filter(|_| request.method() == Method::POST);
    let line = call.map(|call| Happening::now(Kind::Call, Actor::Page, Actor::Shop, call));
    let response = next.run(request).await;
    if let (Some(line), Some(order_id)) = (line, meant)
        && shop.orders.find(&visitor, &order_id).is_ok()
    {
        shop.orders.note(&order_id, line.answered(Some(response.status())));
    }
    response
}

/// Refuses calls that a browser makes for another site; the visitor's session must not act for strangers.
async fn only_from_the_shop(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
    match site {
        None | Some(b"same-origin" | b"none") => next.run(request).await,
        Some(_) => ShopError::OtherSite.into_response(),
    }
}
