//! What a merchant asks to be given back.

use countersign_core::{FieldError, Money};
use serde_json::Value;

use super::reader::Reader;
use crate::gateway::Account;

/// A refund as it is asked for, with everything checked that needs no ledger.
#[derive(Clone, Debug)]
pub(in crate::app) struct RefundForm {
    /// All that is left when not given.
    pub(in crate::app) amount: Option<Money>,
    /// The merchant's words.
    pub(in crate::app) reason: Option<String>,
    /// The merchant's own number.
    pub(in crate::app) refund_id: Option<String>,
}

/// Reads `body`.
///
/// # Errors
/// Every misfit, each with its field.
pub(in crate::app) fn read(body: &Value, account: &Account) -> Result<RefundForm, Vec<FieldError>> {
    let Value::Object(fields) = body else {
        return Err(vec![FieldError::new("", "wrong_type", "the body must be an object")]);
    };
    let mut reader = Reader::default();
    reader.only(fields, "", &["amount", "reason", "refund_id"]);
    let given = fields.get("amount").is_some_and(|amount| !amount.is_null());
    let unlimited = Account { max_amount: None, ..account.clone() };
    let amount = if given { reader.amount(fields, Some(&unlimited)) } else { None };
    let reason = reader.optional_text(fields, "", "reason", 128);
    let refund_id = reader.optional_text(fields, "", "refund_id", 64);
    if reader.found.is_empty() { Ok(RefundForm { amount, reason, refund_id }) } else { Err(reader.found) }
}
