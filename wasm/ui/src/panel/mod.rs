//! What is on the screen for a state: a pure function, so that every screen is tested without a browser.

mod bridge;
mod elsewhere;
mod ended;
mod look;
mod name;
mod permission;
mod progress;
mod shape;
mod trouble;
mod words;

use countersign_core::{MethodType, PaymentStatus};

use self::elsewhere::elsewhere;
use self::ended::ended;
use self::name::Name;
use self::permission::{consent, login};
pub(crate) use self::shape::Panel;
use self::shape::{Address, Countdown, Link, QrPicture};
use self::words::Words;
use crate::catalogue::Message;
use crate::qr::Code;
use crate::state::{Action, Place, State, View};

impl Panel {
    /// The screen for a state; `amount` is the payment's amount in its language.
    pub(crate) fn of(state: &State, amount: Option<String>) -> Box<Self> {
        let words = Words::new(state, amount);
        let mut panel = match &state.view {
            Some(view) => with_payment(state, view, &words),
            None => without_payment(state, &words),
        };
        (panel.tone, panel.icon) = look::of(&panel);
        panel.progress = progress::of(&panel, &words);
        panel.language = words.language.tag();
        panel.region = Message::Region.text(words.language);
        panel
    }
}

fn without_payment(state: &State, words: &Words) -> Box<Panel> {
    let (status, mut panel) = match state.error.as_deref() {
        _ if state.renewing => ("opening", working(Message::Renewing, words)),
        None => ("opening", words.screen(Name::Loading, Message::Opening).busy()),
        Some(code) => ("error", trouble::of(code, state, words)),
    };
    panel.status = status.to_owned();
    panel.trouble = passing(state, words);
    panel
}

fn with_payment(state: &State, view: &View, words: &Words) -> Box<Panel> {
    let mut panel = match (&state.error, &state.outcome) {
        // Money that moves meanwhile is what the payer has to know.
        _ if state.renewing && !may_be_paid(&view.status) => working(Message::Renewing, words),
        (Some(code), _) => trouble::of(code, state, words),
        // These two say that this page stopped, which the view shows better.
        (None, Some(outcome)) if !matches!(outcome.as_str(), "redirecting" | "aborted") => {
            ended(outcome, state, view, words)
        }
        _ => under_way(state, view, words),
    };
    let is_over = panel.outcome.as_deref().is_some_and(|outcome| outcome != "pending");
    panel.status.clone_from(&view.status);
    panel.amount = Some(words.amount.clone());
    panel.subject.clone_from(&view.subject);
    panel.sandbox = (!view.livemode).then(|| Message::Sandbox.text(words.language));
    panel.trouble = passing(state, words);
    panel.back_link = if is_over { back_link(view, words) } else { None };
    panel
}

fn may_be_paid(status: &str) -> bool {
    matches!(status, "processing" | "succeeded" | "refunded" | "review")
}

/// What keeps us from learning more, and is tried again by itself. It says nothing of the payment.
fn passing(state: &State, words: &Words) -> Option<&'static str> {
    if !state.online && !view_is_settled(state) {
        return Some(Message::Offline.text(words.language));
    }
    let tries_again = !state.connected && state.error.is_none() && state.outcome.is_none();
    tries_again.then(|| Message::StillChecking.text(words.language))
}

fn view_is_settled(state: &State) -> bool {
    let status = state.view.as_ref().and_then(|view| PaymentStatus::parse(&view.status));
    status.is_some_and(PaymentStatus::is_settled)
}

