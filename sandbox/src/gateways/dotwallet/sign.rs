//! The signature of orders: `name=value` joined by `&` in the order of the message, `secret=` and the secret's MD5
//! behind, all upper-case; HMAC-SHA256 with that MD5 as key; lower-case hexadecimal.

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use sha2::Sha256;

use crate::gateways::hexadecimal;
use crate::gateways::message::Fields;

/// Fields that no signature covers.
const UNSIGNED: [&str; 2] = ["sign", "opreturn"];

/// Signs fields as they stand. `None` when a value is a list or an object.
pub(super) fn sign(fields: &Fields, secret: &str) -> Option<String> {
    let key = hexadecimal::lower(&Md5::digest(secret));
    let mut text = String::new();
    for (name, value) in fields.printed()?.iter().filter(|(name, _)| !UNSIGNED.contains(&name.as_str())) {
        text.push_str(&format!("{name}={value}&"));
    }
    text.push_str(&format!("secret={key}"));
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.to_uppercase().as_bytes());
    Some(hexadecimal::lower(&mac.finalize().into_bytes()))
}

/// Whether the fields carry the signature that belongs to them.
pub(super) fn verify(fields: &Fields, secret: &str) -> bool {
    hexadecimal::same(fields.text("sign"), sign(fields, secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::vectors;

    #[test]
    fn the_order_of_the_fields_counts() {
        let sign = |json: &str| sign(&serde_json::from_str(json).unwrap(), "dw_test_secret_0001").unwrap();
        assert_ne!(sign(r#"{"a":"1","b":"2"}"#), sign(r#"{"b":"2","a":"1"}"#));
        assert_eq!(sign(r#"{"a":546}"#), sign(r#"{"a":"546","opreturn":"00","sign":"x"}"#));
    }

    #[test]
    fn every_vector_comes_out() {
        // A receiver may read a message in the documented order too; a gateway reads its own.
        for case in vectors::of("dotwallet").into_iter().filter(|case| !case.is_read_as("documented-order")) {
            case.check(|fields, key| vec![sign(fields, key)]);
        }
    }
}
