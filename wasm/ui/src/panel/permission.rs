//! What the payer has to allow before they can pay: automatic payments, their limits, a login.

use super::Panel;
use super::name::Name;
use super::words::{Words, has};
use crate::catalogue::Message;
use crate::state::View;

/// Automatic payments are not allowed yet, or not as far: the reason, and the way to change that.
pub(super) fn consent(view: &View, words: &Words) -> Box<Panel> {
    let lacks_funds = view
        .failure
        .as_ref()
        .is_some_and(|failure| has(&failure.code, "funds") || has(&failure.code, "limit"));
    let (title, hint, label) = if lacks_funds {
        (Message::RaiseTitle, Message::RaiseHint, Message::RaiseLimits)
    } else {
        (Message::ConsentTitle, Message::ConsentHint, Message::AllowConsent)
    };
    let reason = view.failure.as_ref().map(|failure| words.reason(failure));
    words
        .screen(Name::Consent, title)
        .hint(with_reason(reason, hint, words))
        .button(words.button("consent", "proceed", label))
}

pub(super) fn login(reason: Option<String>, words: &Words) -> Box<Panel> {
    words
        .screen(Name::Consent, Message::LoginTitle)
        .hint(with_reason(reason, Message::LoginHint, words))
        .button(words.button("continue", "proceed", Message::Continue))
}

fn with_reason(reason: Option<String>, hint: Message, words: &Words) -> String {
    match reason {
        Some(reason) => [&reason, "\n", &words.say(hint)].concat(),
        None => words.say(hint),
    }
}
