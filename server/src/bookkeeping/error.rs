//! Why there is no extract and no summary.

use std::io;

use thiserror::Error;

use crate::config::ConfigError;
use crate::store::StoreError;

/// One sentence for the person who asked, and the exit code.
#[derive(Debug, Error)]
pub(crate) enum BookkeepingError {
    /// What was asked for makes no sense.
    #[error("{0}")]
    Question(String),
    /// The configuration does not name a ledger.
    #[error("{0}")]
    Configuration(#[from] ConfigError),
    /// The ledger cannot be read.
    #[error("{0}")]
    Ledger(#[from] StoreError),
    /// The result cannot be written.
    #[error("the result cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl BookkeepingError {
    /// 2 for what the person can put right in the command, else 1.
    pub(crate) fn exit(&self) -> u8 {
        match self {
            Self::Question(_) | Self::Configuration(_) => 2,
            Self::Ledger(_) | Self::Output(_) => 1,
        }
    }

    /// Whether whoever reads the result has seen enough.
    pub(crate) fn is_reader_gone(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
