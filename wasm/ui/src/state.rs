//! What the interface is told. Words that this version does not know are kept as they are.

use countersign_core::Money;
use serde::Deserialize;

/// The state of one payment in this page.
#[derive(Debug, Deserialize)]
pub(crate) struct State {
    /// A BCP 47 language tag.
    pub(crate) locale: String,
    /// `wechat`, `alipay`, `unionpay`, `mobile` or `desktop`.
    pub(crate) environment: String,
    /// The payment, once it was found.
    #[serde(default)]
    pub(crate) view: Option<View>,
    /// What the core module is doing.
    pub(crate) step: String,
    /// Whether the last request brought an answer.
    pub(crate) connected: bool,
    /// Whether the device says that it is connected to anything.
    #[serde(default = "yes")]
    pub(crate) online: bool,
    /// Where the payment had better be opened, if not here.
    #[serde(default)]
    pub(crate) place: Option<Place>,
    /// Where another browser finds this payment.
    #[serde(default, rename = "pageUrl")]
    pub(crate) page_url: Option<String>,
    /// Whether a WeChat mini program shows the page.
    #[serde(default, rename = "inMiniProgram")]
    pub(crate) in_mini_program: bool,
    /// What WeChat's bridge said last.
    #[serde(default)]
    pub(crate) bridge: Option<String>,
    /// How the last run ended, if it did.
    #[serde(default)]
    pub(crate) outcome: Option<String>,
    /// The code of an error that ended the last run, if one did.
    #[serde(default)]
    pub(crate) error: Option<String>,
}

fn yes() -> bool {
    true
}

/// A place in which the method works better than here.
#[derive(Debug, Deserialize)]
pub(crate) struct Place {
    /// `browser`, `wechat`, `alipay`, `unionpay`, `phone` or `app`.
    pub(crate) open: String,
    /// Whether it does not work here at all.
    pub(crate) required: bool,
}

/// The payer's view of the payment, as far as it is shown.
#[derive(Debug, Deserialize)]
pub(crate) struct View {
    pub(crate) amount: Money,
    #[serde(default)]
    pub(crate) subject: Option<String>,
    pub(crate) method: Method,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) next_action: Option<Action>,
    #[serde(default)]
    pub(crate) failure: Option<Failure>,
    #[serde(default)]
    pub(crate) return_url: Option<String>,
    #[serde(default)]
    pub(crate) expires_at: Option<String>,
    pub(crate) livemode: bool,
}

/// How it is paid.
#[derive(Debug, Deserialize)]
pub(crate) struct Method {
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

/// What the payer must do, as far as it is shown.
#[derive(Debug, Deserialize)]
pub(crate) struct Action {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// What a QR code says.
    #[serde(default)]
    pub(crate) text: Option<String>,
    /// `pay` or `login`, for redirects.
    #[serde(default)]
    pub(crate) purpose: Option<String>,
    /// Until when a QR code is worth showing.
    #[serde(default)]
    pub(crate) expires_at: Option<String>,
}

/// Why it was refused.
#[derive(Debug, Deserialize)]
pub(crate) struct Failure {
    #[serde(default)]
    pub(crate) code: String,
    pub(crate) message: Text,
    pub(crate) class: String,
}

/// A sentence in both languages.
#[derive(Debug, Deserialize)]
pub(crate) struct Text {
    pub(crate) en: String,
    pub(crate) zh: String,
}
