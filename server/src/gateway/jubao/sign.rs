//! Jubao's signature.
//!
//! 1. Every field but `sign`, empty ones too, sorted by the bytes of the name. 2. `name` and `value` joined without
//!    any separator. 3. Without a `version` of 2, the text's UTF-8 bytes are each read as Latin-1 and written as UTF-8
//!    once more. 4. The key before and behind; MD5; upper-case hex.
//!
//! Source: 聚宝 Pay document, 1.2 and 1.4 (the words "join with &" in 1.2.2 are contradicted by its own example).

use md5::{Digest, Md5};

use super::super::hex;

/// How the joined text becomes bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    /// The UTF-8 bytes as they are: `version` is 2.
    Plain,
    /// Encoded twice, as PHP's `utf8_encode` does to UTF-8 text.
    EncodedTwice,
}

impl Charset {
    /// The reading the document's PHP takes for these fields: `version` loosely equal to 2 is plain.
    pub(crate) fn of(fields: &[(String, String)]) -> Self {
        let version = fields.iter().find(|(name, _)| name == "version").map(|(_, value)| value.as_str());
        if version.is_some_and(equals_two) { Self::Plain } else { Self::EncodedTwice }
    }
}

/// What PHP 8's `==` finds equal to 2: numeric text of that value, spaces around it or not, and `true`.
fn equals_two(text: &str) -> bool {
    let number = text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let numeric = number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    text == "true" || (numeric && number.parse() == Ok(2.0_f64))
}

/// The fields joined; `None` when a field `_sign` is present, which the document refuses to sign.
pub(crate) fn canonical(fields: &[(String, String)]) -> Option<String> {
    if fields.iter().any(|(name, _)| name == "_sign") {
        return None;
    }
    let mut kept: Vec<&(String, String)> = fields.iter().filter(|(name, _)| name != "sign").collect();
    kept.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    Some(kept.iter().map(|(name, value)| format!("{name}{value}")).collect())
}

/// The bytes that are hashed.
pub(crate) fn bytes_to_sign(canonical: &str, charset: Charset, key: &str) -> Vec<u8> {
    let middle = match charset {
        Charset::Plain => canonical.to_owned(),
        Charset::EncodedTwice => canonical.bytes().map(char::from).collect(),
    };
    [key, &middle, key].concat().into_bytes()
}

/// The signature, upper-case hex.
pub(crate) fn signature(bytes_to_sign: &[u8]) -> String {
    hex::upper(&Md5::digest(bytes_to_sign))
}

/// Signs `fields` with `key`; `None` when they carry `_sign`.
pub(crate) fn sign(fields: &[(String, String)], key: &str) -> Option<String> {
    let canonical = canonical(fields)?;
    Some(signature(&bytes_to_sign(&canonical, Charset::of(fields), key)))
}

/// Whether `fields` carry a `sign` made with one of `keys`, in either reading of the characters: notifications have
/// no `version`, and the gateway's own SDKs disagree on what that means.
pub(crate) fn verify<'k>(fields: &[(String, String)], keys: impl IntoIterator<Item = &'k str>) -> bool {
    let sign = fields.iter().find(|(name, _)| name == "sign").map(|(_, value)| value.as_str());
    let (Some(sign), Some(canonical)) = (sign.filter(|s| !s.is_empty()), canonical(fields)) else {
        return false;
    };
    keys.into_iter().filter(|key| !key.is_empty()).any(|key| {
        [Charset::EncodedTwice, Charset::Plain]
            .into_iter()
            .any(|charset| hex::same(&signature(&bytes_to_sign(&canonical, charset, key)), sign))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    #[test]
    fn version_is_compared_as_php_does() {
        for two in ["2", "2.0", "02", " 2", "2 ", "+2", "2e0", "0.2e1", "true"] {
            assert!(equals_two(two), "{two}");
        }
        for other in ["", "1", "2abc", "22", "-2", "two", "0x2", "2 2", "inf", "null"] {
            assert!(!equals_two(other), "{other}");
        }
    }

    #[test]
    fn agrees_with_every_vector_stage_by_stage() {
        vectors::check(
            "jubao",
            "jubao",
            |fields, key| {
                let canonical = canonical(fields)?;
                let bytes = bytes_to_sign(&canonical, Charset::of(fields), key);
                let signature = signature(&bytes);
                assert_eq!(Some(&signature), sign(fields, key).as_ref());
                Some((canonical, bytes, signature))
            },
            |fields, keys| verify(fields, keys.iter().map(String::as_str)),
        );
    }
}
