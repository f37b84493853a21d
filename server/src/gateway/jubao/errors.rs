//! The codes of Jubao: its document prints BlueOcean's table, and the numbers come in the `ret` envelope.
//!
//! 40500 is "payment error", and what Jubao answers to a repeated order number too; both mean that no page for the
//! payer exists, so both are refusals.

pub(super) use crate::gateway::document_codes::TABLE;

/// The query found nothing.
pub(super) const NO_SUCH_ORDER: &str = "40102";
