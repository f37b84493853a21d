//! What a payer gave that must not be readable in the ledger: tokens and bar codes, sealed for their payment.

use countersign_core::{Method, PaymentId};
use serde::{Deserialize, Serialize};

use crate::clock::UnixMs;
use crate::gateway::{Account, Tokens};
use crate::secret::Secret;
use crate::store::Record;

/// What the merchant's backend gave with the method.
#[derive(Serialize, Deserialize)]
struct Given {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auth_code: Option<String>,
}

/// What the gateway's login gave.
#[derive(Serialize, Deserialize)]
struct FromLogin {
    access: String,
    refresh: Option<String>,
    expires_at_ms: UnixMs,
}

/// Seals what `method` carries; nothing when it carries nothing.
pub(super) fn seal_given(account: &Account, method: &Method, owner: &PaymentId) -> Option<Vec<u8>> {
    let given = Given { access_token: method.access_token.clone(), auth_code: method.auth_code.clone() };
    if given.access_token.is_none() && given.auth_code.is_none() {
        return None;
    }
    account.sealer.seal(&serde_json::to_string(&given).ok()?, owner.as_str())
}

/// Puts what was sealed back into `method`.
pub(super) fn open_given(account: &Account, record: &Record, method: &mut Method) {
    let Some(sealed) = &record.sealed_token else { return };
    let Some(text) = account.sealer.open(sealed, record.id.as_str()) else {
        tracing::error!(payment = %record.id, account = record.account, "what the payer gave cannot be opened; was the account's secret changed?");
        return;
    };
    // The first release sealed a bare token.
    let given = serde_json::from_str(&text).unwrap_or(Given { access_token: Some(text), auth_code: None });
    method.access_token = given.access_token;
    method.auth_code = given.auth_code;
}

/// Seals the tokens of a login.
pub(super) fn seal_tokens(account: &Account, tokens: &Tokens, owner: &PaymentId) -> Option<Vec<u8>> {
    let tokens = FromLogin {
        access: tokens.access.expose().to_owned(),
        refresh: tokens.refresh.as_ref().map(|refresh| refresh.expose().to_owned()),
        expires_at_ms: tokens.expires_at_ms,
    };
    account.sealer.seal(&serde_json::to_string(&tokens).ok()?, owner.as_str())
}

/// Opens them.
pub(super) fn open_tokens(account: &Account, record: &Record) -> Option<Tokens> {
    let text = account.sealer.open(record.sealed_tokens.as_deref()?, record.id.as_str())?;
    let tokens: FromLogin = serde_json::from_str(&text).ok()?;
    Some(Tokens {
        access: Secret::new(tokens.access),
        refresh: tokens.refresh.map(Secret::new),
        expires_at_ms: tokens.expires_at_ms,
    })
}
