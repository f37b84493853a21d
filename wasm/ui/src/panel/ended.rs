//! How it ended: what is said, and what can still be done.

use super::elsewhere::elsewhere;
use super::name::Name;
use super::permission::{consent, login};
use super::words::Words;
use super::{Panel, bridge};
use crate::catalogue::Message;
use crate::state::{State, View};

pub(super) fn ended(outcome: &str, state: &State, view: &View, words: &Words) -> Box<Panel> {
    match outcome {
        "unsupported" => return bridge::unsupported(state, view, words),
        "wrong_environment" => {
            let open = state.place.as_ref().map_or("browser", |place| &place.open);
            return elsewhere(state, open, words).outcome(outcome);
        }
        _ => {}
    }
    let reason = view.failure.as_ref().map(|failure| words.reason(failure));
    if outcome == "failed" && view.status == "requires_action" {
        return refused_on_the_way(view, reason, words);
    }
    let again = |does, label| words.button("retry", does, label);
    let renew = || words.renewal(state, "renew", Message::NewPayment);
    let (name, title, hint, button) = match outcome {
        "succeeded" => (Name::Good, Message::Succeeded, Message::SucceededHint, None),
        "failed" => {
            let class = view.failure.as_ref().map(|failure| failure.class.as_str());
            let may_retry = matches!(class, Some("retry" | "payer" | "reauthorize"));
            let button = if may_retry { again("confirm", Message::TryAgain) } else { renew() };
            (Name::Bad, Message::Failed, Message::FailedHint, button)
        }
        "expired" => (Name::Bad, Message::Expired, Message::ExpiredHint, renew()),
        "canceled" => (Name::Bad, Message::Canceled, Message::CanceledHint, renew()),
        "refunded" => (Name::Neutral, Message::Refunded, Message::RefundedHint, None),
        "review" => (Name::Neutral, Message::Review, Message::ReviewHint, None),
        "unauthorized" => (Name::Bad, Message::Unauthorized, Message::StartAgain, renew()),
        // `pending`, and any word of a later version: the end is not known.
        _ => (Name::Neutral, Message::Pending, Message::PendingHint, again("follow", Message::CheckAgain)),
    };
    let hint = words.say(hint);
    let said = match (outcome, reason) {
        ("failed", Some(reason)) => [&reason, "\n", &hint].concat(),
        ("canceled" | "expired", Some(reason)) => reason,
        _ => hint,
    };
    words.screen(name, title).hint(said).outcome(outcome).button(button)
}

/// The payer came back from consent or login without it: the reason, and the way there once more.
fn refused_on_the_way(view: &View, reason: Option<String>, words: &Words) -> Box<Panel> {
    let is_login = view.next_action.as_ref().is_some_and(|action| action.purpose.as_deref() == Some("login"));
    let panel = if is_login { login(reason, words) } else { consent(view, words) };
    panel.outcome("failed")
}
