//! Paying through WeChat's bridge, and what cannot be paid from this page.

use super::name::Name;
use super::words::Words;
use super::{Panel, asking, countdown, working};
use crate::catalogue::Message;
use crate::state::{State, View};

/// The wallet was called and is open above the page.
pub(super) fn invoking(view: &View, words: &Words) -> Box<Panel> {
    working(Message::InvokingTitle, words)
        .hint(words.say(Message::WaitingHint))
        .countdown(countdown(view.expires_at.as_deref(), words))
}

/// The wallet is closed again, or was never opened on this load of the page. What it said proves nothing.
pub(super) fn after(state: &State, view: &View, words: &Words) -> Box<Panel> {
    let (title, hint, button) = match state.bridge.as_deref() {
        Some("ok") => {
            return asking(Message::Processing, words).hint(words.say(Message::ProcessingHint));
        }
        Some("cancel") => (Message::BridgeCancelTitle, Message::BridgeCancelHint, Message::TryAgain),
        Some("fail") => (Message::BridgeFailTitle, Message::BridgeCancelHint, Message::TryAgain),
        _ => (Message::WaitingForWallet, Message::WaitingHint, Message::OpenWallet),
    };
    words
        .screen(Name::Waiting, title)
        .hint(words.say(hint))
        .countdown(countdown(view.expires_at.as_deref(), words))
        .button(words.button("continue", "proceed", button))
}

/// A native application took the payload over.
pub(super) fn native(view: &View, words: &Words) -> Box<Panel> {
    working(Message::WaitingForWallet, words)
        .hint(words.say(Message::WaitingHint))
        .countdown(countdown(view.expires_at.as_deref(), words))
}

/// Why this page cannot go on, and what can be done about it.
pub(super) fn unsupported(state: &State, view: &View, words: &Words) -> Box<Panel> {
    let action = view.next_action.as_ref().map(|action| action.kind.as_str());
    let follow = || words.button("retry", "follow", Message::CheckAgain);
    let (title, hint, button) = match action {
        Some("native_app") => (Message::NativeTitle, Message::NativeHint, follow()),
        Some("wechat_jsapi" | "wechat_hk_jsapi") if state.in_mini_program => {
            (Message::MiniProgramTitle, Message::MiniProgramHint, follow())
        }
        Some("wechat_jsapi" | "wechat_hk_jsapi") => {
            let again = words.button("retry", "proceed", Message::TryAgain);
            (Message::BridgeMissingTitle, Message::BridgeMissingHint, again)
        }
        _ if view.method.kind == "blueocean_micropay" => (Message::TillTitle, Message::TillHint, follow()),
        _ => (Message::Unsupported, Message::UnsupportedHint, None),
    };
    words.screen(Name::Bad, title).hint(words.say(hint)).outcome("unsupported").button(button)
}

/// Nothing to do here: the till does it.
pub(super) fn till(view: &View, words: &Words) -> Box<Panel> {
    words
        .screen(Name::Till, Message::TillTitle)
        .hint(words.say(Message::TillHint))
        .countdown(countdown(view.expires_at.as_deref(), words))
}
