//! The merchant API's refunds.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use countersign_core::{Refund, RefundId};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap};

use super::auth::Merchant;
use super::body::JsonBody;
use super::merchant::{Page, idempotency_key, payment_id};
use super::problem::Refused;
use crate::app::{App, RefundRequest};

/// `POST /v1/payments/{id}/refunds`.
pub(super) async fn create(
    merchant: Merchant,
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Refused> {
    let idempotency_key = idempotency_key(&headers)?;
    let payment = payment_id(&id)?;
    let request = RefundRequest { api_key: merchant.api_key, idempotency_key, payment, body };
    let answer = app.refund_payment(request).await?;
    let status = StatusCode::from_u16(answer.http_status).unwrap_or(StatusCode::OK);
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    Ok((status, headers, answer.body).into_response())
}

/// `GET /v1/payments/{id}/refunds`.
pub(super) async fn list(
    _: Merchant,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Page<Refund>>, Refused> {
    Ok(Json(Page::whole(app.refunds(&payment_id(&id)?).await?)))
}

/// `GET /v1/payments/{id}/refunds/{refund}`.
pub(super) async fn show(
    _: Merchant,
    State(app): State<App>,
    Path((id, refund)): Path<(String, String)>,
) -> Result<Json<Refund>, Refused> {
    let refund = RefundId::parse(&refund).ok_or_else(|| Refused::not_found("refund"))?;
    Ok(Json(app.refund_of(&payment_id(&id)?, &refund).await?))
}
