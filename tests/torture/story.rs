//! What one journey's clients remember: what was acknowledged to them, and everything that happened, for whoever must
//! find out why something went wrong.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use countersign_tests::Reply;
use serde_json::Value;

use crate::books::{Client, CreateAnswer, RefundAnswer, Seen, text};
use crate::plan::Journey;

/// The memory of one journey, shared by all who take part.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) plan: Arc<Journey>,
    began: Instant,
    memory: Arc<Mutex<Memory>>,
}

#[derive(Debug, Default)]
struct Memory {
    client: Client,
    lines: Vec<String>,
}

impl Story {
    /// An empty one; `began` is when the run did.
    pub(crate) fn new(plan: Journey, began: Instant) -> Self {
        let client = Client {
            order_id: plan.order_id.clone(),
            account: plan.way.account.to_owned(),
            amount: plan.amount,
            is_bait: plan.is_bait(),
            ..Client::default()
        };
        Self {
            plan: Arc::new(plan),
            began,
            memory: Arc::new(Mutex::new(Memory { client, lines: Vec::new() })),
        }
    }

    /// Milliseconds of the run.
    pub(crate) fn now(&self) -> u128 {
        self.began.elapsed().as_millis()
    }

    /// Writes down what happened.
    pub(crate) fn note(&self, line: impl Into<String>) {
        let line = format!("{:>8} ms  {}", self.now(), line.into());
        self.with(|memory| memory.lines.push(line));
    }

    /// Writes down an answer that no client should get.
    pub(crate) fn complain(&self, complaint: impl Into<String>) {
        let complaint = complaint.into();
        self.note(&complaint);
        self.with(|memory| memory.client.complaints.push(complaint));
    }

    /// An answer that shows a payment; whoever asked at `asked_at` heard this.
    pub(crate) fn saw(&self, payment: &Value, asked_at: u128) {
        let seen = Seen {
            payment: text(&payment["id"]),
            status: text(&payment["status"]),
            revision: payment["revision"].as_i64().unwrap_or(-1),
            asked_at,
            answered_at: self.now(),
        };
        self.with(|memory| memory.client.seen.push(seen));
    }

    /// A create request was acknowledged.
    pub(crate) fn created(&self, reply: &Reply, asked_at: u128) {
        let body = reply.json();
        let keyed = self.plan.keyed;
        // A replay shows the payment as it was when the key was first used.
        if !keyed {
            self.saw(&body, asked_at);
        }
        let answer = CreateAnswer { payment: text(&body["id"]), keyed, body: reply.text.clone() };
        self.with(|memory| memory.client.created.push(answer));
    }

    /// A refund request was acknowledged.
    pub(crate) fn refunded(&self, number: &str, keyed: bool, reply: &Reply) {
        let body = reply.json();
        let answer = RefundAnswer {
            number: number.to_owned(),
            refund: text(&body["id"]),
            amount: body["amount"]["value"].as_i64().unwrap_or(-1),
            keyed,
            body: reply.text.clone(),
        };
        self.with(|memory| memory.client.refunds.push(answer));
    }

    /// What the clients know.
    pub(crate) fn client(&self) -> Client {
        self.with(|memory| memory.client.clone())
    }

    /// Everything that happened.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.with(|memory| memory.lines.clone())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        work(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
