//! Hicoin's login: a silent page inside the app, a code, and the payer's token for it.
//!
//! Source: Hicoin API-Platform, authorise and tokens.

use url::{Url, form_urlencoded};

use super::config::below;
use super::token::{Issued, TokenError, obtain};
use super::{Hicoin, errors};
use crate::clock;
use crate::gateway::{LoggedIn, LoginError, Tokens};
use crate::ledger::Payer;
use crate::secret::Secret;

impl Hicoin {
    /// The page that gives a code. The document calls `wallet_redirect` a parameter and shows a fragment; what it shows
    /// is sent.
    pub(super) fn authorize_page(&self, callback: &Url, nonce: &str) -> String {
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        format!(
            "{}?app_id={}&redirect_uri={}&response_type=code&scope=snsapi_base&state={}&#wallet_redirect",
            below(&self.config.oauth_url, "/connect/oauth/authorize"),
            encoded(&self.config.app_id),
            encoded(callback.as_str()),
            encoded(nonce),
        )
    }

    /// The payer's token for a code.
    pub(super) async fn redeem(&self, code: &str) -> Result<LoggedIn, LoginError> {
        let pairs = [
            ("app_id", self.config.app_id.as_str()),
            ("secret", self.config.app_secret.expose()),
            ("code", code),
            ("grant_type", "authorization_code"),
        ];
        self.logged_in("/sns/oauth/access_token", &pairs, None).await
    }

