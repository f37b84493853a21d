//! Client secrets: derived from payment, generation and the signer's own key, never stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_core::PaymentId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{App, AppError};
use crate::secret::same;
use crate::store::Record;

/// Derives client secrets.
pub(super) struct ClientSecrets {
    key: [u8; 32],
}

impl ClientSecrets {
    /// With the signer's own key.
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The client secret of a payment's generation.
    pub(super) fn of(&self, id: &PaymentId, generation: i64) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(format!("client secret of {id}, generation {generation}").as_bytes());
        format!("cs_{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }
}

impl App {
    /// The client secret that opens this payment now.
    pub(crate) fn client_secret(&self, record: &Record) -> String {
        self.0.client_secrets.of(&record.id, record.secret_generation)
    }

    /// The payment that `id` names, if `client_secret` opens it. Wrong and unknown look the same.
    pub(crate) async fn open_checkout(
        &self,
        id: &str,
        client_secret: &str,
    ) -> Result<Option<Record>, AppError> {
        let Some(id) = PaymentId::parse(id) else { return Ok(None) };
        let record = self.store().payment(&id).await?;
        Ok(record.filter(|record| same(&self.client_secret(record), client_secret)))
    }

    /// A new client secret; the old one stops working.
    pub(crate) async fn renew_client_secret(&self, id: &PaymentId) -> Result<Record, AppError> {
        self.store().next_secret_generation(id).await?.ok_or(AppError::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differ_by_payment_generation_and_key() {
        let (a, b) = (ClientSecrets::new([1; 32]), ClientSecrets::new([2; 32]));
        let id = |text| PaymentId::parse(text).unwrap();
        let (one, two) = (id("pay_01JD0000000000000000000000"), id("pay_01JD0000000000000000000001"));
        let all = [a.of(&one, 1), a.of(&one, 2), a.of(&two, 1), b.of(&one, 1)];
        for (i, secret) in all.iter().enumerate() {
            assert!(secret.starts_with("cs_") && secret.len() == 46, "{secret}");
            assert!(!all[..i].contains(secret));
        }
        assert_eq!(a.of(&one, 1), a.of(&one, 1));
    }
}
