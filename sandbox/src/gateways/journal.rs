//! The journal: what arrived, what was judged of it, and what was answered. Kept in memory for tests and the demo.

use std::collections::VecDeque;
use std::sync::Mutex;

use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::clock;
use super::message::Message;
use super::notification::form_encoded;
use super::orders::locked;
use super::world::Gateway;

/// Older entries are forgotten.
const ENTRIES_MAX: usize = 10_000;

/// Names of fields whose value is a merchant's secret in the clear; the journal shows `***` instead.
const SECRET_FIELDS: [&str; 2] = ["secret", "app_secret"];

/// One request and its fate.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    seq: u64,
    at: Timestamp,
    gateway: Gateway,
    endpoint: String,
    method: String,
    content_type: String,
    body: String,
    fields: Value,
    verdict: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    answer: Answered,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Ok,
    Refused,
}

/// What went back; status 0 means that the connection was held or closed without an answer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answered {
    pub(crate) fn new(status: StatusCode, body: impl Into<String>) -> Self {
        Self { status: status.as_u16(), body: body.into() }
    }

    pub(crate) fn nothing() -> Self {
        Self { status: 0, body: String::new() }
    }
}

/// All entries, oldest first.
#[derive(Default)]
pub(crate) struct Journal(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    last_seq: u64,
    entries: VecDeque<Entry>,
}

impl Journal {
    /// Adds an entry; `refused` says why, when the message was not accepted.
    pub(crate) fn record(
        &self,
        (gateway, endpoint): (Gateway, &str),
        message: &Message,
        refused: Option<String>,
        answer: Answered,
    ) {
        let (body, fields) = masked(message);
        let mut kept = locked(&self.0);
        kept.last_seq += 1;
        let entry = Entry {
            seq: kept.last_seq,
            at: clock::now(),
            gateway,
            endpoint: endpoint.to_owned(),
            method: message.method.to_string(),
            content_type: message.content_type.clone(),
            body,
            fields: Value::Object(fields),
            verdict: if refused.is_none() { Verdict::Ok } else { Verdict::Refused },
            reason: refused,
            answer,
        };
        if kept.entries.len() == ENTRIES_MAX {
            kept.entries.pop_front();
        }
        kept.entries.push_back(entry);
    }

    /// Notes that a browser has asked for a page with these parameters; `refused` says why it was not shown.
    pub(crate) fn record_page(&self, place: (Gateway, &str), query: &str, refused: Option<String>) {
        let status = if refused.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
        self.record(place, &Message::of_query(query), refused, Answered::new(status, "(page)"));
    }

    /// The entries behind the one of this number; all of them behind 0.
    pub(crate) fn entries_after(&self, seq: u64) -> Vec<Entry> {
        locked(&self.0).entries.iter().filter(|entry| entry.seq > seq).cloned().collect()
    }

    pub(crate) fn clear(&self) {
        locked(&self.0).entries.clear();
    }
}

fn masked(message: &Message) -> (String, Map<String, Value>) {
    let mut body = String::from_utf8_lossy(&message.body).into_owned();
    let mut fields = Map::new();
    for (name, value) in message.fields.iter().flat_map(|fields| fields.iter()) {
        let secret = value.as_str().filter(|text| SECRET_FIELDS.contains(&name.as_str()) && !text.is_empty());
        match secret {
            Some(text) => {
                body = body.replace(text, "***").replace(&form_encoded(text), "***");
                fields.insert(name.clone(), "***".into());
            }
            None => {
                fields.insert(name.clone(), value.clone());
            }
        }
    }
    (body, fields)
}
