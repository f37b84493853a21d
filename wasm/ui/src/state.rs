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
    /// How the last run ended, if it did.
    #[serde(default)]
    pub(crate) outcome: Option<String>,
    /// The code of an error that ended the last run, if one did.
    #[serde(default)]
    pub(crate) error: Option<String>,
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
    pub(crate) message: Text,
    pub(crate) class: String,
}

/// A sentence in both languages.
#[derive(Debug, Deserialize)]
pub(crate) struct Text {
    pub(crate) en: String,
    pub(crate) zh: String,
}
