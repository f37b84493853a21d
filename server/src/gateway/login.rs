//! Who pays, where the gateway's own login says it.

use countersign_core::{Failure, NextAction};
use thiserror::Error;

use crate::clock::UnixMs;
use crate::ledger::Payer;
use crate::secret::Secret;

/// A payer as the gateway's login named them.
#[derive(Clone, Debug)]
pub(crate) struct LoggedIn {
    /// What is kept of them in the ledger.
    pub(crate) payer: Payer,
    /// Their tokens, kept encrypted.
    pub(crate) tokens: Tokens,
}

/// A payer's tokens.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    /// Opens what the payer allowed.
    pub(crate) access: Secret,
    /// Gets a new one.
    pub(crate) refresh: Option<Secret>,
    /// When the access token ends.
    pub(crate) expires_at_ms: UnixMs,
}

/// A page where the payer must go before the order may be sent, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Detour {
    /// The page.
    pub(crate) next_action: NextAction,
    /// Why, where it is more than a first login.
    pub(crate) failure: Option<Failure>,
}

/// Why a login did not end with a payer.
#[derive(Clone, Debug, Error)]
pub(crate) enum LoginError {
    /// The gateway refused the code or the token.
    #[error("the gateway refused: {}", .0.code)]
    Refused(Failure),
    /// The gateway answered with a code that says nothing which could be acted upon.
    #[error("the gateway answered {}", .0.code)]
    Unclear(Failure),
    /// The gateway could not be asked, or answered unreadably.
    #[error("the gateway could not be asked: {0}")]
    Unavailable(String),
}
