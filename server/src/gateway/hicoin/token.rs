//! Tokens: how each is got, and the application's own, which is fetched by one caller at a time and kept until shortly
//! before it ends.

use std::time::Duration;

use thiserror::Error;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::config::{HicoinConfig, below};
use super::wire::{NoToken, Token, form};
use crate::secret::Secret;
use crate::upstream::{Content, Upstream};

/// Renewed this long before it ends; a token that does not last twice as long, at half its time.
const MARGIN: Duration = Duration::from_secs(60);

/// How long a token is taken to last when its answer does not say: as long as an order.
const UNSAID: Duration = Duration::from_secs(600);

const LASTS_MAX_S: i64 = 30 * 86_400;

/// A token as a call gave it.
#[derive(Clone, Debug)]
pub(super) struct Issued {
    pub(super) access: Secret,
    pub(super) refresh: Option<Secret>,
    pub(super) openid: Option<String>,
    pub(super) lasts: Duration,
}

/// Why there is no token.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(super) enum TokenError {
    /// The gateway said no.
    #[error("the token was refused with code {code}")]
    Refused {
        /// Its code.
        code: String,
        /// Its text.
        said: String,
    },
    /// It could not be asked, or answered unreadably.
    #[error("{0}")]
    Unavailable(String),
}

/// Posts `pairs` to a token call.
pub(super) async fn obtain(
    config: &HicoinConfig,
    upstream: &Upstream,
    url: &url::Url,
    pairs: &[(&str, &str)],
) -> Result<Issued, TokenError> {
    let text = form(config.body_encoding, pairs).map_err(TokenError::Unavailable)?;
    let content = Content { media_type: "application/x-www-form-urlencoded", bytes: text.into() };
    let answer = upstream.post(url, content).await.map_err(|e| TokenError::Unavailable(e.to_string()))?;
    let token = Token::read(&answer.body).map_err(|missing| match missing {
        NoToken::Refused { code, said } => TokenError::Refused { code, said },
        NoToken::Unreadable => TokenError::Unavailable("the answer has no access_token".to_owned()),
    })?;
    let said_s = token.expires_in.integer().map(|s| s.clamp(0, LASTS_MAX_S).unsigned_abs());
    Ok(Issued {
        access: Secret::new(token.access_token.as_str().to_owned()),
        refresh: token.refresh_token.owned().map(Secret::new),
        openid: token.openid.owned(),
        lasts: said_s.map_or(UNSAID, Duration::from_secs),
    })
}

/// The application's own token. Never stored, never logged.
#[derive(Default)]
pub(super) struct BaseToken(Mutex<Known>);

#[derive(Default)]
struct Known {
    held: Option<Held>,
    failed: Option<(TokenError, Instant)>,
}

/// A base token at hand.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) token: Secret,
    came_at: Instant,
    renewed_at: Instant,
}

impl Held {
    /// Whether it came after `instant`.
    pub(super) fn came_after(&self, instant: Instant) -> bool {
        self.came_at >= instant
    }
}

impl BaseToken {
    /// The token at hand, fetched if there is none that lasts.
    pub(super) async fn current(
        &self,
        config: &HicoinConfig,
        upstream: &Upstream,
    ) -> Result<Held, TokenError> {
        self.get(config, upstream, |held| Instant::now() < held.renewed_at).await
    }

    /// Another one than `refused`.
    pub(super) async fn another(
        &self,
        config: &HicoinConfig,
        upstream: &Upstream,
        refused: &Held,
    ) -> Result<Held, TokenError> {
        self.get(config, upstream, |held| held.came_at > refused.came_at).await
    }

    /// One that comes after this was asked for.
    pub(super) async fn fresh(&self, config: &HicoinConfig, upstream: &Upstream) -> Result<Held, TokenError> {
        self.get(config, upstream, |_| false).await
    }

    /// The one at hand where it `fits`; else a new one. Who waits while another caller fetches takes what that one
    /// gets, a failure too.
    async fn get(
        &self,
        config: &HicoinConfig,
        upstream: &Upstream,
        fits: impl Fn(&Held) -> bool,
    ) -> Result<Held, TokenError> {
        let asked_at = Instant::now();
        let mut known = self.0.lock().await;
        if let Some(held) = known.held.as_ref().filter(|held| held.came_after(asked_at) || fits(held)) {
            return Ok(held.clone());
        }
        if let Some((error, _)) = known.failed.as_ref().filter(|(_, at)| *at >= asked_at) {
            return Err(error.clone());
        }
        let started_at = Instant::now();
        match fetch(config, upstream).await {
            Ok(issued) => {
                let renewed_at = started_at + kept_for(issued.lasts);
                let held = Held { token: issued.access, came_at: Instant::now(), renewed_at };
                known.held = Some(held.clone());
                Ok(held)
            }
            Err(error) => {
                known.failed = Some((error.clone(), Instant::now()));
                Err(error)
            }
        }
    }
}

async fn fetch(config: &HicoinConfig, upstream: &Upstream) -> Result<Issued, TokenError> {
    let pairs = [
        ("app_id", config.app_id.as_str()),
        ("secret", config.app_secret.expose()),
        ("grant_type", "client_credential"),
    ];
    obtain(config, upstream, &below(&config.payout_url, "/cgi-bin/access_token"), &pairs).await
}

