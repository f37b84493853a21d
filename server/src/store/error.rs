//! Why the ledger could not do what it was asked.

use thiserror::Error;

/// A failure of the ledger. But for `Failed` at a commit, nothing that was asked for has become durable.
#[derive(Clone, Debug, Error)]
pub(crate) enum StoreError {
    /// Too much is waiting to be written.
    #[error("the ledger's queue is full")]
    Busy,
    /// Another process has the file.
    #[error("{ledger}: another process has this ledger{}", at(.by.as_deref()))]
    InUse {
        /// The file.
        ledger: String,
        /// The address of the signer that has it, as far as it said so.
        by: Option<String>,
    },
    /// What is there is no ledger that can be used in this way; the sentence says why.
    #[error("{0}")]
    Unusable(String),
    /// The database asked to do it once more, or went away before the commit. Nothing was written.
    #[error("the ledger was interrupted: {0}")]
    Interrupted(String),
    /// There is no connection to the database, and none can be had. Nothing was written.
    #[error("the ledger's database cannot be used: {0}")]
    Unreachable(String),
    /// There is no room on the disk, or it cannot be written. Nothing was written; it may work again later.
    #[error("the ledger cannot be written: {0}")]
    Unwritable(String),
    /// The database refused or failed.
    #[error("the ledger failed: {0}")]
    Failed(String),
}

impl StoreError {
    /// Whether nothing was written and it may be by and by.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Busy | Self::Interrupted(_) | Self::Unreachable(_) | Self::Unwritable(_))
    }

    /// Why a command that only reads cannot read a ledger of another age.
    pub(super) fn other_schema(found: i64, known: i64) -> Self {
        let remedy = if found > known {
            "it is of a newer countersign"
        } else {
            "start the signer once to bring it up to date"
        };
        Self::Unusable(format!("the ledger has schema {found}, this program knows {known}: {remedy}"))
    }
}

fn at(by: Option<&str>) -> String {
    by.map(|address| format!(": a signer at {address}")).unwrap_or_default()
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(format!("a stored value is unreadable: {error}"))
    }
}
