//! What the interface is told. Words that this version does not know are kept as they are.

use countersign_core::Money;

use crate::script::reads;

/// The state of one payment in this page.
#[derive(Debug)]
pub(crate) struct State {
    /// A BCP 47 language tag.
    pub(crate) locale: String,
    /// `wechat`, `alipay`, `unionpay`, `mobile` or `desktop`.
    pub(crate) environment: String,
    /// The payment, once it was found.
    pub(crate) view: Option<View>,
    /// What the core module is doing.
    pub(crate) step: String,
    /// Whether the last request brought an answer.
    pub(crate) connected: bool,
    /// Whether the device says that it is connected to anything.
    pub(crate) online: bool,
    /// Where the payment had better be opened, if not here.
    pub(crate) place: Option<Place>,
    /// Where another browser finds this payment.
    pub(crate) page_url: Option<String>,
    /// Whether a WeChat mini program shows the page.
    pub(crate) in_mini_program: bool,
    /// What WeChat's bridge said last.
    pub(crate) bridge: Option<String>,
    /// How the last run ended, if it did.
    pub(crate) outcome: Option<String>,
    /// The code of an error that ended the last run, if one did.
    pub(crate) error: Option<String>,
    /// Whether the shop can be asked for another payment.
    pub(crate) renewable: bool,
    /// Whether it is being asked.
    pub(crate) renewing: bool,
    /// The time that was counted down to its end in this page, as the view writes it.
    pub(crate) over: Option<String>,
}

reads!(State {
    locale: "locale",
    environment: "environment",
    view: "view",
    step: "step",
    connected: "connected",
    online: "online",
    place: "place",
    page_url: "pageUrl",
    in_mini_program: "inMiniProgram",
    bridge: "bridge",
    outcome: "outcome",
    error: "error",
    renewable: "renewable",
    renewing: "renewing",
    over: "over",
});

/// A place in which the method works better than here.
#[derive(Debug)]
pub(crate) struct Place {
    /// `browser`, `wechat`, `alipay`, `unionpay`, `phone` or `app`.
    pub(crate) open: String,
    /// Whether it does not work here at all.
    pub(crate) required: bool,
}

reads!(Place { open: "open", required: "required" });

/// The payer's view of the payment, as far as it is shown.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) amount: Money,
    pub(crate) subject: Option<String>,
    pub(crate) method: Method,
    pub(crate) status: String,
    pub(crate) next_action: Option<Action>,
    pub(crate) failure: Option<Failure>,
    pub(crate) return_url: Option<String>,
    pub(crate) expires_at: Option<String>,
    pub(crate) livemode: bool,
}

reads!(View {
    amount: "amount",
    subject: "subject",
    method: "method",
    status: "status",
    next_action: "next_action",
    failure: "failure",
    return_url: "return_url",
    expires_at: "expires_at",
    livemode: "livemode",
});

/// How it is paid.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) kind: String,
}

reads!(Method { kind: "type" });

/// What the payer must do, as far as it is shown.
#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) kind: String,
    /// What a QR code says.
    pub(crate) text: Option<String>,
    /// `pay` or `login`, for redirects.
    pub(crate) purpose: Option<String>,
    /// Until when a QR code is worth showing.
    pub(crate) expires_at: Option<String>,
}

reads!(Action { kind: "type", text: "text", purpose: "purpose", expires_at: "expires_at" });

/// Why it was refused.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) message: Text,
    pub(crate) class: String,
}

reads!(Failure { code: "code", message: "message", class: "class" });

/// A sentence in both languages.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) en: String,
    pub(crate) zh: String,
}

reads!(Text { en: "en", zh: "zh" });
