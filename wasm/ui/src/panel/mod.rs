//! What is on the screen for a state: a pure function, so that every screen is tested without a browser.

mod ended;
mod words;

use countersign_core::MethodType;
use serde::Serialize;

use self::ended::ended;
use self::words::Words;
use crate::catalogue::Message;
use crate::qr::Code;
use crate::state::{Action, State, View};

/// One screen.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Panel {
    /// The payment's status, or `opening`, or `error`.
    pub(crate) status: String,
    /// Which screen it is, for styling.
    pub(crate) name: &'static str,
    /// The language of its words.
    pub(crate) language: &'static str,
    pub(crate) amount: Option<String>,
    pub(crate) subject: Option<String>,
    /// A line that says that no money moves.
    pub(crate) sandbox: Option<&'static str>,
    pub(crate) title: String,
    pub(crate) hint: Option<String>,
    /// Something that went wrong and may pass.
    pub(crate) trouble: Option<&'static str>,
    /// Whether the payer waits for us.
    pub(crate) busy: bool,
    /// How it ended, if it did.
    pub(crate) outcome: Option<String>,
    pub(crate) qr: Option<QrPicture>,
    /// Where the wallet opens on this device, instead of scanning.
    pub(crate) wallet_link: Option<Link>,
    pub(crate) countdown: Option<Countdown>,
    pub(crate) button: Option<Button>,
    pub(crate) back_link: Option<Link>,
}

/// The main button.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Button {
    /// `pay`, `consent`, `continue` or `retry`.
    pub(crate) hook: &'static str,
    /// `confirm`, `proceed`, `follow` or `reload`.
    pub(crate) does: &'static str,
    pub(crate) label: String,
}

/// A code with its words for those who do not see it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct QrPicture {
    pub(crate) code: Code,
    pub(crate) label: String,
}

/// A link to another page.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Link {
    pub(crate) url: String,
    pub(crate) label: String,
}

/// How long there is to pay.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Countdown {
    /// RFC 3339.
    pub(crate) until: String,
    /// With `{time}` in it.
    pub(crate) template: &'static str,
    pub(crate) over: &'static str,
}

impl Panel {
    /// The screen for a state; `amount` is the payment's amount in its language.
    pub(crate) fn of(state: &State, amount: Option<String>) -> Self {
        let words = Words::new(state, amount);
        let mut panel = match &state.view {
            Some(view) => with_payment(state, view, &words),
            None => without_payment(state, &words),
        };
        panel.language = words.language.tag();
        panel
    }
}

fn without_payment(state: &State, words: &Words) -> Panel {
    match state.error.as_deref() {
        None => Panel {
            status: "opening".to_owned(),
            name: "working",
            title: words.say(Message::Opening),
            busy: true,
            trouble: reconnecting(state, words),
            ..Panel::default()
        },
        Some(code) => Panel { status: "error".to_owned(), ..trouble(code, "reload", words) },
    }
}

fn with_payment(state: &State, view: &View, words: &Words) -> Panel {
    let screen = match (&state.error, &state.outcome) {
        (Some(code), _) => trouble(code, "confirm", words),
        // These two say that this page stopped, which the view shows better.
        (None, Some(outcome)) if !matches!(outcome.as_str(), "redirecting" | "aborted") => {
            ended(outcome, view, words)
        }
        _ => under_way(state, view, words),
    };
    let is_over = screen.outcome.as_deref().is_some_and(|outcome| outcome != "pending");
    Panel {
        status: view.status.clone(),
        amount: Some(words.amount.clone()),
        subject: view.subject.clone(),
        sandbox: (!view.livemode).then(|| Message::Sandbox.text(words.language)),
        trouble: reconnecting(state, words),
        back_link: if is_over { back_link(view, words) } else { None },
        ..screen
    }
}

fn reconnecting(state: &State, words: &Words) -> Option<&'static str> {
    let tries_again = !state.connected && state.error.is_none() && state.outcome.is_none();
    tries_again.then(|| Message::Reconnecting.text(words.language))
}

/// An error of ours, not of the payment.
fn trouble(code: &str, does: &'static str, words: &Words) -> Panel {
    let retry = words.button("retry", does, Message::TryAgain);
    let (title, hint, button) = match code {
        "unauthorized" => (Message::Unauthorized, Message::StartAgain, None),
        "unreachable" | "unavailable" | "unreadable" => (Message::Trouble, Message::Unreachable, retry),
        _ => (Message::Trouble, Message::StartAgain, retry),
    };
    Panel {
        name: "trouble",
        title: words.say(title),
        hint: Some(words.say(hint)),
        outcome: Some("error".to_owned()),
        button,
        ..Panel::default()
    }
}

