//! What happened to an order, for whoever wants to learn from it: who spoke to whom, and how it was answered.
//!
//! A real shop has this in its logs. A line says which call it was and how it ended, never what was in it: no key, no
//! secret, no signature and no body can get here, because nothing of them is handed over.

use std::collections::VecDeque;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

/// Older lines of an order are forgotten.
const LINES_MAX: usize = 200;
const WHAT_CHARS_MAX: usize = 80;

/// Who takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Actor {
    Payer,
    Page,
    Shop,
    Signer,
    Gateway,
}

/// What kind of line it is; the page has a sentence for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A page, a shop or a signer asked for something.
    Call,
    /// The payer paid at the gateway.
    Paid,
    /// The gateway told the signer.
    Notification,
    /// The signer told the shop.
    Webhook,
    /// The shop wrote a new status down.
    Status,
}

/// What came of it, beside the HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Accepted,
    Refused,
    /// A webhook that had come before.
    Again,
    /// A webhook that was overtaken by a newer one.
    Late,
}

/// One line.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Happening {
    pub(super) at: Timestamp,
    pub(super) from: Actor,
    pub(super) to: Actor,
    pub(super) kind: Kind,
    /// Method and path, the gateway's endpoint, the webhook's type, or the status.
    pub(super) what: String,
    /// None where no answer came, or there was nothing to answer.
    pub(super) http_status: Option<u16>,
    pub(super) outcome: Outcome,
    /// The payment's revision that a webhook told.
    pub(super) revision: Option<u64>,
}

impl Happening {
    /// Something that begins now and went well, as long as nobody says otherwise.
    pub(super) fn now(kind: Kind, from: Actor, to: Actor, what: impl Into<String>) -> Self {
        let what = what.into().chars().take(WHAT_CHARS_MAX).collect();
        let outcome = Outcome::Accepted;
        Self { at: Timestamp::now(), from, to, kind, what, http_status: None, outcome, revision: None }
    }

    /// With the answer that it got; none came when there is none.
    pub(super) fn answered(self, status: Option<StatusCode>) -> Self {
        let went_well = status.is_some_and(|status| status.is_success());
        let outcome = if went_well { self.outcome } else { Outcome::Refused };
        Self { http_status: status.map(|status| status.as_u16()), outcome, ..self }
    }
}

/// The lines of one order.
#[derive(Debug, Clone, Default)]
pub(super) struct Happenings(VecDeque<Happening>);

impl Happenings {
    pub(super) fn note(&mut self, happening: Happening) {
        if self.0.len() == LINES_MAX {
            self.0.pop_front();
        }
        self.0.push_back(happening);
    }

    /// In the order in which they began; they are noted when they are over.
    pub(super) fn in_order(&self) -> Vec<Happening> {
        let mut lines: Vec<_> = self.0.iter().cloned().collect();
        lines.sort_by_key(|line| line.at);
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(what: &str) -> Happening {
        Happening::now(Kind::Call, Actor::Page, Actor::Shop, what)
    }

    #[test]
    fn an_order_keeps_the_newest_lines_only() {
        let mut happenings = Happenings::default();
        for number in 0..LINES_MAX + 3 {
            happenings.note(call(&number.to_string()));
        }
        let lines = happenings.in_order();
        assert_eq!((lines.len(), lines[0].what.as_str()), (LINES_MAX, "3"));
    }

    #[test]
    fn what_began_first_stands_first_though_it_ended_last() {
        let mut happenings = Happenings::default();
        let (outer, inner) = (call("outer"), call("inner"));
        happenings.note(inner.answered(Some(StatusCode::OK)));
        happenings.note(outer.answered(Some(StatusCode::CREATED)));
        let order: Vec<_> = happenings.in_order().into_iter().map(|line| line.what).collect();
        assert_eq!(order, ["outer", "inner"]);
    }

    #[test]
    fn an_answer_that_is_an_error_or_missing_is_a_refusal() {
        let outcome = |status| call("it").answered(status).outcome;
        assert_eq!(outcome(Some(StatusCode::NO_CONTENT)), Outcome::Accepted);
        assert_eq!(outcome(Some(StatusCode::CONFLICT)), Outcome::Refused);
        assert_eq!(outcome(None), Outcome::Refused);
    }

    #[test]
    fn a_line_is_short_whatever_somebody_sends() {
        assert_eq!(call(&"x".repeat(5_000)).what.len(), WHAT_CHARS_MAX);
    }
}
