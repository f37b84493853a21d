//! What a test can steer of DotWallet.

use serde::{Deserialize, Serialize};

use crate::gateways::config;

/// The switches.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// Registered callback domain, `host` or `host:port`; `null` is any.
    pub(super) callback_domain: Option<String>,
    pub(super) search_finds_autopay: bool,
    pub(super) login: Login,
    pub(super) code_joined: Joined,
    pub(super) code_lifetime_s: i64,
    pub(super) token_lifetime_s: i64,
    pub(super) cancel: Cancel,
    /// `status` of a paid order in notices and return addresses: 1 in one document, 9 in another.
    pub(super) paid_status: i64,
    /// Whether an order needs both of its addresses, as one of the documents says.
    pub(super) order_uris_required: bool,
}

/// What the login page does.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Login {
    /// Shows itself and waits for a button.
    Page,
    /// Sends the browser on at once, as for a user who has authorised this merchant before.
    Authorize,
    /// Sends it back at once without a code.
    Refuse,
}

/// How the code is put behind `redirect_uri`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Joined {
    /// As a further parameter of its query.
    Query,
    /// `?code=`, whatever stands before.
    QuestionMark,
    /// `/?code=`, whatever stands before, as the document prints it.
    Slash,
}

/// How a payer who gives up comes back.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Cancel {
    /// To the bare address; the order stays open.
    Bare,
    /// With the signed parameters and `status` -1; the order has failed, and a notice says so too.
    Status,
}

impl Settings {
    pub(super) fn new(config: &config::DotWallet) -> Self {
        Self {
            callback_domain: config.callback_domain.clone(),
            search_finds_autopay: config.search_finds_autopay,
            login: Login::Page,
            code_joined: Joined::Query,
            code_lifetime_s: 300,
            token_lifetime_s: 7_200,
            cancel: Cancel::Bare,
            paid_status: 1,
            order_uris_required: false,
        }
    }
}
