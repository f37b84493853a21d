//! The Hicoin signature: non-empty `name=value` sorted by name and joined by `&`, `key=KEY` at the end; HMAC-SHA256
//! with the same key; upper-case hexadecimal.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::gateways::hexadecimal;
use crate::gateways::message::Fields;

/// Signs fields, raw and without the empty ones. `None` when a value is a list or an object.
pub(super) fn sign(fields: &Fields, key: &str) -> Option<String> {
    let text = string_to_sign(fields, key)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    Some(hexadecimal::upper(&mac.finalize().into_bytes()))
}

/// Whether the fields carry the signature that belongs to them, under `name`.
pub(super) fn verify(fields: &Fields, name: &str, key: &str) -> bool {
    let signed: Fields = fields.iter().filter(|(known, _)| known != name).cloned().collect();
    hexadecimal::same(fields.text(name), sign(&signed, key))
}

fn string_to_sign(fields: &Fields, key: &str) -> Option<String> {
    let mut pairs = fields.printed()?;
    pairs.retain(|(name, value)| name != "sign" && !value.is_empty());
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
    fn the_sample_that_the_scheme_was_taken_from_verifies() {
        let sample = r#"{"appid":"wxd930ea5d5a258f4f","body":"test","device_info":"1000","mch_id":"10000100",
            "nonce_str":"ibuaiVcKdpRxkhJA"}"#;
        let sign = sign(&serde_json::from_str(sample).unwrap(), "192006250b4c09247ec02edce69f6a2d").unwrap();
        assert_eq!(sign, "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6");
    }

    #[test]
    fn empty_values_are_left_out_and_zero_is_not_empty() {
        let text =
            string_to_sign(&serde_json::from_str(r#"{"b":"","a":0,"C":"x","sign":"s"}"#).unwrap(), "K");
        assert_eq!(text.unwrap(), "C=x&a=0&key=K");
    }

    #[test]
    fn every_vector_comes_out() {
        for case in vectors::of("hicoin") {
            case.check(|fields, key| vec![sign(fields, key)]);
        }
    }
}
