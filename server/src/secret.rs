//! Secrets: values that print as masked and are wiped when dropped.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use subtle::ConstantTimeEq;

/// A key, password or token. `Debug` never shows it; there is no `Display`.
#[derive(Clone, Debug)]
pub(crate) struct Secret(SecretString);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl Secret {
    /// Takes the text as it is.
    pub(crate) fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// The text, for signing or sending and for nothing else.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether `candidate` is the same text, in constant time for texts of one length.
    pub(crate) fn matches(&self, candidate: &str) -> bool {
        same(self.expose(), candidate)
    }
}

/// Whether two texts are the same, in constant time for texts of one length.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_prints_itself() {
        let secret = Secret::new("canary-1234".into());
        assert!(!format!("{secret:?} {:?}", Some(&secret)).contains("canary"));
        assert!(secret.matches("canary-1234") && !secret.matches("canary-1235") && !secret.matches(""));
    }
}
