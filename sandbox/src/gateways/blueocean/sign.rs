//! The BlueOcean signature: `name=value&` sorted by name, `key=KEY` at the end; MD5; upper-case hexadecimal.

use md5::{Digest as _, Md5};

use crate::gateways::hexadecimal;
use crate::gateways::message::Fields;

/// Signs fields, empty values included. `None` when a value is a list or an object.
pub(super) fn sign(fields: &Fields, key: &str) -> Option<String> {
    Some(hexadecimal::upper(&Md5::digest(string_to_sign(fields, key)?)))
}

/// Whether the fields carry the signature that belongs to them.
pub(super) fn verify(fields: &Fields, key: &str) -> bool {
    hexadecimal::same(fields.text("sign"), sign(fields, key))
}

fn string_to_sign(fields: &Fields, key: &str) -> Option<String> {
    let mut pairs = fields.printed()?;
    pairs.retain(|(name, _)| name != "sign" && name != "key");
    pairs.sort();
    let mut text: String = pairs.into_iter().map(|(name, value)| format!("{name}={value}&")).collect();
    text.push_str("key=");
    text.push_str(key);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::vectors;

    #[test]
    fn the_documents_sample_verifies() {
        let sample = r#"{"appid":"1000010","region":"HK","name":"BlueOcean Pay","business":"Online payment",
            "sign":"08C612FB4D2D52C8C913EA00E3DABC8B"}"#;
        assert!(verify(&serde_json::from_str(sample).unwrap(), "sxkj0RH9qMxdaxo0sJ8xlbki4ssOjvXb"));
    }

    #[test]
    fn a_number_and_its_digits_sign_alike_and_empty_values_stay() {
        let text = |json: &str| string_to_sign(&serde_json::from_str(json).unwrap(), "K").unwrap();
        assert_eq!(text(r#"{"total_fee":2,"attach":""}"#), "attach=&total_fee=2&key=K");
        assert_eq!(
            text(r#"{"total_fee":"2","attach":"","sign":"x","key":"y"}"#),
            "attach=&total_fee=2&key=K"
        );
    }

    #[test]
    fn every_vector_comes_out() {
        for case in vectors::of("blueocean") {
            case.check(|fields, key| vec![sign(fields, key)]);
        }
    }
}
