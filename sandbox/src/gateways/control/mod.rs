//! The control interface, for tests and the demo: it looks at what arrived, pays without a payer, orders faults, and
//! steers how the simulators behave.

mod orders;
mod people;
mod steering;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::journal::Entry;
use super::orders::Immovable;
use super::world::World;

/// The longest that a listener is kept waiting.
const WAIT_S_MAX: u64 = 30;

/// Everything under `/_control`.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/journal", get(journal).delete(clear_journal))
        .route("/overheard", get(overheard))
        .route("/{gateway}/orders", get(orders::orders))
        .route("/{gateway}/orders/{order_no}/pay", post(orders::pay))
        .route("/{gateway}/orders/{order_no}/close", post(orders::close))
        .route("/{gateway}/orders/{order_no}/refund", post(orders::refund))
        .route("/{gateway}/refunds/{refund_no}/settle", post(orders::settle_refund))
        .route(
            "/{gateway}/faults",
            get(steering::faults).post(steering::add_fault).delete(steering::clear_faults),
        )
        .route(
            "/{gateway}/dress",
            get(steering::dress).put(steering::put_dress).delete(steering::reset_dress),
        )
        .route(
            "/{gateway}/settings",
            get(steering::settings).put(steering::put_settings).delete(steering::reset_settings),
        )
        .route("/{gateway}/users/{user}", get(people::user).put(people::put_user))
        .route("/{gateway}/callback", put(people::put_callback))
        .route("/{gateway}/tokens/expire", post(people::expire_tokens))
        .route("/{gateway}/micropay/{code}", put(people::plan_bar_code))
        .route("/{gateway}/transfers", get(people::transfers))
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
            Immovable::Amount => Self(StatusCode::CONFLICT, "there is not so much left to give back".into()),
        }
    }
}

fn not_here(what: &str) -> Problem {
    Problem(StatusCode::NOT_FOUND, format!("this gateway has no {what}"))
}

fn unusable(what: impl Into<String>) -> Problem {
    Problem(StatusCode::UNPROCESSABLE_ENTITY, what.into())
}

/// From where on the journal is read; a long run reads it in pieces, because old entries are forgotten.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reading {
    #[serde(default)]
    after: u64,
}

async fn journal(
    State(world): State<Arc<World>>,
    Query(Reading { after }): Query<Reading>,
) -> Json<Vec<Entry>> {
    Json(world.journal.entries_after(after))
}

/// From where on the talk is heard, and how long an answer may wait for a further line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listening {
    #[serde(default)]
    after: u64,
    #[serde(default)]
    wait_s: u64,
}

/// The talk about orders, without a word of any message: at once when there is more of it, else after the wait.
async fn overheard(
    State(world): State<Arc<World>>,
    Query(Listening { after, wait_s }): Query<Listening>,
) -> Json<Value> {
    let mut bell = world.overheard.listen();
    // A listener that knows more than there is has listened to an earlier process.
    let further = bell.wait_for(|last| *last != after);
    // In the end all is told that there is, whether the bell rang or the time was up.
    let _ = tokio::time::timeout(Duration::from_secs(wait_s.min(WAIT_S_MAX)), further).await;
    let (last, lines) = world.overheard.after(after);
    Json(json!({"last": last, "lines": lines}))
}

async fn clear_journal(State(world): State<Arc<World>>) -> Json<Value> {
    world.journal.clear();
    done()
}

/// Reads a body, whatever type it says it has: a test tool should not fail for want of a header.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| unusable(error.to_string()))
}

/// Reads a body that may be left out.
fn read_or_default<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, Problem> {
    if body.is_empty() || body == b"null" { Ok(T::default()) } else { read(body) }
}

fn done() -> Json<Value> {
    Json(json!({"done": true}))
}
