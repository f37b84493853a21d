//! Values that gateways write now as a number and now as text.

use countersign_core::Currency;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A string or a number, as text; empty when it was `null` or missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text(String);

impl Text {
    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The text where it is not empty.
    pub(crate) fn filled(&self) -> Option<&str> {
        Some(self.as_str()).filter(|t| !t.is_empty())
    }

    /// The text where it is not empty, owned.
    pub(crate) fn owned(&self) -> Option<String> {
        self.filled().map(str::to_owned)
    }

    /// The whole number it stands for: decimal digits, with a sign at most.
    pub(crate) fn integer(&self) -> Option<i64> {
        integer(&self.0)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// The currency of this code; ISO 4217's "no currency" for what is no code, so that it agrees with none.
pub(crate) fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap_or_else(|_| Currency::parse("XXX").expect("three capitals are a code"))
}

/// Reads decimal digits with a sign at most; no spaces, no fraction, no exponent.
pub(crate) fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        Ok(Self(match text.as_bytes().first() {
            Some(b'"') => serde_json::from_str(text).map_err(serde::de::Error::custom)?,
            Some(b'-' | b'0'..=b'9') => text.to_owned(),
            _ => String::new(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_and_text_alike() {
        let read = |json: &str| serde_json::from_str::<Text>(json).unwrap();
        assert_eq!(read("10"), read("\"10\""));
        assert_eq!(read("-101001").integer(), Some(-101001));
        assert_eq!(read("null").filled(), None);
        assert_eq!(read("[]").filled(), None);
        assert_eq!(read("\"é\"").as_str(), "é");
        for odd in ["1.0", "1e3", "", " 1", "+1", "--1", "0x1", "99999999999999999999"] {
            assert_eq!(integer(odd), None, "{odd}");
        }
    }
}
