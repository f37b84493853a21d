//! The merchant API's events: what webhooks deliver, to pull, and how its delivery fares.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use countersign_core::{EventId, FieldError};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::auth::Merchant;
use super::merchant::{Page, bad_query, limit, parsed};
use super::problem::Refused;
use crate::app::{App, AppError, EventRow};
use crate::clock::rfc3339;

/// The query of `GET /v1/events`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventsQuery {
    after: Option<String>,
    limit: Option<String>,
}

/// An event as it is pulled: its id, the webhook's body, and how its delivery fares.
#[derive(Serialize)]
pub(super) struct Event {
    id: EventId,
    #[serde(flatten)]
    body: EventBody,
    delivery: DeliveryView,
}

#[derive(Serialize, Deserialize)]
struct EventBody {
    #[serde(rename = "type")]
    kind: String,
    timestamp: String,
    data: Box<RawValue>,
}

/// How the delivery of an event fares.
#[derive(Serialize)]
struct DeliveryView {
    state: DeliveryState,
    attempts: i64,
    delivered_at: Option<String>,
    next_attempt_at: Option<String>,
    last_error: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum DeliveryState {
    /// It is tried, again or for the first time.
    Pending,
    /// It arrived.
    Delivered,
    /// It was given up.
    Exhausted,
    /// There was no address to send it to.
    NotSent,
}

impl DeliveryView {
    fn of(row: &EventRow) -> Self {
        let state = match row {
            EventRow { next_attempt_at_ms: Some(_), .. } => DeliveryState::Pending,
            EventRow { delivered_at_ms: Some(_), .. } => DeliveryState::Delivered,
            EventRow { exhausted_at_ms: Some(_), .. } => DeliveryState::Exhausted,
            _ => DeliveryState::NotSent,
        };
        Self {
            state,
            attempts: row.deliveries,
            delivered_at: row.delivered_at_ms.map(rfc3339),
            // What is being sent right now has no next time yet.
            next_attempt_at: row.next_attempt_at_ms.filter(|_| !row.taken).map(rfc3339),
            last_error: row.last_error.clone(),
        }
    }
}

/// `GET /v1/events`.
pub(super) async fn list(
    _: Merchant,
    State(app): State<App>,
    query: Result<Query<EventsQuery>, QueryRejection>,
) -> Result<Json<Page<Event>>, Refused> {
    let Query(query) = query.map_err(bad_query)?;
    let mut errors = Vec::new();
    let after = parsed(&mut errors, "after", query.after, "an event id", EventId::parse);
    let limit = limit(&mut errors, query.limit);
    if errors.is_empty() {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        if let Some((rows, has_more)) = app.events(after, limit).await? {
            let data = rows.into_iter().map(event).collect::<Result<_, _>>()?;
            return Ok(Json(Page::of(data, has_more)));
        }
        errors.push(FieldError::new("after", "unknown_event", "there is no such event"));
    }
    Err(Refused::fields(errors))
}

/// `POST /v1/events/{id}/redeliver`.
pub(super) async fn redeliver(
    _: Merchant,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Event>, Refused> {
    let id = EventId::parse(&id).ok_or_else(|| Refused::not_found("event"))?;
    event(app.redeliver_event(&id).await?).map(Json)
}

fn event(row: EventRow) -> Result<Event, Refused> {
    let body = serde_json::from_slice(&row.body).map_err(|e| AppError::Broken(e.to_string()))?;
    let delivery = DeliveryView::of(&row);
    Ok(Event { id: row.id, body, delivery })
}
