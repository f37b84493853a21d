//! Why a delivery did not succeed.

use std::error::Error;

use http::StatusCode;

use super::client::NotPublic;

/// What is kept of an error's text.
const TEXT_CHARS_MAX: usize = 200;

/// A delivery that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// What kind.
    pub(super) kind: Kind,
    /// The answer, where there was one.
    pub(super) http_status: Option<u16>,
    /// In words, without the address.
    pub(super) text: String,
    /// What `retry-after` said.
    pub(super) retry_after_ms: Option<i64>,
}

/// The kinds, as metrics count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `410 Gone`: it wants no more.
    Gone,
    /// 429, 502, 503, 504: it has too much to do.
    Throttled,
    /// 3xx: events are not sent on to other addresses.
    Redirected,
    /// Any other answer but 2xx.
    Refused,
    /// No whole answer in time.
    TimedOut,
    /// No answer at all.
    Unreachable,
    /// A private address behind the name.
    Private,
    /// An answer that broke off.
    BrokenOff,
}

impl Kind {
    /// The word in metrics.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Throttled => "throttled",
            Self::Redirected => "redirected",
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::Private => "private_address",
            Self::BrokenOff => "broken_off",
        }
    }
}

impl Failure {
    /// An answer that is no success.
    pub(super) fn answered(status: StatusCode, retry_after_ms: Option<i64>) -> Self {
        let kind = match status {
            StatusCode::GONE => Kind::Gone,
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Kind::Throttled,
            _ if status.is_redirection() => Kind::Redirected,
            _ => Kind::Refused,
        };
        let code = status.as_u16();
        Self { kind, http_status: Some(code), text: format!("HTTP status {code}"), retry_after_ms }
    }

    /// No whole answer in time.
    pub(super) fn timed_out(timeout_s: u64) -> Self {
        let text = format!("no whole answer within {timeout_s} s");
        Self { kind: Kind::TimedOut, http_status: None, text, retry_after_ms: None }
    }

    /// An answer whose end did not come.
    pub(super) fn broken_off(status: StatusCode) -> Self {
        let code = status.as_u16();
        let text = format!("HTTP status {code}, but the answer broke off");
        Self { kind: Kind::BrokenOff, http_status: Some(code), text, retry_after_ms: None }
    }

    /// No answer. The words of the libraries, without the address.
    pub(super) fn unreachable(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut parts = vec![error.to_string()];
        let (mut source, mut kind) = (error.source(), Kind::Unreachable);
        while let Some(inner) = source {
            if inner.is::<NotPublic>() {
                kind = Kind::Private;
            }
            let text = inner.to_string();
            if parts.last() != Some(&text) {
                parts.push(text);
            }
            source = inner.source();
        }
        let text = parts.join(": ").chars().take(TEXT_CHARS_MAX).collect();
        Self { kind, http_status: None, text, retry_after_ms: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_is_of_its_kind() {
        for (status, kind) in [
            (410, Kind::Gone),
            (429, Kind::Throttled),
            (502, Kind::Throttled),
            (503, Kind::Throttled),
            (504, Kind::Throttled),
            (301, Kind::Redirected),
            (302, Kind::Redirected),
            (304, Kind::Redirected),
            (307, Kind::Redirected),
            (308, Kind::Redirected),
            (400, Kind::Refused),
            (401, Kind::Refused),
            (404, Kind::Refused),
            (500, Kind::Refused),
            (999, Kind::Refused),
        ] {
            let failure = Failure::answered(StatusCode::from_u16(status).unwrap(), None);
            assert_eq!((failure.kind, failure.http_status), (kind, Some(status)));
        }
    }
}
