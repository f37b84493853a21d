//! What an onlooker may know of the talk about an order: who spoke, at which endpoint, and how it was answered.
//!
//! The journal holds whole messages, signatures and tokens among them. This holds none of that: it is for the demo
//! shop's page, where a visitor follows what happened to an order.

use std::collections::VecDeque;
use std::sync::Mutex;

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;

use super::clock;
use super::message::{Fields, Message};
use super::orders::locked;
use super::world::Gateway;

/// Older lines are forgotten.
const LINES_MAX: usize = 2_000;
const NUMBER_CHARS_MAX: usize = 64;

/// Names under which the gateways are told the merchant's number for an order, or for a refund of one.
const NUMBER_FIELDS: [&str; 4] = ["merchant_order_sn", "out_trade_no", "out_refund_no", "customer_refund_no"];

/// Hicoin's messages carry what they are about in here, as JSON in a text.
const NESTED: &str = "biz_content";

/// Who did what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Did {
    /// The merchant's server called an endpoint of the gateway.
    Called,
    /// A payer paid on a page of the gateway, or in its wallet.
    Paid,
    /// The gateway notified the merchant's server.
    Notified,
}

/// One line of the talk.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    seq: u64,
    /// When it began; lines are noted when they are over.
    at: Timestamp,
    gateway: Gateway,
    did: Did,
    endpoint: String,
    /// The merchant's number for the order or for a refund of it.
    number: String,
    /// The HTTP status of the answer; 0 when none came.
    http_status: u16,
    /// Whether the other side took it: a call was not refused, a notification was acknowledged.
    accepted: bool,
}

/// All lines, oldest first, and a bell for whoever waits for the next.
pub(crate) struct Overheard {
    lines: Mutex<VecDeque<Line>>,
    last: watch::Sender<u64>,
}

impl Default for Overheard {
    fn default() -> Self {
        Self { lines: Mutex::default(), last: watch::Sender::new(0) }
    }
}

impl Overheard {
    /// Notes a call that began at this time, if it says which order it is about.
    pub(crate) fn call(
        &self,
        at: Timestamp,
        (gateway, endpoint): (Gateway, &str),
        message: &Message,
        answer: (u16, bool),
    ) {
        if let Some(number) = message.fields.as_ref().ok().and_then(number) {
            self.note(at, (gateway, Did::Called, endpoint), number, answer);
        }
    }

    /// Notes that a payer has paid, just now.
    pub(crate) fn payment(&self, gateway: Gateway, number: &str) {
        self.note(clock::now(), (gateway, Did::Paid, ""), number.to_owned(), (200, true));
    }

    /// Notes a notification that was sent at this time, and how it was answered.
    pub(crate) fn notification(&self, at: Timestamp, gateway: Gateway, number: &str, answer: (u16, bool)) {
        self.note(at, (gateway, Did::Notified, ""), number.to_owned(), answer);
    }

    /// The number of the last line, and all lines behind the one of this number.
    pub(crate) fn after(&self, seq: u64) -> (u64, Vec<Line>) {
        let lines = locked(&self.lines);
        (*self.last.borrow(), lines.iter().filter(|line| line.seq > seq).cloned().collect())
    }

    /// Hears of every further line.
    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    fn note(
        &self,
        at: Timestamp,
        (gateway, did, endpoint): (Gateway, Did, &str),
        number: String,
        (http_status, accepted): (u16, bool),
    ) {
        let mut lines = locked(&self.lines);
        let (seq, endpoint) = (*self.last.borrow() + 1, endpoint.to_owned());
        if lines.len() == LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(Line { seq, at, gateway, did, endpoint, number, http_status, accepted });
        self.last.send_replace(seq);
    }
}

fn number(fields: &Fields) -> Option<String> {
    let nested: Option<Fields> = fields.text(NESTED).and_then(|text| serde_json::from_str(text).ok());
    let mut places = [Some(fields), nested.as_ref()].into_iter().flatten();
    places.find_map(|fields| NUMBER_FIELDS.iter().find_map(|name| fields.text(name)).and_then(plain))
}

/// Something that may be a merchant's number, and is too short and too plain to hide anything in.
fn plain(text: &str) -> Option<String> {
    let fits =
        (1..=NUMBER_CHARS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: (Gateway, &str) = (Gateway::Jubao, "apply_pay");

    fn heard(query: &str) -> String {
        let overheard = Overheard::default();
        overheard.call(clock::now(), PLACE, &Message::of_query(query), (200, true));
        serde_json::to_string(&overheard.after(0).1).unwrap()
    }

    #[test]
    fn a_call_is_known_by_its_order_and_by_nothing_else_of_the_message() {
        let line = heard("out_trade_no=T1&sign=5EC2E7&secret=hush&body=tea");
        assert!(line.contains(r#""number":"T1""#) && line.contains(r#""endpoint":"apply_pay""#), "{line}");
        for hidden in ["5EC2E7", "hush", "tea"] {
            assert!(!line.contains(hidden), "{line}");
        }
    }

    #[test]
    fn an_order_number_is_found_inside_of_business_content() {
        assert!(heard("biz_content=%7B%22out_trade_no%22%3A%22T7%22%7D").contains(r#""number":"T7""#));
    }

    #[test]
    fn a_call_about_no_order_leaves_no_line() {
        for query in ["grant_type=client_credentials", "out_trade_no=", "out_trade_no=%3Cscript%3E"] {
            assert_eq!(heard(query), "[]", "{query}");
        }
    }

    #[test]
    fn lines_are_numbered_and_the_oldest_are_forgotten() {
        let overheard = Overheard::default();
        for _ in 0..LINES_MAX + 5 {
            overheard.notification(clock::now(), Gateway::Hicoin, "T1", (200, true));
        }
        let (last, lines) = overheard.after(0);
        assert_eq!((last, lines.len(), lines[0].seq), (LINES_MAX as u64 + 5, LINES_MAX, 6));
        assert!(overheard.after(last).1.is_empty());
    }

    #[test]
    fn whoever_waits_hears_of_the_next_line() {
        let overheard = Overheard::default();
        let bell = overheard.listen();
        assert!(!bell.has_changed().unwrap());
        overheard.payment(Gateway::BlueOcean, "T1");
        assert!(bell.has_changed().unwrap());
    }
}
