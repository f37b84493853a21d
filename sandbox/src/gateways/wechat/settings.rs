//! What a test can steer of the app.

use serde::{Deserialize, Serialize};

/// The switches.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// How long the app takes to put its bridge into a page; written into the script when it is fetched.
    pub(super) bridge_delay_ms: u64,
    pub(super) payment: Payment,
    /// Under which name the page script answers.
    pub(super) answer_in: AnswerIn,
    /// Run what waits for the page script also after its configuration has failed, as the real script does.
    pub(super) ready_after_error: bool,
    pub(super) token_lifetime_s: i64,
    pub(super) ticket_lifetime_s: i64,
}

/// What comes of a payment that a page asks for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Payment {
    /// A sheet comes up, and the payer decides.
    Sheet,
    /// Paid without a sheet.
    Ok,
    /// Given up without a sheet.
    Cancel,
    Fail,
    /// The sheet; paying answers `cancel` first and `ok` afterwards.
    CancelThenOk,
    /// The sheet; the answer never comes, because the app's own page takes over.
    Silent,
    /// Refused with "missing parameter total_fee", as for a prepared payment that is too old.
    MissingTotalFee,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) enum AnswerIn {
    #[serde(rename = "errMsg")]
    ErrMsg,
    #[serde(rename = "err_msg")]
    ErrUnderscoreMsg,
    #[serde(rename = "nothing")]
    Nothing,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bridge_delay_ms: 0,
            payment: Payment::Sheet,
            answer_in: AnswerIn::ErrMsg,
            ready_after_error: false,
            token_lifetime_s: 7_200,
            ticket_lifetime_s: 7_200,
        }
    }
}
