//! What the app's scripts in a page ask the app: whether a payment is in order, to pay it, and whether a page may use
//! the page script.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::sign::{md5_sign, sha1_sign, ticket_sign};
use super::{GATEWAY, WeChat};
use crate::gateways::blueocean::Prepared;
use crate::gateways::journal::Answered;
use crate::gateways::message::{Encoding, Malformed, Message, printed};
use crate::gateways::orders::State as OrderState;
use crate::gateways::page::decimal;
use crate::gateways::world::{Gateway, World};

/// The members of a payload that its signature covers.
const SIGNED: [&str; 5] = ["appId", "timeStamp", "nonceStr", "package", "signType"];

/// A page wants the payer to pay.
#[derive(Deserialize)]
struct Payment {
    call: String,
    payload: Value,
}

/// A page wants to use the page script.
#[derive(Deserialize)]
struct Configuration {
    config: Value,
    url: String,
}

/// `POST bridge/open`: what the sheet is to show, or why there is none.
pub(super) async fn open(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let answer = read::<Payment>(&body).and_then(|asked| world.wechat.prepared(&world, &asked));
    let answer = answer.map(|order| {
        json!({
            "amount": format!("{} {}", order.currency, decimal(order.amount, 2)),
            "goods": order.goods,
        })
    });
    told(&world, "bridge_open", &body, answer)
}

/// `POST bridge/pay`: the payer has confirmed.
pub(super) async fn pay(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let answer = match read::<Payment>(&body).and_then(|asked| world.wechat.prepared(&world, &asked)) {
        Ok(order) if world.pay_on_page(Gateway::BlueOcean, &order.order_no).await => Ok(json!({})),
        Ok(_) => Err("the order was paid or closed meanwhile".to_owned()),
        Err(reason) => Err(reason),
    };
    told(&world, "bridge_pay", &body, answer)
}

/// `POST bridge/config`: whether this page is signed with a ticket of the official account.
pub(super) async fn config(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let answer = read::<Configuration>(&body).and_then(|asked| world.wechat.configured(&asked));
    told(&world, "bridge_config", &body, answer.map(|()| json!({})))
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

/// Answers, adds how the app is to behave, and keeps a note. Any page may ask: the app is no web site.
fn told(world: &World, name: &str, body: &Bytes, answer: Result<Value, String>) -> Response {
    let settings = world.wechat.settings.get();
    let reason = answer.as_ref().err().cloned();
    let mut said = json!({
        "ok": reason.is_none(),
        "reason": reason,
        "payment": settings.payment,
        "answerIn": settings.answer_in,
        "readyAfterError": settings.ready_after_error,
    });
    if let (Some(said), Ok(Value::Object(more))) = (said.as_object_mut(), answer) {
        said.extend(more);
    }
    let message = Message {
        method: Method::POST,
        content_type: String::new(),
        encoding: Encoding::Json,
        body: body.clone(),
        fields: serde_json::from_slice(body).map_err(|_| Malformed::NotJsonObject),
    };
    let answered = Answered::new(StatusCode::OK, said.to_string());
    world.journal.record((GATEWAY, name), &message, reason, answered);
    ([(ACCESS_CONTROL_ALLOW_ORIGIN, "*")], Json(said)).into_response()
}

impl WeChat {
    /// The order that a payload is for: the very payload that was handed out, asked for by the right call.
    fn prepared(&self, world: &World, asked: &Payment) -> Result<Prepared, String> {
        let text = |name: &str| asked.payload.get(name).and_then(Value::as_str).unwrap_or_default();
        let members = SIGNED.map(|name| (name, text(name).to_owned()));
        let key = self.config.key.expose();
        let (call, sign) = match text("signType") {
            "MD5" => ("getBrandWCPayRequest", md5_sign(&members, key)),
            "SHA1" => ("getH5PrepayRequest", sha1_sign(&members, key)),
            other => return Err(format!("signType {other:?} is not known")),
        };
        if asked.call != call {
            return Err(format!("a payload of this signType is for {call}"));
        }
        if text("paySign") != sign {
            return Err("paySign is wrong".to_owned());
        }
        let order = world.blueocean.handed_out(&asked.payload).ok_or("this payload was never handed out")?;
        match order.state {
            OrderState::Unpaid => Ok(order),
            state => Err(format!("the order is {state:?}")),
        }
    }

    /// Whether a page's configuration is of this official account and signed with a good ticket.
    fn configured(&self, asked: &Configuration) -> Result<(), String> {
        let text = |name: &str| asked.config.get(name).and_then(printed).unwrap_or_default();
        if text("appId") != self.config.appid {
            return Err("invalid appId".to_owned());
        }
        let list = asked.config.get("jsApiList").and_then(Value::as_array).cloned().unwrap_or_default();
        if !list.contains(&json!("getH5PrepayRequest")) || asked.config.get("beta") != Some(&json!(true)) {
            return Err("getH5PrepayRequest needs beta and a place in jsApiList".to_owned());
        }
        let right = |ticket: &String| {
            ticket_sign(ticket, &text("nonceStr"), &text("timestamp"), &asked.url) == text("signature")
        };
        if self.tickets.good().iter().any(right) { Ok(()) } else { Err("invalid signature".to_owned()) }
    }
}
