//! Messages with their places filled.

use countersign_core::MethodType;

use super::name::Name;
use super::shape::{Button, Panel};
use crate::catalogue::{Language, Message};
use crate::state::{Failure, State};

/// Fills the places in messages.
pub(super) struct Words {
    pub(super) language: Language,
    pub(super) amount: String,
    wallet: &'static str,
}

impl Words {
    pub(super) fn new(state: &State, amount: Option<String>) -> Self {
        let language = Language::of(&state.locale);
        let wallet = match &state.view {
            Some(view) => wallet(&view.method.kind, &state.environment),
            None => Message::PaymentPage,
        };
        Self { language, amount: amount.unwrap_or_default(), wallet: wallet.text(language) }
    }

    #[inline(never)]
    pub(super) fn say(&self, message: Message) -> String {
        let text = message.text(self.language);
        filled(&filled(text, "amount", &self.amount), "wallet", self.wallet)
    }

    /// A message about an application by its name.
    pub(super) fn say_of(&self, message: Message, app: Message) -> String {
        filled(&self.say(message), "app", app.text(self.language))
    }

    pub(super) fn reason(&self, failure: &Failure) -> String {
        match self.language {
            Language::English => failure.message.en.clone(),
            Language::Chinese => failure.message.zh.clone(),
        }
    }

    /// A screen with its title.
    #[inline(never)]
    pub(super) fn screen(&self, name: Name, title: Message) -> Box<Panel> {
        Panel::new(name, self.say(title))
    }

    #[inline(never)]
    pub(super) fn button(&self, hook: &'static str, does: &'static str, label: Message) -> Option<Button> {
        Some(Button { hook, does, label: self.say(label) })
    }

    /// The button for another payment, where the shop can be asked for one.
    pub(super) fn renewal(&self, state: &State, does: &'static str, label: Message) -> Option<Button> {
        if state.renewable { self.button("renew", does, label) } else { None }
    }
}

/// A text with its places of that name filled. By characters: to search for text within text would weigh more.
fn filled(text: &str, place: &str, with: &str) -> String {
    let mut filled = String::new();
    for (index, part) in text.split('{').enumerate() {
        match part.split_once('}') {
            Some((name, rest)) if name == place => filled.extend([with, rest]),
            _ if index == 0 => filled.push_str(part),
            _ => filled.extend(["{", part]),
        }
    }
    filled
}

/// Whether a part is in a text. By bytes, for the same reason.
pub(super) fn has(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
}

/// What the payer pays with, by its own name.
fn wallet(method: &str, environment: &str) -> Message {
    use MethodType as M;
    match MethodType::parse(method) {
        Some(M::DotwalletAutopay | M::DotwalletOrder) => Message::DotWallet,
        Some(M::HicoinH5 | M::HicoinJsapi) => Message::Hicoin,
        Some(M::BlueoceanUnionpayQrcode | M::BlueoceanUnionpayLink) => Message::UnionPay,
        Some(M::BlueoceanMixedQrcode) => match environment {
            "wechat" => Message::WeChatPay,
            "alipay" => Message::Alipay,
            _ => Message::AnyWallet,
        },
        Some(M::JubaoChannel | M::BlueoceanMicropay) | None => Message::PaymentPage,
        Some(_) if has(method, "alipay") => Message::Alipay,
        Some(_) => Message::WeChatPay,
    }
}
