//! A signer that writes down what it is asked and answers as the public interface says.

use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// One call that the shop made.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) path: String,
    pub(super) authorization: String,
    pub(super) body: Value,
}

#[derive(Default)]
struct Told {
    calls: Vec<Call>,
    refusal: Option<(StatusCode, Value)>,
}

/// The signer that a test plays; it answers until the test ends.
pub(super) struct FakeSigner {
    pub(super) url: String,
    told: Arc<Mutex<Told>>,
}

impl FakeSigner {
    pub(super) async fn start() -> Self {
        let told = Arc::new(Mutex::new(Told::default()));
        let router = Router::new()
            .route("/v1/payments", post(create))
            .route("/v1/payments/{id}/client_secret", post(renew))
            .with_state(Arc::clone(&told));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, told }
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.told.lock().expect("not poisoned").calls.clone()
    }

    /// From now on every call gets this answer.
    pub(super) fn refuse(&self, status: StatusCode, problem: Value) {
        self.told.lock().expect("not poisoned").refusal = Some((status, problem));
    }
}

type Shared = State<Arc<Mutex<Told>>>;

async fn create(told: Shared, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let payment_id = format!("pay_{}", body["order_id"].as_str().expect("an order number"));
    answer(told, &headers, "/v1/payments".to_owned(), payment_id, body)
}

async fn renew(
    told: Shared,
    Path(payment_id): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    answer(told, &headers, format!("/v1/payments/{payment_id}/client_secret"), payment_id, body)
}

fn answer(
    State(told): Shared,
    headers: &HeaderMap,
    path: String,
    payment_id: String,
    body: Value,
) -> Response {
    let mut told = told.lock().expect("not poisoned");
    let authorization = headers["authorization"].to_str().expect("plain text").to_owned();
    told.calls.push(Call { path, authorization, body });
    if let Some((status, problem)) = &told.refusal {
        return (*status, problem.to_string()).into_response();
    }
    let client_secret = format!("cs_{}", told.calls.len());
    let payment =
        json!({"id": payment_id, "status": "created", "revision": 1, "client_secret": client_secret});
    (StatusCode::CREATED, Json(payment)).into_response()
}
