//! Tables of the gateways' codes, in one shape.

use countersign_core::{Failure, FailureClass, Text};

use super::hints;
use crate::ledger::{Claim, RefundClaim};

/// One published code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// As the gateway writes it, sign included.
    pub(crate) gateway_code: &'static str,
    /// Our stable name for the cause.
    pub(crate) code: &'static str,
    /// What can be done.
    pub(crate) class: FailureClass,
    /// For the payer, in English.
    pub(crate) en: &'static str,
    /// For the payer, in Chinese.
    pub(crate) zh: &'static str,
    /// For the merchant's engineer, where the cause alone does not say enough.
    hint: Option<&'static str>,
}

impl Row {
    /// The same row with words of its own for the merchant's engineer.
    pub(crate) const fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// What the merchant's engineer is told.
    pub(crate) fn advice(&self) -> &'static str {
        self.hint.unwrap_or_else(|| hints::of(self.code))
    }
}

/// Shorthand for the tables.
pub(crate) const fn row(
    gateway_code: &'static str,
    code: &'static str,
    class: FailureClass,
    en: &'static str,
    zh: &'static str,
) -> Row {
    Row { gateway_code, code, class, en, zh, hint: None }
}

/// The failure that a code stands for. An unknown code leaves the outcome unknown.
pub(crate) fn failure(table: &[Row], gateway_code: &str) -> Failure {
    const UNKNOWN: Row = row(
        "",
        "unknown_code",
        FailureClass::Query,
        "The outcome is not known yet. We are asking the payment service.",
        "结果尚未确定，正在向支付平台查询。",
    );
    let found = table.iter().find(|row| row.gateway_code == gateway_code).unwrap_or(&UNKNOWN);
    Failure {
        code: found.code.to_owned(),
        gateway_code: (!gateway_code.is_empty()).then(|| gateway_code.to_owned()),
        message: Text { en: found.en.to_owned(), zh: found.zh.to_owned() },
        class: found.class,
        hint: Some(found.advice().to_owned()).filter(|advice| !advice.is_empty()),
    }
}

/// What a failure means for the attempt: only a definite refusal ends it.
pub(crate) fn claim(failure: Failure) -> Claim {
    if failure.class == FailureClass::Query {
        let gateway_code = failure.gateway_code.as_deref().unwrap_or("none");
        let reason = format!("{}, code {gateway_code}", failure.code);
        Claim::Unknown { reason, failure: Some(failure) }
    } else {
        Claim::Refused { failure }
    }
}

/// What a failure means for a refund.
pub(crate) fn refund_claim(failure: Failure) -> RefundClaim {
    match claim(failure) {
        Claim::Refused { failure } => RefundClaim::Refused { failure },
        Claim::Unknown { reason, failure } => RefundClaim::Unknown { reason, failure },
        _ => RefundClaim::Unknown { reason: "no definite answer".to_owned(), failure: None },
    }
}

/// Asserts what every table must keep: codes once, texts in both languages.
#[cfg(test)]
pub(crate) fn assert_sound(table: &[Row]) {
    for (i, row) in table.iter().enumerate() {
        assert!(table[..i].iter().all(|r| r.gateway_code != row.gateway_code), "{} twice", row.gateway_code);
        assert!(row.en.is_ascii() && row.en.ends_with('.'), "{}: {}", row.gateway_code, row.en);
        assert!(!row.zh.is_ascii() && row.zh.ends_with('。'), "{}: {}", row.gateway_code, row.zh);
        let stable = row.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit());
        assert!(stable && !row.code.is_empty(), "{}", row.code);
        assert!(row.advice().ends_with('.'), "{} has no advice", row.code);
    }
}
