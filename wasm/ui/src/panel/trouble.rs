//! An error of ours, not of the payment: it never says that the payment failed, because that is not known.

use super::Panel;
use super::name::Name;
use super::words::Words;
use crate::catalogue::Message;
use crate::state::State;

pub(super) fn of(code: &str, state: &State, words: &Words) -> Box<Panel> {
    let retry = |does| words.button("retry", does, Message::TryAgain);
    let status = state.view.as_ref().map(|view| view.status.as_str());
    let is_silent = matches!(code, "unreachable" | "unavailable" | "unreadable");
    let (title, hint, button) = match (code, status) {
        ("unauthorized", _) => {
            let renew = words.renewal(state, "renew", Message::NewPayment);
            (Message::Unauthorized, Message::StartAgain, renew)
        }
        ("renew_failed", _) => {
            let again = words.button("renew", "renew", Message::TryAgain);
            (Message::RenewFailed, Message::RenewFailedHint, again)
        }
        // The page's author has to mend it: nobody is made to press a button that cannot help.
        ("invalid_options", _) => (Message::Trouble, Message::StartAgain, None),
        (_, None) if is_silent => (Message::NoAnswer, Message::NoAnswerHint, retry("reload")),
        (_, Some("created" | "failed")) if is_silent => {
            (Message::NoAnswer, Message::NoAnswerAtPay, retry("confirm"))
        }
        (_, Some(_)) if is_silent => {
            let check = words.button("retry", "follow", Message::CheckAgain);
            (Message::Pending, Message::NoAnswerUnderWay, check)
        }
        (_, None) => (Message::Trouble, Message::StartAgain, retry("reload")),
        (_, Some("created" | "failed")) => (Message::Trouble, Message::StartAgain, retry("confirm")),
        (_, Some(_)) => {
            let check = words.button("retry", "follow", Message::CheckAgain);
            (Message::Trouble, Message::PendingHint, check)
        }
    };
    words
        .screen(Name::Trouble, title)
        .hint(words.say(hint))
        .outcome(if code == "unauthorized" { code } else { "error" })
        .button(button)
}
