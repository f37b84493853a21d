//! The way of every API call: read the message, let a fault happen, judge, note it in the journal, answer.

use std::future::pending;

use axum::extract::Request;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::fault::{Fault, Scripted};
use super::journal::Answered;
use super::message::Message;
use super::serve;
use super::world::{Gateway, World};

/// One API endpoint of one gateway.
#[derive(Clone, Copy)]
pub(crate) struct Endpoint {
    pub(crate) gateway: Gateway,
    /// Its name in the journal and in fault orders.
    pub(crate) name: &'static str,
    /// How this gateway wraps an answer.
    pub(crate) envelope: fn(Result<Value, Refusal>) -> Value,
}

/// A gateway's no: its code, the text beside it, and, at some, data that goes with it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) code: i64,
    pub(crate) message: String,
    pub(crate) data: Option<Value>,
}

impl Refusal {
    pub(crate) fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }
}

const GARBAGE: &str =
    "<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>";

impl Endpoint {
    /// Serves one call; `judge` verifies, books and composes the answer's data.
    pub(crate) async fn serve(
        self,
        world: &World,
        request: Request,
        judge: impl FnOnce(&Message) -> Result<Value, Refusal>,
    ) -> Response {
        let message = Message::read(request).await;
        let fault = world.faults.take(self.gateway, self.name);
        let verdict = match &fault {
            Some(scripted) if scripted.fault.is_before() => {
                return self.fail_before(world, &message, scripted).await;
            }
            Some(scripted) if scripted.fault == Fault::Code => Err(scripted.refusal()),
            _ => judge(&message),
        };
        let refused = verdict.as_ref().err().map(|refusal| format!("{}: {}", refusal.code, refusal.message));
        let mut envelope = (self.envelope)(verdict);
        if fault.as_ref().is_some_and(|scripted| scripted.fault == Fault::BadSign) {
            spoil_sign(&mut envelope);
        }
        let body = envelope.to_string();
        let fault = fault.map(|scripted| scripted.fault);
        let (answered, response) = match fault {
            Some(Fault::HangAfter | Fault::DropAfter) => (Answered::nothing(), serve::hang_up()),
            Some(Fault::Status500After) => failed(StatusCode::INTERNAL_SERVER_ERROR),
            Some(Fault::GarbageAfter) => {
                (Answered::new(StatusCode::OK, GARBAGE), Html(GARBAGE).into_response())
            }
            _ => (Answered::new(StatusCode::OK, body.clone()), serve::json(StatusCode::OK, body)),
        };
        world.journal.record((self.gateway, self.name), &message, refused, answered);
        if fault == Some(Fault::HangAfter) {
            pending::<()>().await;
        }
        response
    }

    async fn fail_before(self, world: &World, message: &Message, scripted: &Scripted) -> Response {
        let (answered, response) = match scripted.fault {
            Fault::Status500Before => failed(StatusCode::INTERNAL_SERVER_ERROR),
            _ => (Answered::nothing(), serve::hang_up()),
        };
        let reason = format!("not looked at: {:?} was ordered", scripted.fault);
        world.journal.record((self.gateway, self.name), message, Some(reason), answered);
        if scripted.fault == Fault::Hang {
            pending::<()>().await;
        }
        response
    }
}

impl Fault {
    const fn is_before(self) -> bool {
        matches!(self, Self::Hang | Self::DropBefore | Self::Status500Before)
    }
}

impl Scripted {
    fn refusal(&self) -> Refusal {
        Refusal {
            code: self.code.unwrap_or(0),
            message: self.message.clone().unwrap_or_default(),
            data: self.data.clone(),
        }
    }
}

fn failed(status: StatusCode) -> (Answered, Response) {
    let body = "Internal Server Error";
    (Answered::new(status, body), (status, body).into_response())
}

/// Puts a signature into the answer's data that has the right form and is wrong.
fn spoil_sign(envelope: &mut Value) {
    let Some(data) = envelope.get_mut("data").and_then(Value::as_object_mut) else { return };
    let spoilt = match data.get("sign").and_then(Value::as_str) {
        Some(sign) => sign.chars().map(|digit| if digit == '0' { '1' } else { '0' }).collect(),
        None => "0".repeat(32),
    };
    data.insert("sign".into(), json!(spoilt));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spoilt_sign_keeps_its_length_and_differs_in_every_digit() {
        let mut envelope = json!({"data": {"sign": "0A1"}});
        spoil_sign(&mut envelope);
        assert_eq!(envelope, json!({"data": {"sign": "100"}}));
    }
}
