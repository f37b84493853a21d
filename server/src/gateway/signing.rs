//! A gateway's signing rule, laid open: its stages, the readings a verifier takes, and what people take for it.
//!
//! `sign.rs` of a gateway signs and verifies; this shape is for explaining a signature to a person.

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;

use super::hex;

/// A name and its value as text.
pub(crate) type Field = (String, String);

/// A way to come from fields and key to a signature.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// What it is, in a word or a sentence.
    pub(crate) name: &'static str,
    /// The signatures it may give, hex in any case; none where it does not apply.
    pub(crate) signatures: fn(&[Field], &str) -> Vec<String>,
}

impl Rule {
    /// A rule of this name.
    pub(crate) const fn new(name: &'static str, signatures: fn(&[Field], &str) -> Vec<String>) -> Self {
        Self { name, signatures }
    }

    /// Whether `sign` is what this rule gives.
    pub(crate) fn gives(&self, fields: &[Field], key: &str, sign: &str) -> bool {
        (self.signatures)(fields, key).iter().any(|signature| hex::same(signature, sign))
    }
}

/// A signature from fields, the key in the text and the key of the hash.
pub(crate) type Mixed = fn(&[Field], &str, &str) -> String;

/// How a gateway signs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scheme {
    /// The rule's name for these fields.
    pub(crate) profile: fn(&[Field]) -> &'static str,
    /// The fields put together.
    pub(crate) canonical: fn(&[Field]) -> Result<String, &'static str>,
    /// What stands for the key in the text that is hashed.
    pub(crate) key_in_text: fn(&str) -> String,
    /// The text that is hashed, from fields, canonical text and [`Self::key_in_text`].
    pub(crate) text: fn(&[Field], &str, &str) -> String,
    /// The signature of a text under a key, as the gateway writes it.
    pub(crate) signature: fn(&str, &str) -> String,
    /// What these fields choose or forget, as a label and words for a person.
    pub(crate) step: fn(&[Field]) -> Option<(&'static str, &'static str)>,
    /// What a verifier accepts.
    pub(crate) readings: &'static [Rule],
    /// What these fields and the reading that fitted give to think about.
    pub(crate) remark: fn(&[Field], &str) -> Option<&'static str>,
    /// What people take for the rule.
    pub(crate) mistakes: &'static [Rule],
    /// A rule that takes one key for the text and another for the hash, where the gateway has two.
    pub(crate) mixed: Option<Mixed>,
    /// The field that names the account.
    pub(crate) account_field: &'static str,
    /// The fields of a notification, as documented.
    pub(crate) notice_fields: &'static [&'static str],
    /// Keys that a document prints, with the document.
    pub(crate) sample_keys: &'static [(&'static str, &'static str)],
}

/// Whether a field is the signature itself.
pub(super) fn is_sign(field: &Field) -> bool {
    field.0 == "sign"
}

/// Fields without `sign` by the bytes of their names.
pub(super) fn sorted(fields: &[Field]) -> Vec<&Field> {
    let mut kept: Vec<&Field> = fields.iter().filter(|field| !is_sign(field)).collect();
    kept.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    kept
}

/// `name`, `inside`, `value`, with `between` between the fields.
pub(super) fn join<'f>(fields: impl IntoIterator<Item = &'f Field>, inside: &str, between: &str) -> String {
    let joined: Vec<String> =
        fields.into_iter().map(|(name, value)| format!("{name}{inside}{value}")).collect();
    joined.join(between)
}

/// MD5 as hex.
pub(super) fn md5(text: &str) -> String {
    hex::lower(&Md5::digest(text.as_bytes()))
}

/// SHA-256 as hex.
pub(super) fn sha256(text: &str) -> String {
    hex::lower(&Sha256::digest(text.as_bytes()))
}

/// HMAC-SHA256 as hex.
pub(super) fn hmac_sha256(key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    hex::lower(&mac.finalize().into_bytes())
}

/// Asserts that the rule laid open gives the stages of every vector, and that its readings accept what must be.
#[cfg(test)]
pub(super) fn agrees_with_vectors(folder: &str, scheme: &str, open: &Scheme) {
    let sign = |fields: &[Field], key: &str| {
        let canonical = (open.canonical)(fields).ok()?;
        let text = (open.text)(fields, &canonical, &(open.key_in_text)(key));
        let signature = (open.signature)(&text, key);
        Some((canonical, text.into_bytes(), signature))
    };
    let verify = |fields: &[Field], keys: &[String]| {
        let sign = fields.iter().find(|field| is_sign(field)).map(|(_, value)| value.clone());
        let sign = sign.unwrap_or_default();
        keys.iter().any(|key| open.readings.iter().any(|reading| reading.gives(fields, key, &sign)))
    };
    crate::vectors::check(folder, scheme, sign, verify);
}
