//! A signer that writes down what it is asked and answers as the public interface says.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// One call that the shop made.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) authorization: String,
    /// Null for a call without a body.
    pub(super) body: Value,
}

#[derive(Default)]
struct Told {
    calls: Vec<Call>,
    refusal: Option<(StatusCode, Value)>,
    answers_to_lose: u32,
    refunds: Vec<Value>,
}

/// The signer that a test plays; it answers until the test ends.
pub(super) struct FakeSigner {
    pub(super) url: String,
    told: Arc<Mutex<Told>>,
}

impl FakeSigner {
    pub(super) async fn start() -> Self {
        let told = Arc::new(Mutex::new(Told::default()));
        let router = Router::new().route("/v1/{*path}", any(answer)).with_state(Arc::clone(&told));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, told }
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.told().calls.clone()
    }

    pub(super) fn last_call(&self) -> Call {
        self.told().calls.last().expect("a call").clone()
    }

    /// From now on every call gets this answer.
    pub(super) fn refuse(&self, status: StatusCode, code: &str, errors: Value) {
        let problem = json!({
            "type": format!("urn:countersign:problem:{code}"), "title": "No", "status": status.as_u16(),
            "code": code, "detail": "the reason", "request_id": "req-7", "errors": errors,
        });
        self.told().refusal = Some((status, problem));
    }

    /// From now on every call gets this status with a page that is no problem+json, as from a proxy.
    pub(super) fn refuse_with_a_page(&self, status: StatusCode) {
        self.told().refusal = Some((status, json!("<html>")));
    }

    pub(super) fn stop_refusing(&self) {
        self.told().refusal = None;
    }

    /// The next calls are carried out, and the connection breaks off before the answer is whole.
    pub(super) fn lose_answers(&self, count: u32) {
        self.told().answers_to_lose = count;
    }

    /// The newest refund comes to this end.
    pub(super) fn end_refund(&self, status: &str, failure: Value) {
        let mut told = self.told();
        let refund = told.refunds.last_mut().expect("a refund");
        refund["status"] = json!(status);
        refund["failure"] = failure;
    }

    /// How many refunds it has taken.
    pub(super) fn refunds(&self) -> usize {
        self.told().refunds.len()
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().expect("not poisoned")
    }
}

async fn answer(
    State(told): State<Arc<Mutex<Told>>>,
    Path(path): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let authorization = headers["authorization"].to_str().expect("plain text").to_owned();
    let mut told = told.lock().expect("not poisoned");
    told.calls.push(Call {
        method: method.clone(),
        path: format!("/v1/{path}"),
        authorization,
        body: body.clone(),
    });
    if let Some((status, problem)) = &told.refusal {
        return (*status, problem.to_string()).into_response();
    }
    let path: Vec<&str> = path.split('/').collect();
    let answer = match (method, path.as_slice()) {
        (Method::POST, ["payments"]) => created(&told, &body),
        (Method::POST, ["payments", payment, "client_secret"]) => payment_view(&told, payment),
        (Method::POST, ["payments", payment, "cancel"]) => json!({"id": payment, "status": "canceled"}),
        (Method::POST, ["payments", payment, "refunds"]) => refund(&mut told, payment, &body),
        (Method::GET, ["payments", _, "refunds"]) => json!({"data": told.refunds, "has_more": false}),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    if told.answers_to_lose > 0 {
        told.answers_to_lose -= 1;
        drop(told);
        // The connection's task ends here, and the connection with it.
        std::panic::resume_unwind(Box::new("the line is cut"));
    }
    (StatusCode::CREATED, Json(answer)).into_response()
}

fn created(told: &Told, body: &Value) -> Value {
    payment_view(told, &format!("pay_{}", body["order_id"].as_str().expect("an order number")))
}

fn payment_view(told: &Told, payment: &str) -> Value {
    let client_secret = format!("cs_{}", told.calls.len());
    json!({"id": payment, "status": "created", "revision": 1, "client_secret": client_secret})
}

/// The same number is the same refund.
fn refund(told: &mut Told, payment: &str, body: &Value) -> Value {
    let same = |refund: &&Value| refund["refund_id"] == body["refund_id"];
    if let Some(refund) = told.refunds.iter().find(same) {
        return refund.clone();
    }
    let refund = json!({
        "id": format!("re_{}", told.refunds.len() + 1), "payment": payment, "refund_id": body["refund_id"],
        "amount": body["amount"], "reason": body["reason"], "status": "processing", "failure": null,
    });
    told.refunds.push(refund.clone());
    refund
}
