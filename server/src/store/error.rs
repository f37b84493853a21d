//! Why the ledger could not do what it was asked.

use thiserror::Error;

/// A failure of the ledger. Nothing that was asked for has become durable.
#[derive(Clone, Debug, Error)]
pub(crate) enum StoreError {
    /// Too much is waiting to be written.
    #[error("the ledger's queue is full")]
    Busy,
    /// The database refused or failed.
    #[error("the ledger failed: {0}")]
    Failed(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(format!("a stored value is unreadable: {error}"))
    }
}