fn under_way(state: &State, view: &View, words: &Words) -> Box<Panel> {
    let is_open = matches!(view.status.as_str(), "created" | "requires_action");
    match state.step.as_str() {
        "confirming" => working(Message::Confirming, words),
        "returning" => asking(Message::Returning, words),
        "invoking" => bridge::invoking(view, words),
        "leaving" => {
            let button = words.button("continue", "proceed", Message::Continue);
            words.screen(Name::Leaving, Message::Leaving).busy().button(button)
        }
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

fn working(title: Message, words: &Words) -> Box<Panel> {
    words.screen(Name::Working, title).busy()
}

/// The payer has done what there was to do, and the answer is waited for.
fn asking(title: Message, words: &Words) -> Box<Panel> {
    let mut panel = working(title, words);
    panel.is_asking = true;
    panel
}

fn ready(state: &State, view: &View, words: &Words) -> Box<Panel> {
    let leaves = MethodType::parse(&view.method.kind).is_some_and(leaves_the_page);
    let hint = match state.place.as_ref().map(|place| place.open.as_str()) {
        Some("browser") => Some(Message::WrongPlace),
        Some("app") => Some(Message::NativeHint),
        _ => leaves.then_some(Message::RedirectHint),
    };
    let mut panel = words
        .screen(Name::Ready, Message::ReadyTitle)
        .countdown(countdown(view.expires_at.as_deref(), words))
        .button(words.button("pay", "confirm", Message::Pay));
    panel.hint = hint.map(|hint| words.say(hint));
    panel
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

fn following(state: &State, view: &View, words: &Words) -> Box<Panel> {
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
        Some(Action { kind, .. }) if matches!(kind.as_str(), "redirect" | "hicoin_h5") => words
            .screen(Name::Waiting, Message::WaitingForWallet)
            .hint(words.say(Message::WaitingHint))
            .busy()
            .countdown(countdown(view.expires_at.as_deref(), words))
            .button(words.button("continue", "proceed", Message::Continue)),
        _ => asking(Message::Processing, words).hint(words.say(Message::ProcessingHint)),
    }
}

fn scan(state: &State, text: &str, until: Option<&str>, words: &Words) -> Box<Panel> {
    let code = Code::new(text);
    if until.is_some() && state.over.as_deref() == until {
        return scan_over(state, code, words);
    }
    // On the payer's own phone nothing scans the screen, but the wallet opens by the same address.
    let on_phone = state.environment != "desktop";
    let opens_here = state.place.is_none() && text.starts_with("https://");
    let hint = match &code {
        None => words.say(Message::CodeTooLong),
        Some(_) if on_phone && opens_here => words.say(Message::PayHint),
        Some(_) if on_phone => {
            [&words.say(Message::WaitingHint), "\n", &words.say(Message::ScanHintOnPhone)].concat()
        }
        Some(_) => words.say(Message::WaitingHint),
    };
    let title = if on_phone && opens_here { Message::PayTitle } else { Message::ScanTitle };
    let mut panel = words.screen(Name::Qr, title).hint(hint).countdown(countdown(until, words));
    panel.qr = code.map(|code| picture(code, Message::ScanLabel, words));
    if on_phone && opens_here {
        panel.wallet_link = Some(Link { url: text.to_owned(), label: words.say(Message::OpenWallet) });
    }
    panel
}

fn picture(code: Code, label: Message, words: &Words) -> QrPicture {
    QrPicture { hook: "qr", code, label: words.say(label), covered: false }
}

/// The code may still have been paid in the last moment, so this is no end: it is only not to be scanned any more.
fn scan_over(state: &State, code: Option<Code>, words: &Words) -> Box<Panel> {
    let check = words.button("check", "follow", Message::CheckAgain);
    let renew = words.renewal(state, "renew_code", Message::NewCode);
    let (button, second) = if renew.is_some() { (renew, check) } else { (check, None) };
    let hint = words.say(Message::CodeOverHint);
    let mut panel = words.screen(Name::QrOver, Message::CodeOverTitle).hint(hint).button(button);
    panel.second = second;
    panel.qr = code.map(|code| QrPicture { covered: true, ..picture(code, Message::CodeOverLabel, words) });
    panel
}

#[inline(never)]
fn countdown(until: Option<&str>, words: &Words) -> Option<Countdown> {
    Some(Countdown {
        until: until?.to_owned(),
        template: Message::ExpiresIn.text(words.language),
        said: Message::TimeLeft.text(words.language),
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
