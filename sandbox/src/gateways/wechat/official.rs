//! The official account's calls: its access token, and the ticket that pages are signed with.

use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use super::WeChat;
use crate::gateways::clock;
use crate::gateways::endpoint::{Endpoint, Refusal};
use crate::gateways::grants::after;
use crate::gateways::message::{Fields, Message};
use crate::gateways::number;
use crate::gateways::orders::locked;
use crate::gateways::world::{Gateway, World};

/// Older ones are forgotten; a merchant needs one at a time.
const KEPT_MAX: usize = 1_000;

const fn endpoint(name: &'static str) -> Endpoint {
    Endpoint { gateway: Gateway::WeChat, name, envelope, sign: |_, _| None }
}

/// `GET cgi-bin/token`
pub(super) async fn token(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("token").serve(&world, request, |message| world.wechat.token(message)).await
}

/// `GET cgi-bin/ticket/getticket`
pub(super) async fn ticket(State(world): State<Arc<World>>, request: Request) -> Response {
    endpoint("getticket").serve(&world, request, |message| world.wechat.ticket(message)).await
}

/// Answers stand bare; a refusal is `{errcode, errmsg}`.
fn envelope(_world: &World, answer: Result<Value, Refusal>) -> Value {
    match answer {
        Ok(data) => data,
        Err(refusal) => json!({"errcode": refusal.code, "errmsg": refusal.message}),
    }
}

/// Texts that are good for a while.
#[derive(Default)]
pub(super) struct Kept(Mutex<Vec<(String, Timestamp)>>);

impl Kept {
    fn give(&self, chars: usize, lifetime_s: i64) -> String {
        let text = number::nonce(chars);
        let mut kept = locked(&self.0);
        if kept.len() == KEPT_MAX {
            kept.remove(0);
        }
        kept.push((text.clone(), after(clock::now(), lifetime_s)));
        text
    }

    /// Those that are good now, the newest first.
    pub(super) fn good(&self) -> Vec<String> {
        let now = clock::now();
        let kept = locked(&self.0);
        kept.iter().rev().filter(|(_, end)| now < *end).map(|(text, _)| text.clone()).collect()
    }

    pub(super) fn expire(&self) {
        locked(&self.0).clear();
    }
}

impl WeChat {
    fn token(&self, message: &Message) -> Result<Value, Refusal> {
        let asked = fields(message);
        if asked.text("grant_type") != Some("client_credential") {
            return Err(Refusal::new(40002, "invalid grant_type"));
        }
        if asked.text("appid") != Some(&self.config.appid) {
            return Err(Refusal::new(40013, "invalid appid"));
        }
        let secret = asked.text("secret").unwrap_or("").as_bytes();
        if !bool::from(secret.ct_eq(self.config.secret.expose().as_bytes())) {
            return Err(Refusal::new(40125, "invalid appsecret"));
        }
        let lifetime_s = self.settings.get().token_lifetime_s;
        Ok(json!({"access_token": self.tokens.give(120, lifetime_s), "expires_in": lifetime_s}))
    }

    fn ticket(&self, message: &Message) -> Result<Value, Refusal> {
        let asked = fields(message);
        let token = asked.text("access_token").unwrap_or("");
        if !self.tokens.good().iter().any(|known| known == token) {
            return Err(Refusal::new(40001, "invalid credential, access_token is invalid or not latest"));
        }
        if asked.text("type") != Some("jsapi") {
            return Err(Refusal::new(40097, "invalid args"));
        }
        let lifetime_s = self.settings.get().ticket_lifetime_s;
        let ticket = self.tickets.give(86, lifetime_s);
        Ok(json!({"errcode": 0, "errmsg": "ok", "ticket": ticket, "expires_in": lifetime_s}))
    }
}

fn fields(message: &Message) -> Fields {
    message.fields.as_ref().cloned().unwrap_or_default()
}
