//! The way of every API call: read the message, let a fault happen, judge, note it in the journal, answer.

use std::future::pending;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::clock;
use super::fault::{Fault, Scripted};
use super::journal::Answered;
use super::language::Language;
use super::message::{Fields, Message};
use super::orders::Deviation;
use super::page::Page;
use super::serve;
use super::world::{Gateway, World};

/// One API endpoint of one gateway.
#[derive(Clone, Copy)]
pub(crate) struct Endpoint {
    pub(crate) gateway: Gateway,
    /// Its name in the journal and in fault orders.
    pub(crate) name: &'static str,
    /// How this gateway wraps an answer.
    pub(crate) envelope: fn(&World, Result<Value, Refusal>) -> Value,
    /// How it signs one, if it does.
    pub(crate) sign: fn(&World, &Fields) -> Option<String>,
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
        world: &Arc<World>,
        request: Request,
        judge: impl FnOnce(&Message) -> Result<Value, Refusal>,
    ) -> Response {
        let began = clock::now();
        let message = Message::read(request).await;
        let fault = world.faults.take(self.gateway, self.name);
        let verdict = match &fault {
            Some(scripted) if scripted.fault.is_before() => {
                return self.fail_before(world, &message, scripted).await;
            }
            Some(scripted) if scripted.fault == Fault::Code => Err(scripted.refusal()),
            Some(scripted) if scripted.fault == Fault::CodeAfter => {
                judge(&message).and_then(|_| Err(scripted.refusal()))
            }
            _ => judge(&message),
        };
        let fault = fault.map(|scripted| scripted.fault);
        if let (Some(Fault::NotifyBeforeAnswer), Ok(data)) = (fault, &verdict) {
            self.notify(world, &message, data).await;
        }
        let refused = verdict.as_ref().err().map(|refusal| format!("{}: {}", refusal.code, refusal.message));
        let body = self.answer(world, verdict, fault);
        let (answered, response) = match fault {
            Some(Fault::HangAfter | Fault::DropAfter) => (Answered::nothing(), serve::hang_up()),
            Some(Fault::Status500After) => failed(StatusCode::INTERNAL_SERVER_ERROR),
            Some(Fault::GarbageAfter) => {
                (Answered::new(StatusCode::OK, GARBAGE), Html(GARBAGE).into_response())
            }
            _ => (Answered::new(StatusCode::OK, body.clone()), serve::json(StatusCode::OK, body)),
        };
        let place = (self.gateway, self.name);
        world.overheard.call(
            began,
            place,
            &message,
            (answered.status, refused.is_none() && answered.status == 200),
        );
        world.journal.record(place, &message, refused, answered);
        if fault == Some(Fault::HangAfter) {
            pending::<()>().await;
        }
        response
    }

    /// The answer's text: dressed, signed and wrapped.
    fn answer(self, world: &World, verdict: Result<Value, Refusal>, fault: Option<Fault>) -> String {
        let dress = world.simulator(self.gateway).dress().get();
        let good = verdict.is_ok();
        let verdict = verdict.map(|data| dress.answer(data, |fields| (self.sign)(world, fields)));
        let mut envelope = (self.envelope)(world, verdict);
        if fault == Some(Fault::BadSign) {
            spoil_sign(&mut envelope);
        }
        dress.body(envelope, good)
    }

    /// Pays the order that a call has just placed, and waits until the merchant has been told.
    async fn notify(self, world: &Arc<World>, message: &Message, data: &Value) {
        let fields = message.fields.as_ref().ok();
        let sent = fields.and_then(|fields| fields.text("merchant_order_sn"));
        let Some(order_no) = data.get("out_trade_no").and_then(Value::as_str).or(sent) else { return };
        let simulator = world.simulator(self.gateway);
        let paid = simulator.ledger().force_pay(order_no, &Deviation::default(), simulator.transaction_id());
        if paid.is_ok() {
            // In a task of its own: a merchant that hangs up, or dies, is notified all the same.
            let (world, order_no) = (Arc::clone(world), order_no.to_owned());
            let telling = tokio::spawn(async move { world.announce(self.gateway, &order_no).await });
            let _ = telling.await;
        }
    }

    async fn fail_before(self, world: &World, message: &Message, scripted: &Scripted) -> Response {
        let (answered, response) = match scripted.fault {
            Fault::Status500Before => failed(StatusCode::INTERNAL_SERVER_ERROR),
            _ => (Answered::nothing(), serve::hang_up()),
        };
        let reason = format!("not looked at: {:?} was ordered", scripted.fault);
        world.overheard.call(clock::now(), (self.gateway, self.name), message, (answered.status, false));
        world.journal.record((self.gateway, self.name), message, Some(reason), answered);
        if scripted.fault == Fault::Hang {
            pending::<()>().await;
        }
        response
    }
}

/// Lets an ordered fault happen to a page that a browser asks for. A `code` is shown as the gateway's error page.
pub(crate) async fn fault_of_page(world: &World, gateway: Gateway, name: &str) -> Option<Response> {
    let scripted = world.faults.take(gateway, name)?;
    match scripted.fault {
        Fault::Hang | Fault::HangAfter => pending().await,
        Fault::DropBefore | Fault::DropAfter => Some(serve::hang_up()),
        Fault::Status500Before | Fault::Status500After => Some(failed(StatusCode::INTERNAL_SERVER_ERROR).1),
        Fault::GarbageAfter => Some(Html(GARBAGE).into_response()),
        Fault::Code | Fault::CodeAfter => {
            let Refusal { code, message, .. } = scripted.refusal();
            Some(Page::error(gateway, Language::Chinese, &code.to_string(), &message).into_response())
        }
        Fault::BadSign | Fault::NotifyBeforeAnswer => None,
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

/// Puts a signature into the answer that has the right form and is wrong. An answer without envelope is its own data.
fn spoil_sign(envelope: &mut Value) {
    let within = if envelope.get("sign").is_some() { Some(envelope) } else { envelope.get_mut("data") };
    let Some(data) = within.and_then(Value::as_object_mut) else { return };
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
        let mut bare = json!({"sign": "0A1"});
        spoil_sign(&mut bare);
        assert_eq!(bare, json!({"sign": "100"}));
    }
}
