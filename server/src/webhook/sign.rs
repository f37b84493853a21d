//! Standard Webhooks 1.0.0, symmetric: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret::Secret;

/// The value of `webhook-signature`: one signature for each secret, so that a receiver may hold any of them.
///
/// A secret is `whsec_` and the base64 of its bytes; the configuration lets nothing else through.
pub(crate) fn signature(secrets: &[Secret], id: &str, timestamp_s: i64, body: &[u8]) -> String {
    let one = |secret: &Secret| {
        let text = secret.expose();
        let key = STANDARD.decode(text.strip_prefix("whsec_").unwrap_or(text)).ok()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes a key of any length");
        mac.update(format!("{id}.{timestamp_s}.").as_bytes());
        mac.update(body);
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    };
    let all: Vec<String> = secrets.iter().filter_map(one).collect();
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    #[test]
    fn agrees_with_every_vector() {
        for case in vectors::load("standard-webhooks", "standard-webhooks") {
            if case.operation != "sign" {
                continue;
            }
            let secrets: Vec<Secret> = case.keys.iter().cloned().map(Secret::new).collect();
            let field = |name| case.field(name).unwrap();
            let timestamp_s = field("webhook-timestamp").parse().unwrap();
            let got = signature(&secrets, field("webhook-id"), timestamp_s, field("body").as_bytes());
            let expected = if case.valid() { &case.signature } else { &case.right_signature };
            assert_eq!(Some(&got), expected.as_ref(), "{}", case.name);
        }
    }

    #[test]
    fn the_public_library_accepts_it() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let now_s = crate::clock::now_ms() / 1000;
        let body = "{\"type\":\"payment.succeeded\",\"subject\":\"茶\"}".as_bytes();
        let signed = signature(&[Secret::new(secret.into())], "evt_1", now_s, body);
        let mut headers = http::HeaderMap::new();
        headers.insert("webhook-id", "evt_1".parse().unwrap());
        headers.insert("webhook-timestamp", now_s.to_string().parse().unwrap());
        headers.insert("webhook-signature", signed.parse().unwrap());
        standardwebhooks::Webhook::new(secret).unwrap().verify(body, &headers).unwrap();
    }
}
