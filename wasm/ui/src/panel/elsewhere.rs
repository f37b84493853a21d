//! The method does not work where the page is open: where it does, and how to get there.

use super::name::Name;
use super::words::Words;
use super::{Address, Panel, QrPicture};
use crate::catalogue::Message;
use crate::qr::Code;
use crate::state::State;

pub(super) fn elsewhere(state: &State, open: &str, words: &Words) -> Box<Panel> {
    let on_desktop = state.environment == "desktop";
    let in_app = |app| {
        let (hint, steps) = if on_desktop {
            (Message::AppHintOnDesktop, None)
        } else {
            (Message::AppHint, Some(words.say_of(Message::AppSteps, app)))
        };
        (words.say_of(Message::AppTitle, app), words.say_of(hint, app), steps)
    };
    let (title, hint, instructions) = match open {
        "wechat" => in_app(Message::WeChat),
        "alipay" => in_app(Message::Alipay),
        "unionpay" => in_app(Message::UnionPay),
        "phone" => (words.say(Message::PhoneTitle), words.say(Message::PhoneHint), None),
        "app" => (words.say(Message::NativeTitle), words.say(Message::NativeHint), None),
        // `browser`, and any word of a later version.
        _ => {
            let in_wechat = state.environment == "wechat";
            let steps = if in_wechat { Message::BrowserStepsInWechat } else { Message::BrowserSteps };
            (words.say(Message::BrowserTitle), words.say(Message::BrowserHint), Some(words.say(steps)))
        }
    };
    let page_url = state.page_url.as_ref().filter(|_| open != "app");
    let mut panel = Panel::new(Name::Elsewhere, title).hint(hint);
    panel.instructions = instructions;
    panel.qr = page_url.filter(|_| on_desktop).and_then(|url| page_code(url, words));
    panel.address = page_url.map(|url| Address {
        url: url.clone(),
        label: words.say(Message::AddressLabel),
        copy: words.say(Message::CopyAddress),
        copied: words.say(Message::AddressCopied),
    });
    panel
}

/// The page's address to be scanned: not a code that pays, so it has a name of its own.
fn page_code(url: &str, words: &Words) -> Option<QrPicture> {
    Some(QrPicture {
        hook: "page",
        code: Code::new(url)?,
        label: words.say(Message::PageLabel),
        covered: false,
    })
}
