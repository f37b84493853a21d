//! Why the signer did not do what the shop asked of it, and how the shop passes that on.

use std::fmt;

use axum::http::StatusCode;
use serde::Deserialize;

/// The signer's codes that the page has a sentence for; any other is told as `signer_refused`.
const PASSED_ON: [&str; 3] = ["not_cancelable", "not_refundable", "not_supported"];

/// The same for codes of the one field that does not fit.
const PASSED_ON_OF_FIELD: [&str; 2] = ["above_refundable", "whole_only"];

/// Why a call to the signer came to nothing.
#[derive(Debug)]
pub(super) enum SignerError {
    /// No answer came; the text says how.
    Unreachable(&'static str),
    /// The signer refused and said why.
    Refused(Problem),
    /// The answer is not one of the signer's.
    Unreadable,
}

/// The signer's problem+json, as far as the shop passes it on.
#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    code: String,
    #[serde(default)]
    status: u16,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    request_id: Option<String>,
    #[serde(default)]
    errors: Vec<FieldProblem>,
}

#[derive(Debug, Deserialize)]
struct FieldProblem {
    field: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
}

impl Problem {
    /// For an answer that is not problem+json, such as a proxy's page.
    pub(super) fn bare(status: StatusCode) -> Self {
        Self {
            code: status.as_u16().to_string(),
            status: status.as_u16(),
            detail: status.canonical_reason().unwrap_or("no reason given").to_owned(),
            request_id: None,
            errors: Vec::new(),
        }
    }

    fn passed_on(&self) -> Option<&'static str> {
        let known = |codes: &[&'static str], code: &str| codes.iter().copied().find(|known| *known == code);
        known(&PASSED_ON, &self.code).or_else(|| match self.errors.as_slice() {
            [only] => known(&PASSED_ON_OF_FIELD, &only.code),
            _ => None,
        })
    }
}

impl SignerError {
    pub(super) fn unreachable(error: reqwest::Error) -> Self {
        Self::Unreachable(match error {
            error if error.is_timeout() => "did not answer in time",
            error if error.is_connect() => "cannot be reached",
            _ => "broke off",
        })
    }

    /// Whether the signer certainly did nothing. After any other error it may have.
    pub(super) fn is_definite(&self) -> bool {
        matches!(self, Self::Refused(problem) if (400..500).contains(&problem.status))
    }

    /// The status with which the shop tells its page.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Unreachable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused(problem) if problem.passed_on().is_some() => StatusCode::CONFLICT,
            Self::Refused(_) | Self::Unreadable => StatusCode::BAD_GATEWAY,
        }
    }

    /// The shop's own word for it, which the page has a sentence for.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "signer_unreachable",
            Self::Refused(problem) => problem.passed_on().unwrap_or("signer_refused"),
            Self::Unreadable => "signer_unreadable",
        }
    }
}

impl fmt::Display for SignerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(how) => write!(f, "the payment service {how}"),
            Self::Unreadable => f.write_str("the payment service gave an answer that cannot be read"),
            Self::Refused(problem) => {
                write!(f, "the payment service refused ({}): {}", problem.code, problem.detail)?;
                for error in &problem.errors {
                    write!(f, "; {}: {}", error.field, error.detail)?;
                }
                match &problem.request_id {
                    Some(request_id) => write!(f, " [request {request_id}]"),
                    None => Ok(()),
                }
            }
        }
    }
}
