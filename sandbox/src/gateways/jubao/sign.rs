//! The Jubao signature: key, names and values without separators, key; MD5; upper-case hexadecimal.

use md5::{Digest as _, Md5};
use serde_json::Value;

use crate::gateways::config::Charset;
use crate::gateways::hexadecimal;
use crate::gateways::message::Fields;

/// The document's PHP refuses to sign a message that has this field.
const FORBIDDEN: &str = "_sign";

/// Signs fields as the document's `makeSign` does.
///
/// The joined text is hashed as it is when the message says `version` 2, and with every byte read as a Latin-1 letter
/// and encoded again otherwise. `None` when there is nothing that PHP would sign.
pub(super) fn sign(fields: &Fields, key: &str) -> Option<String> {
    let charset = if says_version_2(fields) { Charset::Plain } else { Charset::Utf8Encode };
    sign_as(fields, key, charset)
}

/// Signs fields under a given reading of the text.
pub(super) fn sign_as(fields: &Fields, key: &str, charset: Charset) -> Option<String> {
    if fields.get(FORBIDDEN).is_some() {
        return None;
    }
    let mut bytes = key.as_bytes().to_vec();
    let joined = joined(fields)?;
    match charset {
        Charset::Plain => bytes.extend_from_slice(joined.as_bytes()),
        Charset::Utf8Encode => bytes.extend_from_slice(utf8_encode(&joined).as_bytes()),
    }
    bytes.extend_from_slice(key.as_bytes());
    Some(hexadecimal::upper(&Md5::digest(&bytes)))
}

/// Whether the fields carry the signature that belongs to them.
pub(super) fn verify(fields: &Fields, key: &str) -> bool {
    hexadecimal::same(fields.text("sign"), sign(fields, key))
}

/// Names and values, sorted by name, empty values too, `sign` not.
fn joined(fields: &Fields) -> Option<String> {
    let mut pairs = fields.printed()?;
    pairs.retain(|(name, _)| name != "sign");
    pairs.sort();
    Some(pairs.into_iter().map(|(name, value)| name + &value).collect())
}

/// PHP's function of this name: every byte is taken for a Latin-1 letter.
fn utf8_encode(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

/// PHP's `isset($params['version']) && 2 == $params['version']`, in which many texts equal 2.
fn says_version_2(fields: &Fields) -> bool {
    match fields.get("version") {
        Some(Value::String(text)) => {
            let number = text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
            number.parse() == Ok(2.0)
        }
        Some(Value::Number(number)) => number.as_f64() == Some(2.0),
        Some(Value::Bool(yes)) => *yes,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::vectors;

    #[test]
    fn bytes_of_a_letter_outside_ascii_are_encoded_again() {
        assert_eq!(utf8_encode("测").as_bytes(), [0xC3, 0xA6, 0xC2, 0xB5, 0xC2, 0x8B]);
        assert_eq!(utf8_encode("é").as_bytes(), [0xC3, 0x83, 0xC2, 0xA9]);
        assert_eq!(utf8_encode("abc"), "abc");
    }

    #[test]
    fn version_equals_2_as_loosely_as_in_php_8() {
        let says = |json: &str| says_version_2(&serde_json::from_str(json).unwrap());
        for json in ["2", "\"2\"", "\"2.0\"", "\"02\"", "\" 2\"", "\"2 \"", "true", "2.0", "\"2e0\""] {
            assert!(says(&format!("{{\"version\":{json}}}")), "{json}");
        }
        for json in ["1", "\"1\"", "\"\"", "null", "\"2abc\"", "false"] {
            assert!(!says(&format!("{{\"version\":{json}}}")), "{json}");
        }
        assert!(!says("{}"));
    }

    #[test]
    fn the_documents_sample_verifies() {
        let sample = r#"{"mch_id":"10502105689001","pay_channel_id":"304","total_fee":"10000",
            "out_trade_no":"2021020920221357790","notify_url":"https://www.baidu.com","body":"abc","attach":"11",
            "return_url":"https://www.baidu.com","sign":"FF35FA2EBFB0DD709C33D58A26EEABDE"}"#;
        let fields = serde_json::from_str(sample).unwrap();
        assert!(verify(&fields, "685c6e3eca5c964b2b8240aa151cb75d"));
        assert!(!verify(&fields, "another"));
    }

    #[test]
    fn a_message_with_the_forbidden_field_cannot_be_signed() {
        assert_eq!(sign(&serde_json::from_str(r#"{"a":"1","_sign":"x"}"#).unwrap(), "k"), None);
    }

    #[test]
    fn every_vector_comes_out() {
        for case in vectors::of("jubao") {
            case.check(|fields, key| vec![sign(fields, key), sign_as(fields, key, Charset::Plain)]);
        }
    }
}
