//! BlueOcean's signature: every field but `sign` and `key`, sorted, `name=value` joined by `&`, then `&key=KEY`; MD5;
//! upper-case hex. Values are raw; numbers as they are written in the JSON.
//!
//! Source: BlueOcean payment API document, signing, which is the rule of WeChat Pay with MD5. Its PHP keeps empty
//! values; a client in use drops them, so a verifier accepts either.

use md5::{Digest, Md5};
use serde::Serialize;

use super::super::fields::Fields;
use super::super::{hex, key_value};

const LEFT_OUT: [&str; 2] = ["sign", "key"];

/// The fields joined, empty values kept.
pub(crate) fn canonical(fields: &[(String, String)]) -> String {
    key_value::canonical(fields, &LEFT_OUT, true)
}

/// The text that is hashed.
pub(crate) fn string_to_sign(canonical: &str, key: &str) -> String {
    format!("{canonical}&key={key}")
}

/// The signature, upper-case hex.
pub(crate) fn signature(string_to_sign: &str) -> String {
    hex::upper(&Md5::digest(string_to_sign.as_bytes()))
}

/// Signs `fields` with `key`.
pub(crate) fn sign(fields: &[(String, String)], key: &str) -> String {
    signature(&string_to_sign(&canonical(fields), key))
}

/// `message` as JSON with its `sign`: the values are written once, and that text is what is signed and sent.
///
/// # Errors
/// When `message` is no JSON object with distinct names.
pub(super) fn signed_json(message: &impl Serialize, key: &str) -> Result<Vec<u8>, String> {
    let mut json = serde_json::to_string(message).map_err(|e| e.to_string())?;
    let written = Fields::from_json(json.as_bytes())?;
    let end = json.pop();
    let comma = if written.pairs().is_empty() { "" } else { "," };
    json.push_str(&format!("{comma}\"sign\":\"{}\"", sign(written.pairs(), key)));
    json.extend(end);
    Ok(json.into_bytes())
}

/// Whether `fields` carry a `sign` made with one of `keys`, with empty values kept or dropped.
pub(crate) fn verify<'k>(fields: &[(String, String)], keys: impl IntoIterator<Item = &'k str>) -> bool {
    let sign = fields.iter().find(|(name, _)| name == "sign").map(|(_, value)| value.as_str());
    let Some(sign) = sign.filter(|s| !s.is_empty()) else { return false };
    let readings = [true, false].map(|keep_empty| key_value::canonical(fields, &LEFT_OUT, keep_empty));
    keys.into_iter()
        .filter(|key| !key.is_empty())
        .any(|key| readings.iter().any(|text| hex::same(&signature(&string_to_sign(text, key)), sign)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    #[test]
    fn signs_the_text_that_it_sends() {
        #[derive(Serialize)]
        struct Message<'a> {
            body: &'a str,
            total_fee: i64,
        }
        let message = Message { body: "\"测试\"\\\n&=😀", total_fee: 10 };
        let sent = Fields::from_json(&signed_json(&message, "k").unwrap()).unwrap();
        assert_eq!((sent.get("body"), sent.get("total_fee")), (Some(message.body), Some("10")));
        assert!(verify(sent.pairs(), ["k"]));
        assert!(signed_json(&1, "k").is_err());
    }

    #[test]
    fn agrees_with_every_vector_stage_by_stage() {
        for folder in ["blueocean", "wechat"] {
            vectors::check(
                folder,
                "blueocean",
                |fields, key| {
                    let canonical = canonical(fields);
                    let text = string_to_sign(&canonical, key);
                    let signature = signature(&text);
                    assert_eq!(signature, sign(fields, key));
                    Some((canonical, text.into_bytes(), signature))
                },
                |fields, keys| verify(fields, keys.iter().map(String::as_str)),
            );
        }
    }
}
