//! What is on the screen for a state: a pure function, so that every screen is tested without a browser.

mod bridge;
mod elsewhere;
mod ended;
mod permission;
mod words;

use countersign_core::{MethodType, PaymentStatus};

use self::elsewhere::elsewhere;
use self::ended::ended;
use self::permission::{consent, login};
use self::words::Words;
use crate::catalogue::Message;
use crate::qr::Code;
use crate::script::makes;
use crate::state::{Action, Place, State, View};

/// One screen.
#[derive(Debug, Default)]
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
    /// Where another browser finds this payment.
    pub(crate) address: Option<Address>,
    pub(crate) countdown: Option<Countdown>,
    pub(crate) button: Option<Button>,
    pub(crate) back_link: Option<Link>,
}

makes!(Panel {
    status: "status",
    name: "name",
    language: "language",
    amount: "amount",
    subject: "subject",
    sandbox: "sandbox",
    title: "title",
    hint: "hint",
    trouble: "trouble",
    busy: "busy",
    outcome: "outcome",
    qr: "qr",
    wallet_link: "walletLink",
    address: "address",
    countdown: "countdown",
    button: "button",
    back_link: "backLink",
});

/// The main button.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Button {
    /// `pay`, `consent`, `continue` or `retry`.
    pub(crate) hook: &'static str,
    /// `confirm`, `proceed`, `follow` or `reload`.
    pub(crate) does: &'static str,
    pub(crate) label: String,
}

makes!(Button { hook: "hook", does: "does", label: "label" });

/// A code with its words for those who do not see it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct QrPicture {
    /// `qr` for a code that pays, `page` for this page's address.
    pub(crate) hook: &'static str,
    pub(crate) code: Code,
    pub(crate) label: String,
}

makes!(QrPicture { hook: "hook", code: "code", label: "label" });

/// A link to another page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) url: String,
    pub(crate) label: String,
}

makes!(Link { url: "url", label: "label" });

/// An address to be copied.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) url: String,
    pub(crate) label: String,
    /// What the button says before and after.
    pub(crate) copy: String,
    pub(crate) copied: String,
}

makes!(Address { url: "url", label: "label", copy: "copy", copied: "copied" });

/// How long there is to pay.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Countdown {
    /// RFC 3339.
    pub(crate) until: String,
    /// With `{time}` in it.
    pub(crate) template: &'static str,
    pub(crate) over: &'static str,
}

makes!(Countdown { until: "until", template: "template", over: "over" });

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
            ended(outcome, state, view, words)
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
    if !state.online && !view_is_settled(state) {
        return Some(Message::Offline.text(words.language));
    }
    let tries_again = !state.connected && state.error.is_none() && state.outcome.is_none();
    tries_again.then(|| Message::Reconnecting.text(words.language))
}

fn view_is_settled(state: &State) -> bool {
    let status = state.view.as_ref().and_then(|view| PaymentStatus::parse(&view.status));
    status.is_some_and(PaymentStatus::is_settled)
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
    let is_open = matches!(view.status.as_str(), "created" | "requires_action");
    match state.step.as_str() {
        "confirming" => working(Message::Confirming, words),
        "returning" => working(Message::Returning, words),
        "invoking" => bridge::invoking(view, words),
        "leaving" => Panel {
            name: "leaving",
            button: words.button("continue", "proceed", Message::Continue),
            ..working(Message::Leaving, words)
        },
        "consent" => consent(view, words),
        _ if is_open && view.method.kind == "blueocean_micropay" => bridge::till(view, words),
        _ if is_open && let Some(Place { open, required: true }) = &state.place => {
            elsewhere(state, open, words)
        }
        "following" => following(state, view, words),
        _ => match view.status.as_str() {
            "created" | "requires_action" => ready(state, view, words),
            "processing" => following(state, view, words),
            settled => ended(settled, state, view, words),
        },
    }
}

fn working(title: Message, words: &Words) -> Panel {
    Panel { name: "working", title: words.say(title), busy: true, ..Panel::default() }
}

fn ready(state: &State, view: &View, words: &Words) -> Panel {
    let leaves = MethodType::parse(&view.method.kind).is_some_and(leaves_the_page);
    let hint = match state.place.as_ref().map(|place| place.open.as_str()) {
        Some("browser") => Some(Message::WrongPlace),
        Some("app") => Some(Message::NativeHint),
        _ => leaves.then_some(Message::RedirectHint),
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
        Some(Action { kind, .. }) if kind == "dotwallet_set_pay_config" => consent(view, words),
        Some(Action { kind, purpose: Some(purpose), .. }) if kind == "redirect" && purpose == "login" => {
            login(None, words)
        }
        Some(Action { kind, .. }) if matches!(kind.as_str(), "wechat_jsapi" | "wechat_hk_jsapi") => {
            bridge::after(state, view, words)
        }
        Some(Action { kind, .. }) if kind == "native_app" => bridge::native(view, words),
        None if view.status == "created" => ready(state, view, words),
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
    let opens_here = state.place.is_none() && text.starts_with("https://");
    let on_phone = state.environment != "desktop" && opens_here;
    Panel {
        name: "qr",
        title: words.say(Message::ScanTitle),
        hint: Some(words.say(hint)),
        qr: code.map(|code| QrPicture { hook: "qr", code, label: words.say(Message::ScanLabel) }),
        wallet_link: on_phone.then(|| Link { url: text.to_owned(), label: words.say(Message::OpenWallet) }),
        countdown: countdown(until, words),
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