fn under_way(state: &State, view: &View, words: &Words) -> Panel {
    match state.step.as_str() {
        "confirming" => working(Message::Confirming, words),
        "returning" => working(Message::Returning, words),
        "leaving" => Panel {
            name: "leaving",
            button: words.button("continue", "proceed", Message::Continue),
            ..working(Message::Leaving, words)
        },
        "consent" => consent(None, words),
        "following" => following(state, view, words),
        _ => match view.status.as_str() {
            "created" | "requires_action" => ready(state, view, words),
            "processing" => following(state, view, words),
            settled => ended(settled, view, words),
        },
    }
}

fn working(title: Message, words: &Words) -> Panel {
    Panel { name: "working", title: words.say(title), busy: true, ..Panel::default() }
}

fn ready(state: &State, view: &View, words: &Words) -> Panel {
    let leaves = MethodType::parse(&view.method.kind).is_some_and(leaves_the_page);
    let is_phone_only = matches!(view.method.kind.as_str(), "jubao_wechat_h5" | "blueocean_wechat_mweb");
    let hint = if is_phone_only && matches!(state.environment.as_str(), "wechat" | "alipay" | "unionpay") {
        Some(Message::WrongPlace)
    } else {
        leaves.then_some(Message::RedirectHint)
    };
    Panel {
        name: "ready",
        title: words.say(Message::ReadyTitle),
        hint: hint.map(|hint| words.say(hint)),
        countdown: countdown(view.expires_at.as_deref(), words),
        button: words.button("pay", "confirm", Message::Pay),
        ..Panel::default()
    }
}

/// Whether the payer is certain to be sent to another page.
fn leaves_the_page(method: MethodType) -> bool {
    use MethodType as M;
    matches!(
        method,
        M::DotwalletOrder
            | M::JubaoWechatH5
            | M::JubaoAlipayWap
            | M::BlueoceanAlipayWap
            | M::BlueoceanUnionpayLink
            | M::BlueoceanWechatMweb
            | M::HicoinH5
            | M::HicoinJsapi
    )
}

fn following(state: &State, view: &View, words: &Words) -> Panel {
    let action = view.next_action.as_ref().filter(|_| view.status == "requires_action");
    match action {
        Some(Action { kind, text: Some(text), expires_at, .. }) if kind == "qr_code" => {
            scan(state, text, expires_at.as_deref().or(view.expires_at.as_deref()), words)
        }
        Some(Action { kind, .. }) if kind == "dotwallet_set_pay_config" => {
            consent(view.failure.as_ref().map(|failure| words.reason(failure)), words)
        }
        Some(Action { kind, .. }) if matches!(kind.as_str(), "redirect" | "hicoin_h5") => Panel {
            name: "waiting",
            title: words.say(Message::WaitingForWallet),
            hint: Some(words.say(Message::WaitingHint)),
            busy: true,
            countdown: countdown(view.expires_at.as_deref(), words),
            button: words.button("continue", "proceed", Message::Continue),
            ..Panel::default()
        },
        _ => Panel { hint: Some(words.say(Message::ProcessingHint)), ..working(Message::Processing, words) },
    }
}

fn scan(state: &State, text: &str, until: Option<&str>, words: &Words) -> Panel {
    let code = Code::new(text);
    let hint = if code.is_some() { Message::WaitingHint } else { Message::CodeTooLong };
    // On the payer's own phone nothing scans the screen, but the wallet opens by the same address.
    let on_phone = state.environment != "desktop" && text.starts_with("https://");
    Panel {
        name: "qr",
        title: words.say(Message::ScanTitle),
        hint: Some(words.say(hint)),
        qr: code.map(|code| QrPicture { code, label: words.say(Message::ScanLabel) }),
        wallet_link: on_phone.then(|| Link { url: text.to_owned(), label: words.say(Message::OpenWallet) }),
        countdown: countdown(until, words),
        ..Panel::default()
    }
}

fn consent(reason: Option<String>, words: &Words) -> Panel {
    Panel {
        name: "consent",
        title: words.say(Message::ConsentTitle),
        hint: Some(match reason {
            Some(reason) => [&reason, "\n", &words.say(Message::ConsentHint)].concat(),
            None => words.say(Message::ConsentHint),
        }),
        button: words.button("consent", "proceed", Message::AllowConsent),
        ..Panel::default()
    }
}

fn countdown(until: Option<&str>, words: &Words) -> Option<Countdown> {
    Some(Countdown {
        until: until?.to_owned(),
        template: Message::ExpiresIn.text(words.language),
        over: Message::TimeIsUp.text(words.language),
    })
}

fn back_link(view: &View, words: &Words) -> Option<Link> {
    let url = view.return_url.as_ref()?;
    // The merchant chose it, yet a link that runs a script is no way back.
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    is_web.then(|| Link { url: url.clone(), label: words.say(Message::BackToShop) })
}

#[cfg(test)]
mod tests;
