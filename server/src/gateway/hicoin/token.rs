//! The application's own token: fetched when needed, by one caller at a time, kept until shortly before it expires.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::config::{HicoinConfig, below};
use super::wire::{Envelope, Token};
use crate::secret::Secret;
use crate::upstream::{Content, Upstream, UpstreamError};

/// Renewed this long before it expires.
const MARGIN: Duration = Duration::from_secs(60);

/// The token at hand. Never stored, never logged.
#[derive(Default)]
pub(super) struct BaseToken(Mutex<Option<(Secret, Instant)>>);

impl BaseToken {
    /// The token, fetched if there is none that lasts.
    pub(super) async fn current(
        &self,
        config: &HicoinConfig,
        upstream: &Upstream,
    ) -> Result<Secret, UpstreamError> {
        let mut held = self.0.lock().await;
        if let Some((token, until)) = held.as_ref()
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let (token, lasts) = fetch(config, upstream).await?;
        *held = Some((token.clone(), Instant::now() + lasts.saturating_sub(MARGIN)));
        Ok(token)
    }

    /// Drops the token that the gateway did not take.
    pub(super) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

async fn fetch(config: &HicoinConfig, upstream: &Upstream) -> Result<(Secret, Duration), UpstreamError> {
    let form = [
        ("app_id", config.app_id.as_str()),
        ("secret", config.app_secret.expose()),
        ("grant_type", "client_credential"),
    ];
    let text = serde_urlencoded::to_string(form).map_err(|e| UpstreamError::NotSent(e.to_string()))?;
    let content = Content { media_type: "application/x-www-form-urlencoded", bytes: text.into() };
    let answer = upstream.post(&below(&config.payout_url, "/cgi-bin/access_token"), content).await?;
    let token = read(&answer.body)
        .ok_or_else(|| UpstreamError::OutcomeUnknown("the answer has no access_token".into()))?;
    let lasts_s = token.expires_in.integer().unwrap_or(0).clamp(0, 86_400).unsigned_abs();
    Ok((Secret::new(token.access_token.as_str().to_owned()), Duration::from_secs(lasts_s)))
}

fn read(body: &[u8]) -> Option<Token> {
    let usable = |token: &Token| token.access_token.filled().is_some();
    let inside = serde_json::from_slice::<Envelope>(body).ok()?.data().map(|data| Token {
        access_token: data.get("access_token").unwrap_or_default().into(),
        expires_in: data.get("expires_in").unwrap_or_default().into(),
    });
    inside.filter(usable).or_else(|| serde_json::from_slice::<Token>(body).ok().filter(usable))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::wire;

    #[test]
    fn reads_the_token_inside_data_or_bare() {
        let inside = read(&wire("hicoin/base_access_token.success.json")).unwrap();
        assert_eq!(
            (inside.access_token.as_str(), inside.expires_in.integer()),
            ("sandbox-base-token-0001", Some(7200))
        );
        let bare = read(br#"{"access_token":"t","expires_in":7200}"#).unwrap();
        assert_eq!((bare.access_token.as_str(), bare.expires_in.integer()), ("t", Some(7200)));
        assert!(read(br#"{"code":"1","data":null}"#).is_none());
        assert!(read(b"<html>").is_none());
    }
}
