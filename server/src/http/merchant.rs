//! The merchant API: the backend creates, reads and steers payments.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use countersign_core::{FieldError, Payment, PaymentId, PaymentStatus};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use super::auth::Merchant;
use super::body::JsonBody;
use super::problem::Refused;
use crate::app::{App, Checked, CreateRequest, ListFilter, Record, Said};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// In the answer to `sync`: `told` and the gateway's word, or `not-told` and why.
const GATEWAY_WORD: &str = "x-gateway-word";
const GATEWAY_WORD_MAX: usize = 200;

/// `POST /v1/payments`.
pub(super) async fn create(
    merchant: Merchant,
    State(app): State<App>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Refused> {
    let idempotency_key = idempotency_key(&headers)?;
    let request = CreateRequest { api_key: merchant.api_key, idempotency_key, body };
    let answer = app.create_payment(request).await?;
    let status = StatusCode::from_u16(answer.http_status).unwrap_or(StatusCode::OK);
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    Ok((status, headers, answer.body).into_response())
}

/// The `Idempotency-Key` header.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refused> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = given.next() else { return Ok(None) };
    let refused = |why| Err(Refused::fields(vec![FieldError::new("Idempotency-Key", "invalid_header", why)]));
    match value.to_str() {
        _ if given.next().is_some() => refused("one header only"),
        Ok(key) if (1..=255).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => refused("1 to 255 visible ASCII characters"),
    }
}

/// `GET /v1/payments/{id}`.
pub(super) async fn show(
    _: Merchant,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Payment>, Refused> {
    Ok(Json(app.payment_in_full(&payment_id(&id)?).await?))
}

/// `POST /v1/payments/{id}/confirm`.
pub(super) async fn confirm(
    _: Merchant,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Payment>, Refused> {
    Ok(Json(app.confirm_payment(&payment_id(&id)?).await?.payment()))
}

/// `POST /v1/payments/{id}/sync`.
pub(super) async fn sync(
    _: Merchant,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let Checked { record, said } = app.sync_payment(&payment_id(&id)?).await?;
    let mut response = Json(record.payment()).into_response();
    if let Some(word) = gateway_word(&said) {
        response.headers_mut().insert(GATEWAY_WORD, word);
    }
    Ok(response)
}

/// What came of asking the gateway, for `countersign reconcile` and for whoever looks for trouble.
fn gateway_word(said: &Said) -> Option<HeaderValue> {
    let text = match said {
        Said::Nothing => return None,
        Said::Told(word) => format!("told {word}"),
        Said::NotTold(reason) => format!("not-told {reason}"),
    };
    let visible = text.chars().map(|c| if c.is_ascii_graphic() { c } else { ' ' }).take(GATEWAY_WORD_MAX);
    HeaderValue::try_from(visible.collect::<String>()).ok()
}

/// `POST /v1/payments/{id}/resolve`.
pub(super) async fn resolve(
    _: Merchant,
    State(app): State<App>,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Json<Payment>, Refused> {
    Ok(Json(app.resolve_payment(&payment_id(&id)?, &body).await?.payment()))
}

/// `POST /v1/payments/{id}/cancel`.
pub(super) async fn cancel(
    _: Merchant,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Payment>, Refused> {
    Ok(Json(app.cancel_payment(&payment_id(&id)?).await?.payment()))
}

/// `POST /v1/payments/{id}/client_secret`.
pub(super) async fn client_secret(
    _: Merchant,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let record = app.renew_client_secret(&payment_id(&id)?).await?;
    let payment = Payment { client_secret: Some(app.client_secret(&record)), ..record.payment() };
    Ok(([(CACHE_CONTROL, "no-store")], Json(payment)).into_response())
}

/// The query of `GET /v1/payments`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    order_id: Option<String>,
    account: Option<String>,
    status: Option<String>,
    limit: Option<String>,
    after: Option<String>,
}

/// A page of a list.
#[derive(Serialize)]
pub(super) struct Page<T> {
    data: Vec<T>,
    has_more: bool,
}

impl<T> Page<T> {
    /// One page of several.
    pub(super) fn of(data: Vec<T>, has_more: bool) -> Self {
        Self { data, has_more }
    }

    /// A list that has one page only.
    pub(super) fn whole(data: Vec<T>) -> Self {
        Self { data, has_more: false }
    }
}

/// `GET /v1/payments`.
pub(super) async fn list(
    _: Merchant,
    State(app): State<App>,
    query: Result<Query<ListQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Page<Payment>>, Refused> {
    let Query(query) = query.map_err(bad_query)?;
    let mut errors = Vec::new();
    let filter = ListFilter {
        order_id: query.order_id,
        account: query.account,
        status: parsed(&mut errors, "status", query.status, "a payment status", PaymentStatus::parse),
        after: parsed(&mut errors, "after", query.after, "a payment id", PaymentId::parse),
        limit: limit(&mut errors, query.limit),
    };
    if !errors.is_empty() {
        return Err(Refused::fields(errors));
    }
    let (records, has_more) = app.list_payments(filter).await?;
    Ok(Json(Page { data: records.iter().map(Record::payment).collect(), has_more }))
}

pub(super) fn payment_id(text: &str) -> Result<PaymentId, Refused> {
    PaymentId::parse(text).ok_or_else(|| Refused::not_found("payment"))
}

pub(super) fn limit(errors: &mut Vec<FieldError>, text: Option<String>) -> usize {
    let fits = |s: &str| s.parse().ok().filter(|n| (1..=100).contains(n));
    parsed(errors, "limit", text, "1 to 100", fits).unwrap_or(20)
}

pub(super) fn parsed<T>(
    errors: &mut Vec<FieldError>,
    field: &str,
    text: Option<String>,
    expected: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let text = text?;
    let value = parse(&text);
    if value.is_none() {
        errors.push(FieldError::new(field, "invalid_value", format!("must be {expected}")));
    }
    value
}

pub(super) fn bad_query(rejection: axum::extract::rejection::QueryRejection) -> Refused {
    Refused::fields(vec![FieldError::new("query", "invalid_query", rejection.body_text())])
}
