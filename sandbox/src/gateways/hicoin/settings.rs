//! What a test can steer of Hicoin.

use serde::{Deserialize, Serialize};

use super::transfer::TransferStatus;

/// The switches. Amounts are in 10⁻⁸ of a coin.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// Whether the browser is the one inside the app; the authorise page refuses any other.
    pub(super) inside_app: bool,
    /// The portal's authorised domain, scheme and host; `null` is any.
    pub(super) redirect_domain: Option<String>,
    /// Who is signed in to the app.
    pub(super) openid: String,
    pub(super) code_lifetime_s: i64,
    pub(super) user_token_lifetime_s: i64,
    pub(super) base_token_lifetime_s: i64,
    /// Whether the caller's address is on the portal's list.
    pub(super) ip_allowed: bool,
    /// What payouts are taken from; `null` is as much as is needed.
    pub(super) business_balance: Option<i64>,
    /// What becomes of a new payout.
    pub(super) transfer_status: TransferStatus,
    pub(super) transfer_reason: String,
    pub(super) repeated_transfer: RepeatedTransfer,
}

/// The answer to a payout whose number is known. It is never paid again.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RepeatedTransfer {
    Refused,
    SameAnswer,
}

impl Settings {
    pub(super) fn new(openid: &str) -> Self {
        Self {
            inside_app: true,
            redirect_domain: None,
            openid: openid.to_owned(),
            code_lifetime_s: 300,
            user_token_lifetime_s: 7_200,
            base_token_lifetime_s: 7_200,
            ip_allowed: true,
            business_balance: None,
            transfer_status: TransferStatus::Success,
            transfer_reason: String::new(),
            repeated_transfer: RepeatedTransfer::Refused,
        }
    }
}
