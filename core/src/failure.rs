//! Why a gateway refused, in words for the payer and a code for the merchant.

use crate::closed::closed_set;

closed_set! {
    /// What can be done about a failure.
    FailureClass {
        /// The same call may work.
        Retry = "retry",
        /// The outcome is unknown and is being looked up.
        Query = "query",
        /// Send the payer through consent again.
        Reauthorize = "reauthorize",
        /// The payer can fix it.
        Payer = "payer",
        /// The merchant must fix it.
        Configuration = "configuration",
        /// Nothing can be done.
        Final = "final",
    }
}

/// The same sentence in English and Chinese.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Text {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

/// A refusal as the merchant and the payer see it.
///
/// Shape: `{"code", "gateway_code", "message": {"en", "zh"}, "class"}`, and for the merchant `"hint"`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Failure {
    /// Stable name of the cause, the same at every gateway.
    pub code: String,
    /// The gateway's own code as it wrote it, sign included; `null` when it gave none.
    pub gateway_code: Option<String>,
    /// For the payer.
    pub message: Text,
    /// What can be done.
    pub class: FailureClass,
    /// For the merchant's engineer: where to look. Never in the payer's view.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub hint: Option<String>,
}
