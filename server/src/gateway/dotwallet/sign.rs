//! DotWallet's order signature. Automatic payments are not signed; orders, returns and notices are.
//!
//! 1. `k` = lower-case hex of MD5(secret). 2. `name=value` in the order in which the fields are sent, without
//!    `sign` and `opreturn`, empty values kept. 3. `&secret=` and `k` behind it. 4. The whole text upper-cased.
//!    5. HMAC-SHA256 with the key `k`, still lower-case; lower-case hex.
//!
//! Source: DotWallet open platform, order signing, prose and sample code (the sample's `||` taken literally would
//! sign `opreturn` and `sign` too; the prose and every client leave them out).

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;

use super::super::hex;

/// The order in which a return or notice is documented to list its fields.
pub(super) const NOTICE_ORDER: [&str; 10] = [
    "app_id",
    "order_sn",
    "merchant_order_sn",
    "item_name",
    "receive_address",
    "user_refund_address",
    "order_amount",
    "pay_txid",
    "status",
    "nonce_str",
];

/// The fields joined as they come, without `sign` and `opreturn`.
pub(crate) fn canonical(fields: &[(String, String)]) -> String {
    let joined: Vec<String> = fields
        .iter()
        .filter(|(name, _)| name != "sign" && name != "opreturn")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    joined.join("&")
}

/// The lower-case hex of the secret's MD5: part of the text and key of the HMAC.
pub(crate) fn mac_key(secret: &str) -> String {
    hex::lower(&Md5::digest(secret.as_bytes()))
}

/// The upper-cased text that is hashed. Letters beyond ASCII are upper-cased as JavaScript does it.
pub(crate) fn string_to_sign(canonical: &str, mac_key: &str) -> String {
    format!("{canonical}&secret={mac_key}").to_uppercase()
}

/// The signature, lower-case hex.
pub(crate) fn signature(string_to_sign: &str, mac_key: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(mac_key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(string_to_sign.as_bytes());
    hex::lower(&mac.finalize().into_bytes())
}

/// The `sign` of fields in the order in which they are sent.
pub(crate) fn sign(fields: &[(String, String)], secret: &str) -> String {
    let key = mac_key(secret);
    signature(&string_to_sign(&canonical(fields), &key), &key)
}

/// The `nonce_str` of an order: digits only (10105 refuses anything else), fifteen of them so that they stay exact
/// wherever they are read as a number.
///
/// It follows from the order number and the secret. So a notice can be held against it without anything being stored,
/// and nobody without the secret can guess it. It also pins the letter case of the order number, which the signature
/// does not cover.
pub(crate) fn nonce_str(order_no: &str, secret: &str) -> String {
    const LEAST: u64 = 100_000_000_000_000;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(b"nonce_str\n");
    mac.update(order_no.as_bytes());
    let digest = mac.finalize().into_bytes();
    let number = digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    (LEAST + number % (9 * LEAST)).to_string()
}

/// Whether `fields` carry a `sign` made with `secret`, over the received or else the documented order.
pub(crate) fn verify(fields: &[(String, String)], secret: &str) -> bool {
    let Some(sign) = fields.iter().find(|(name, _)| name == "sign").map(|(_, value)| value) else {
        return false;
    };
    if secret.is_empty() || sign.is_empty() {
        return false;
    }
    let key = mac_key(secret);
    let under = |fields: &[(String, String)]| {
        hex::same(&signature(&string_to_sign(&canonical(fields), &key), &key), sign)
    };
    under(fields) || documented_order(fields).is_some_and(|ordered| under(&ordered))
}

/// The fields in the documented order; `None` when there is another field, which that order has no place for.
pub(super) fn documented_order(fields: &[(String, String)]) -> Option<Vec<(String, String)>> {
    let known = |name: &str| name == "sign" || name == "opreturn" || NOTICE_ORDER.contains(&name);
    if !fields.iter().all(|(name, _)| known(name)) {
        return None;
    }
    let pick = |name: &&str| fields.iter().find(|(n, _)| n == name).cloned();
    Some(NOTICE_ORDER.iter().filter_map(pick).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    #[test]
    fn the_nonce_is_fifteen_digits_that_only_the_secret_gives() {
        let nonce = nonce_str("d20240101-0001", "dw_test_secret_0001");
        for order_no in ["d20240101-0001", "a", "", "一"] {
            let nonce = nonce_str(order_no, "dw_test_secret_0001");
            assert!(nonce.len() == 15 && nonce.bytes().all(|b| b.is_ascii_digit()), "{nonce}");
        }
        assert_eq!(nonce, nonce_str("d20240101-0001", "dw_test_secret_0001"));
        assert_ne!(nonce, nonce_str("D20240101-0001", "dw_test_secret_0001"));
        assert_ne!(nonce, nonce_str("d20240101-0001", "dw_test_secret_0002"));
    }

    #[test]
    fn agrees_with_every_vector_stage_by_stage() {
        vectors::check(
            "dotwallet",
            "dotwallet-order",
            |fields, secret| {
                let canonical = canonical(fields);
                let key = mac_key(secret);
                let text = string_to_sign(&canonical, &key);
                let signature = signature(&text, &key);
                Some((canonical, text.into_bytes(), signature))
            },
            |fields, keys| keys.iter().any(|secret| verify(fields, secret)),
        );
    }
}
