//! The checkout API: what a payer's browser may do with its one payment.

use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use countersign_core::{Environment, FieldError};
use http::header::CACHE_CONTROL;
use serde::Deserialize;
use serde_json::Value;

use super::auth::Payer;
use super::body::JsonBody;
use super::circumstances::Seen;
use super::merchant::bad_query;
use super::problem::Refused;
use crate::app::{App, Record};

const WAIT_S_MAX: u64 = 30;
const RESULTS: [&str; 4] = ["ok", "cancel", "fail", "unknown"];

/// The query of `GET /v1/checkout/{id}`.
#[derive(Debug, Deserialize)]
pub(super) struct WatchQuery {
    after_revision: Option<i64>,
    wait_s: Option<u64>,
}

/// `GET /v1/checkout/{id}`: at once when the revision is newer, else when it changes, else after the wait.
pub(super) async fn show(
    Payer(record): Payer,
    State(app): State<App>,
    query: Result<Query<WatchQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Refused> {
    let Query(query) = query.map_err(bad_query)?;
    let wait_s = query.wait_s.unwrap_or(0);
    if wait_s > WAIT_S_MAX {
        let error = FieldError::new("wait_s", "out_of_range", format!("must be 0 to {WAIT_S_MAX}"));
        return Err(Refused::fields(vec![error]));
    }
    // Without a revision to compare there is nothing to wait for.
    let record = match query.after_revision {
        Some(after) if wait_s > 0 => app.watch_payment(record, after, Duration::from_secs(wait_s)).await?,
        _ => record,
    };
    Ok(view(&record))
}

/// `POST /v1/checkout/{id}/confirm`: submits, unless that was done.
pub(super) async fn confirm(
    Payer(record): Payer,
    State(app): State<App>,
    seen: Seen,
    JsonBody(body): JsonBody,
) -> Result<Response, Refused> {
    let said = one_of(&body, "environment", &environments())?;
    let circumstances = seen.circumstances(said.and_then(Environment::parse), record.method.kind);
    Ok(view(&app.submit_payment(&record.id, circumstances).await?))
}

fn environments() -> Vec<&'static str> {
    Environment::ALL.iter().map(|environment| environment.as_str()).collect()
}

/// `POST /v1/checkout/{id}/returned`: a hint to ask the gateway now.
pub(super) async fn returned(
    Payer(record): Payer,
    State(app): State<App>,
    JsonBody(body): JsonBody,
) -> Result<Response, Refused> {
    one_of(&body, "result", &RESULTS)?;
    Ok(view(&app.payer_returned(&record).await?))
}

fn view(record: &Record) -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(record.payment().checkout_view())).into_response()
}

/// An object with at most this field, which is one of `words`.
fn one_of<'a>(body: &'a Value, field: &str, words: &[&str]) -> Result<Option<&'a str>, Refused> {
    let Value::Object(fields) = body else {
        return Err(Refused::fields(vec![FieldError::new("", "wrong_type", "the body must be an object")]));
    };
    let mut errors: Vec<FieldError> = fields
        .keys()
        .filter(|name| *name != field)
        .map(|name| FieldError::new(name, "unknown_field", "no such field"))
        .collect();
    let mut said = None;
    match fields.get(field) {
        None | Some(Value::Null) => {}
        Some(Value::String(word)) if words.contains(&word.as_str()) => said = Some(word.as_str()),
        Some(_) => {
            errors.push(FieldError::new(field, "invalid_value", format!("one of {}", words.join(", "))))
        }
    }
    if errors.is_empty() { Ok(said) } else { Err(Refused::fields(errors)) }
}
