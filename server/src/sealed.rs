//! A payer's token or bar code at rest: encrypted under a key derived from the account's own secrets, which are not in
//! the ledger.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::id;
use crate::secret::Secret;

const NONCE_BYTES: usize = 24;

/// Seals and opens what the payers of one account gave: the first cipher seals, all open.
#[derive(Clone)]
pub(crate) struct Sealer(Vec<XChaCha20Poly1305>);

impl Sealer {
    /// A sealer for the account with these secrets, the present one first.
    pub(crate) fn new<'a>(account_secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        Self(account_secrets.into_iter().map(cipher).collect())
    }

    /// Seals `token` for the payment named `owner`.
    pub(crate) fn seal(&self, token: &str, owner: &str) -> Option<Vec<u8>> {
        let nonce: [u8; 32] = id::random_key();
        let nonce = &nonce[..NONCE_BYTES];
        let payload = Payload { msg: token.as_bytes(), aad: owner.as_bytes() };
        let sealed = self.0.first()?.encrypt(XNonce::from_slice(nonce), payload).ok()?;
        Some([nonce, &sealed].concat())
    }

    /// Opens what was sealed for the same owner under the same secret.
    pub(crate) fn open(&self, sealed: &[u8], owner: &str) -> Option<String> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
        let opened = self.0.iter().find_map(|cipher| {
            let payload = Payload { msg: sealed, aad: owner.as_bytes() };
            cipher.decrypt(XNonce::from_slice(nonce), payload).ok()
        });
        String::from_utf8(opened?).ok()
    }
}

fn cipher(account_secret: &Secret) -> XChaCha20Poly1305 {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(account_secret.expose().as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(b"countersign: payer tokens at rest, 1");
    let key: [u8; 32] = mac.finalize().into_bytes().into();
    XChaCha20Poly1305::new(&key.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_with_the_same_secret_for_the_same_payment() {
        let secret = |text: &str| Secret::new(text.into());
        let sealer = Sealer::new([&secret("secret")]);
        let sealed = sealer.seal("token-of-the-payer", "pay_1").unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("token"));
        assert_eq!(sealer.open(&sealed, "pay_1").as_deref(), Some("token-of-the-payer"));
        assert_eq!(sealer.open(&sealed, "pay_2"), None);
        assert_eq!(Sealer::new([&secret("other")]).open(&sealed, "pay_1"), None);
        let rotated = Sealer::new([&secret("new"), &secret("secret")]);
        assert_eq!(rotated.open(&sealed, "pay_1").as_deref(), Some("token-of-the-payer"));
        assert_eq!(sealer.open(&[], "pay_1"), None);
    }
}
