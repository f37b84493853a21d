//! What a merchant decides about a payment in review.

use countersign_core::{FieldError, Money, ResolutionOutcome};
use serde_json::Value;

use super::reader::Reader;

/// A decision as it is asked for.
#[derive(Clone, Debug)]
pub(in crate::app) struct ResolutionForm {
    /// What the payment is to count as.
    pub(in crate::app) outcome: ResolutionOutcome,
    /// What is accepted as paid.
    pub(in crate::app) amount: Option<Money>,
    /// The merchant's words.
    pub(in crate::app) note: Option<String>,
}

/// Reads `body`.
///
/// # Errors
/// Every misfit, each with its field.
pub(in crate::app) fn read(body: &Value) -> Result<ResolutionForm, Vec<FieldError>> {
    let Value::Object(fields) = body else {
        return Err(vec![FieldError::new("", "wrong_type", "the body must be an object")]);
    };
    let mut reader = Reader::default();
    reader.only(fields, "", &["outcome", "amount", "note"]);
    let word = reader.text(fields, "", "outcome", 16);
    let outcome = word.as_deref().and_then(ResolutionOutcome::parse);
    if word.is_some() && outcome.is_none() {
        let words: Vec<&str> = ResolutionOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
        reader.misfit("outcome", "invalid_value", format!("one of {}", words.join(", ")));
    }
    let given = fields.get("amount").is_some_and(|amount| !amount.is_null());
    // Any currency: what was seen may be in another than the account's.
    let amount = if given { reader.amount(fields, None) } else { None };
    if given && outcome == Some(ResolutionOutcome::Unpaid) {
        reader.misfit("amount", "not_allowed", "only with the outcome paid");
    }
    let note = reader.optional_text(fields, "", "note", 500);
    match outcome {
        Some(outcome) if reader.found.is_empty() => Ok(ResolutionForm { outcome, amount, note }),
        _ => Err(reader.found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn misfits(body: Value) -> Vec<(String, String)> {
        let found = read(&body).unwrap_err();
        found.into_iter().map(|error| (error.field, error.code)).collect()
    }

    fn pair(field: &str, code: &str) -> (String, String) {
        (field.to_owned(), code.to_owned())
    }

    #[test]
    fn every_misfit_is_told_with_its_field() {
        assert_eq!(misfits(json!([])), [pair("", "wrong_type")]);
        assert_eq!(misfits(json!({})), [pair("outcome", "required")]);
        assert_eq!(misfits(json!({"outcome": "lost"})), [pair("outcome", "invalid_value")]);
        let amount = json!({"value": 1, "currency": "HKD"});
        assert_eq!(misfits(json!({"outcome": "unpaid", "amount": amount})), [pair("amount", "not_allowed")]);
        let all = json!({"outcome": 1, "amount": {"value": 0}, "note": "x".repeat(501), "why": ""});
        let found = misfits(all);
        for field in ["why", "outcome", "amount.value", "amount.currency", "note"] {
            assert!(found.iter().any(|(name, _)| name == field), "{field}: {found:?}");
        }
    }

    #[test]
    fn an_amount_may_be_in_another_currency_than_the_accounts() {
        let body = json!({"outcome": "paid", "amount": {"value": 7, "currency": "USD"}, "note": "agreed"});
        let form = read(&body).unwrap();
        assert_eq!(form.amount.unwrap().to_string(), "0.07 USD");
        assert_eq!(form.note.as_deref(), Some("agreed"));
    }
}
