//! The payer as a gateway's login named them.

use serde::{Deserialize, Serialize};

/// The payer's identity at the gateway, and what they allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Payer {
    /// `user_open_id` or `openid`.
    pub(crate) id: String,
    /// What they allowed to be charged without asking; `None` where the gateway always asks.
    #[serde(default)]
    pub(crate) consent: Option<Consent>,
}

/// What a payer allowed to be charged without asking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Consent {
    /// Whether they allowed anything.
    pub(crate) given: bool,
    /// The largest single amount, minor units.
    pub(crate) single_max: Option<i64>,
    /// The sum of all amounts, minor units.
    pub(crate) total_max: Option<i64>,
}
