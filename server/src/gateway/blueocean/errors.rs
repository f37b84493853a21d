//! The codes of BlueOcean, in the `code` envelope.

pub(super) use crate::gateway::document_codes::TABLE;

/// The query found nothing.
pub(super) const NO_SUCH_ORDER: &str = "40102";
