//! Hicoin's signature: the non-empty fields but `sign`, sorted, `name=value` joined by `&`, then `&key=KEY`;
//! HMAC-SHA256 with the same key; upper-case hex. Values are raw, never percent-encoded, with one exception: the
//! payment page's `package` is signed in its encoded form, `prepay_id%3D…`.
//!
//! Source: Hicoin API-Platform, H5 payment and appendix 2. The appendix's example is WeChat Pay's and reproduces with
//! WeChat's published key only; its PHP sample is no HMAC and fits nothing.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::super::{hex, key_value};

/// The fields joined.
pub(crate) fn canonical(fields: &[(String, String)]) -> String {
    key_value::canonical(fields, &["sign"], false)
}

/// The text that is hashed.
pub(crate) fn string_to_sign(canonical: &str, key: &str) -> String {
    format!("{canonical}&key={key}")
}

/// The signature, upper-case hex.
pub(crate) fn signature(string_to_sign: &str, key: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(string_to_sign.as_bytes());
    hex::upper(&mac.finalize().into_bytes())
}

/// Signs `fields` with `key`.
pub(crate) fn sign(fields: &[(String, String)], key: &str) -> String {
    signature(&string_to_sign(&canonical(fields), key), key)
}

/// Whether `fields` carry a `sign` made with one of `keys`.
pub(crate) fn verify<'k>(fields: &[(String, String)], keys: impl IntoIterator<Item = &'k str>) -> bool {
    let sent = fields.iter().find(|(name, _)| name == "sign").map(|(_, value)| value.as_str());
    let Some(sent) = sent.filter(|s| !s.is_empty()) else { return false };
    keys.into_iter().filter(|key| !key.is_empty()).any(|key| hex::same(&sign(fields, key), sent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    #[test]
    fn agrees_with_every_vector_stage_by_stage() {
        for (folder, scheme) in [("hicoin", "hicoin"), ("hicoin", "hicoin-page"), ("wechat", "hicoin")] {
            vectors::check(
                folder,
                scheme,
                |fields, key| {
                    let canonical = canonical(fields);
                    let text = string_to_sign(&canonical, key);
                    let signature = signature(&text, key);
                    assert_eq!(signature, sign(fields, key));
                    Some((canonical, text.into_bytes(), signature))
                },
                |fields, keys| verify(fields, keys.iter().map(String::as_str)),
            );
        }
    }
}
