//! A payer's token at rest: encrypted under a key derived from the account's own secret, which is not in the ledger.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::id;
use crate::secret::Secret;

const NONCE_BYTES: usize = 24;

/// Seals and opens the tokens of one account.
#[derive(Clone)]
pub(crate) struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// A sealer for the account with this secret.
    pub(crate) fn new(account_secret: &Secret) -> Self {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(account_secret.expose().as_bytes())
            .expect("HMAC takes a key of any length");
        mac.update(b"countersign: payer tokens at rest, 1");
        let key: [u8; 32] = mac.finalize().into_bytes().into();
        Self(XChaCha20Poly1305::new(&key.into()))
    }

    /// Seals `token` for the payment named `owner`.
    pub(crate) fn seal(&self, token: &str, owner: &str) -> Option<Vec<u8>> {
        let nonce: [u8; 32] = id::random_key();
        let nonce = &nonce[..NONCE_BYTES];
        let payload = Payload { msg: token.as_bytes(), aad: owner.as_bytes() };
        let sealed = self.0.encrypt(XNonce::from_slice(nonce), payload).ok()?;
        Some([nonce, &sealed].concat())
    }

    /// Opens what was sealed for the same owner under the same secret.
    pub(crate) fn open(&self, sealed: &[u8], owner: &str) -> Option<String> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
        let payload = Payload { msg: sealed, aad: owner.as_bytes() };
        let token = self.0.decrypt(XNonce::from_slice(nonce), payload).ok()?;
        String::from_utf8(token).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_with_the_same_secret_for_the_same_payment() {
        let sealer = Sealer::new(&Secret::new("secret".into()));
        let sealed = sealer.seal("token-of-the-payer", "pay_1").unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("token"));
        assert_eq!(sealer.open(&sealed, "pay_1").as_deref(), Some("token-of-the-payer"));
        assert_eq!(sealer.open(&sealed, "pay_2"), None);
        assert_eq!(Sealer::new(&Secret::new("other".into())).open(&sealed, "pay_1"), None);
        assert_eq!(sealer.open(&[], "pay_1"), None);
    }
}
