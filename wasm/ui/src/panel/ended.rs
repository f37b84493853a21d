//! How it ended: what is said, and what can still be done.

use super::elsewhere::elsewhere;
use super::permission::{consent, login};
use super::words::Words;
use super::{Panel, bridge};
use crate::catalogue::Message;
use crate::state::{State, View};

pub(super) fn ended(outcome: &str, state: &State, view: &View, words: &Words) -> Panel {
    match outcome {
        "unsupported" => return bridge::unsupported(state, view, words),
        "wrong_environment" => {
            let open = state.place.as_ref().map_or("browser", |place| &place.open);
            let panel = elsewhere(state, open, words);
            return Panel { outcome: Some(outcome.to_owned()), ..panel };
        }
        _ => {}
    }
    let reason = view.failure.as_ref().map(|failure| words.reason(failure));
    if outcome == "failed" && view.status == "requires_action" {
        return refused_on_the_way(view, reason, words);
    }
    let again = |does, label| words.button("retry", does, label);
    let (name, title, hint, button) = match outcome {
        "succeeded" => ("good", Message::Succeeded, Message::SucceededHint, None),
        "failed" => {
            let class = view.failure.as_ref().map(|failure| failure.class.as_str());
            let may_retry = matches!(class, Some("retry" | "payer" | "reauthorize"));
            let button = if may_retry { again("confirm", Message::TryAgain) } else { None };
            ("bad", Message::Failed, Message::FailedHint, button)
        }
        "expired" => ("bad", Message::Expired, Message::ExpiredHint, None),
        "canceled" => ("bad", Message::Canceled, Message::CanceledHint, None),
        "refunded" => ("neutral", Message::Refunded, Message::RefundedHint, None),
        "review" => ("neutral", Message::Review, Message::ReviewHint, None),
        "unauthorized" => ("bad", Message::Unauthorized, Message::StartAgain, None),
        // `pending`, and any word of a later version: the end is not known.
        _ => ("neutral", Message::Pending, Message::PendingHint, again("follow", Message::CheckAgain)),
    };
    let hint = words.say(hint);
    Panel {
        name,
        title: words.say(title),
        hint: Some(match (outcome, reason) {
            ("failed", Some(reason)) => [&reason, "\n", &hint].concat(),
            ("canceled" | "expired", Some(reason)) => reason,
            _ => hint,
        }),
        outcome: Some(outcome.to_owned()),
        button,
        ..Panel::default()
    }
}

/// The payer came back from consent or login without it: the reason, and the way there once more.
fn refused_on_the_way(view: &View, reason: Option<String>, words: &Words) -> Panel {
    let is_login = view.next_action.as_ref().is_some_and(|action| action.purpose.as_deref() == Some("login"));
    let panel = if is_login { login(reason, words) } else { consent(view, words) };
    Panel { outcome: Some("failed".to_owned()), ..panel }
}