/// How long a token that lasts so long is used.
fn kept_for(lasts: Duration) -> Duration {
    lasts.saturating_sub(MARGIN).max(lasts / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::hicoin::config::sample;
    use crate::gateway::scripted::{Scripted, upstream};
    use crate::vectors::wire;

    const PATH: &str = "/cgi-bin/access_token";

    async fn asking(answers: &[&str]) -> (Scripted, HicoinConfig) {
        let answers: Vec<_> = answers.iter().map(|file| (PATH, wire(&format!("hicoin/{file}")))).collect();
        let scripted = Scripted::by_path(answers).await;
        let config = HicoinConfig { payout_url: scripted.url.clone(), ..sample() };
        (scripted, config)
    }

    #[tokio::test]
    async fn reads_the_token_inside_data_or_bare() {
        for (file, expected, lasts_s) in [
            ("base_access_token.success.json", "sandbox-base-token-0001", 7200),
            ("base_access_token.success_bare.json", "sandbox-base-token-0001", 7200),
            ("base_access_token.success_numbers.json", "sandbox-base-token-0001", 7200),
            ("base_access_token.success_base64_token.json", "dGVzdC90b2tlbis+Pz8/+w8/AQ==", 7200),
            ("base_access_token.success_without_expires_in.json", "sandbox-base-token-0001", 600),
            ("access_token.success_expires_in_unreadable.json", "sandbox-user-token-0001", 600),
        ] {
            let (scripted, config) = asking(&[file]).await;
            let url = below(&config.payout_url, PATH);
            let issued = obtain(&config, &upstream(), &url, &[]).await.unwrap();
            assert_eq!(issued.access.expose(), expected, "{file}");
            assert_eq!(issued.lasts, Duration::from_secs(lasts_s), "{file}");
            drop(scripted);
        }
    }

    #[tokio::test]
    async fn a_refusal_is_told_from_an_answer_that_cannot_be_read() {
        let refused = |code: &str, said: &str| TokenError::Refused { code: code.into(), said: said.into() };
        let unreadable = TokenError::Unavailable("the answer has no access_token".into());
        for (file, expected) in [
            ("base_access_token.failure.json", refused("100004", "bad parameter")),
            ("base_access_token.failure_address_not_allowed.json", refused("100007", "ip not allowed")),
            ("base_access_token.failure_without_data.json", refused("100007", "ip not allowed")),
            ("access_token.failure_code_number.json", refused("100004", "bad parameter")),
            ("access_token.failure_data_list.json", refused("100004", "bad parameter")),
            ("access_token.failure_data_text.json", refused("100004", "bad parameter")),
            ("base_access_token.success_empty_token.json", unreadable.clone()),
        ] {
            let (_scripted, config) = asking(&[file]).await;
            let url = below(&config.payout_url, PATH);
            assert_eq!(obtain(&config, &upstream(), &url, &[]).await.unwrap_err(), expected, "{file}");
        }
        let scripted = Scripted::answering(b"<html>".to_vec()).await;
        assert_eq!(obtain(&sample(), &upstream(), &scripted.url, &[]).await.unwrap_err(), unreadable);
    }

    #[tokio::test]
    async fn many_callers_at_once_fetch_one_token() {
        let (scripted, config) = asking(&["base_access_token.success.json"]).await;
        let (token, upstream) = (BaseToken::default(), upstream());
        let one = || token.current(&config, &upstream);
        let (a, b, c) = tokio::join!(one(), one(), one());
        for held in [a, b, c] {
            assert_eq!(held.unwrap().token.expose(), "sandbox-base-token-0001");
        }
        let seen = scripted.seen();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].1.as_bytes(), wire("hicoin/base_access_token.request.form"));
    }

    #[tokio::test]
    async fn many_callers_at_once_share_a_failure_and_the_next_one_asks_again() {
        let (scripted, config) =
            asking(&["base_access_token.failure.json", "base_access_token.success.json"]).await;
        let (token, upstream) = (BaseToken::default(), upstream());
        let one = || token.current(&config, &upstream);
        let (a, b, c) = tokio::join!(one(), one(), one());
        assert!(a.is_err() && b.is_err() && c.is_err());
        assert_eq!(scripted.seen().len(), 1);
        assert!(token.current(&config, &upstream).await.is_ok());
    }

    #[tokio::test]
    async fn only_the_token_that_was_refused_is_replaced() {
        let (scripted, config) =
            asking(&["base_access_token.success.json", "base_access_token.success_renewed.json"]).await;
        let (token, upstream) = (BaseToken::default(), upstream());
        let first = token.current(&config, &upstream).await.unwrap();
        let (one, other) = tokio::join!(
            token.another(&config, &upstream, &first),
            token.another(&config, &upstream, &first),
        );
        assert_eq!(one.unwrap().token.expose(), "sandbox-base-token-0002");
        assert_eq!(other.unwrap().token.expose(), "sandbox-base-token-0002");
        assert_eq!(scripted.seen().len(), 2);
        token.fresh(&config, &upstream).await.unwrap();
        assert_eq!(scripted.seen().len(), 3);
    }

    #[test]
    fn a_token_is_renewed_before_it_ends() {
        for (lasts_s, kept_s) in [(7200, 7140), (600, 540), (120, 60), (30, 15), (0, 0)] {
            assert_eq!(kept_for(Duration::from_secs(lasts_s)), Duration::from_secs(kept_s), "{lasts_s}");
        }
    }
}