    /// The payer's next token.
    pub(super) async fn renew(&self, tokens: &Tokens) -> Result<LoggedIn, LoginError> {
        let Some(refresh) = &tokens.refresh else {
            return Err(LoginError::Unavailable("the login gave no refresh_token".to_owned()));
        };
        let pairs = [
            ("app_id", self.config.app_id.as_str()),
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.expose()),
        ];
        self.logged_in("/sns/oauth/refresh_token", &pairs, Some(refresh)).await
    }

    async fn logged_in(
        &self,
        path: &str,
        pairs: &[(&str, &str)],
        refresh: Option<&Secret>,
    ) -> Result<LoggedIn, LoginError> {
        let url = below(&self.config.oauth_url, path);
        let issued =
            obtain(&self.config, &self.upstream, &url, pairs).await.map_err(|error| match error {
                TokenError::Refused { code, said } => {
                    LoginError::Refused(errors::login_refused(&code, &said))
                }
                TokenError::Unavailable(reason) => LoginError::Unavailable(reason),
            })?;
        let Issued { access, refresh: next, openid, lasts } = issued;
        let Some(id) = openid else {
            return Err(LoginError::Unavailable("the answer has no openid".to_owned()));
        };
        let lasts_ms = i64::try_from(lasts.as_millis()).unwrap_or(0);
        let tokens = Tokens {
            access,
            // An answer that names no other leaves the one that was just taken.
            refresh: next.or_else(|| refresh.cloned()),
            expires_at_ms: clock::now_ms().saturating_add(lasts_ms),
        };
        Ok(LoggedIn { payer: Payer { id, consent: None }, tokens })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::hicoin::sample_at;
    use crate::gateway::scripted::Scripted;
    use crate::vectors::wire;
    use countersign_core::FailureClass;

    async fn login(file: &str) -> (Result<LoggedIn, LoginError>, Vec<(String, String)>) {
        let scripted = Scripted::answering(wire(&format!("hicoin/{file}"))).await;
        let result = sample_at(&scripted.url).redeem("sandbox-code-0001").await;
        (result, scripted.seen())
    }

    async fn renewal(file: &str) -> (Result<LoggedIn, LoginError>, Vec<(String, String)>) {
        let scripted = Scripted::answering(wire(&format!("hicoin/{file}"))).await;
        let secret = |text: &str| Secret::new(text.to_owned());
        let refresh = Some(secret("sandbox-refresh-token-0001"));
        let tokens = Tokens { access: secret("sandbox-user-token-0001"), refresh, expires_at_ms: 0 };
        let result = sample_at(&scripted.url).renew(&tokens).await;
        (result, scripted.seen())
    }

    #[test]
    fn the_page_is_as_documented_to_the_byte() {
        let hicoin = sample_at(&Url::parse("https://oauth.hicoin.vip/api").unwrap());
        let callback = Url::parse("https://pay.shop.example/v1/authorize/coin/callback").unwrap();
        let page = hicoin.authorize_page(&callback, "S0000000000000000000000000000001");
        let query = String::from_utf8(wire("hicoin/authorize.request.query")).unwrap();
        assert_eq!(page, format!("https://oauth.hicoin.vip/api/connect/oauth/authorize?{query}"));
    }

    #[tokio::test]
    async fn a_code_becomes_a_payer_with_tokens() {
        for file in [
            "access_token.success.json",
            "access_token.success_bare.json",
            "access_token.success_numbers.json",
            "access_token.success_code_number.json",
            "access_token.success_unknown_field.json",
        ] {
            let before_ms = clock::now_ms();
            let (result, seen) = login(file).await;
            let LoggedIn { payer, tokens } = result.unwrap();
            assert_eq!(payer, Payer { id: "u0000000000000001".into(), consent: None }, "{file}");
            assert_eq!(tokens.access.expose(), "sandbox-user-token-0001");
            assert_eq!(tokens.refresh.unwrap().expose(), "sandbox-refresh-token-0001");
            let lasts_ms = tokens.expires_at_ms - before_ms;
            assert!((7_200_000..7_260_000).contains(&lasts_ms), "{file}: {lasts_ms}");
            assert_eq!(seen[0].0, "/sns/oauth/access_token");
            assert_eq!(seen[0].1.as_bytes(), wire("hicoin/access_token.request.form"));
        }
        let (result, _) = login("access_token.success_base64_token.json").await;
        assert_eq!(result.unwrap().tokens.access.expose(), "dGVzdC90b2tlbis+Pz8/+w8/AQ==");
        let (result, _) = login("access_token.success_without_refresh_token.json").await;
        assert!(result.unwrap().tokens.refresh.is_none());
    }

    #[tokio::test]
    async fn a_refused_code_sends_the_payer_through_the_login_again() {
        for file in [
            "access_token.failure.json",
            "access_token.failure_code_number.json",
            "access_token.failure_data_list.json",
            "access_token.failure_data_text.json",
            "access_token.failure_without_data.json",
        ] {
            let Err(LoginError::Refused(failure)) = login(file).await.0 else { panic!("{file}") };
            assert_eq!((failure.code.as_str(), failure.class), ("login_refused", FailureClass::Payer));
            assert_eq!(failure.gateway_code.as_deref(), Some("100004"), "{file}");
        }
        for file in ["access_token.success_empty_token.json", "access_token.success_without_openid.json"] {
            assert!(matches!(login(file).await.0, Err(LoginError::Unavailable(_))), "{file}");
        }
    }

    #[tokio::test]
    async fn a_refresh_token_becomes_the_next_tokens_of_the_same_payer() {
        for file in [
            "refresh_token.success.json",
            "refresh_token.success_bare.json",
            "refresh_token.success_numbers.json",
            "refresh_token.success_code_number.json",
        ] {
            let (result, seen) = renewal(file).await;
            let LoggedIn { payer, tokens } = result.unwrap();
            assert_eq!(payer.id, "u0000000000000001", "{file}");
            assert_eq!(tokens.access.expose(), "sandbox-user-token-0002");
            assert_eq!(tokens.refresh.unwrap().expose(), "sandbox-refresh-token-0002");
            assert_eq!(seen[0].0, "/sns/oauth/refresh_token");
            assert_eq!(seen[0].1.as_bytes(), wire("hicoin/refresh_token.request.form"));
        }
        let (result, _) = renewal("refresh_token.success_without_refresh_token.json").await;
        assert_eq!(result.unwrap().tokens.refresh.unwrap().expose(), "sandbox-refresh-token-0001");
        let (result, _) = renewal("refresh_token.success_other_openid.json").await;
        assert_eq!(result.unwrap().payer.id, "u0000000000000002");
        for file in ["refresh_token.failure.json", "refresh_token.failure_data_text.json"] {
            assert!(matches!(renewal(file).await.0, Err(LoginError::Refused(_))), "{file}");
        }
    }
}
