//! DotWallet's login: who pays, and what they allowed to be charged without asking.
//!
//! 1. The browser goes to `get_code` and comes back with a code that works once, within five minutes; without a code
//!    the payer refused. There is no `state` in this interface: the nonce travels in the query of `redirect_uri`.
//!    2. `access_token` turns the code into tokens. 3. `get_user_info` tells `user_open_id`, and in `pay_status`,
//!    `pre_amount` and `total_amount` the only word there is on consent. 4. `refresh_access_token` renews a token.
//!
//! Source: DotWallet open platform, user authorisation.

use countersign_core::{FailureClass, Method, MethodType, Money, NextAction};
use serde::Serialize;
use url::Url;

use super::wire::{AccessToken, Envelope, GetCode, GetUserInfo, IssuedTokens, RefreshAccessToken, UserInfo};
use super::{Dotwallet, errors};
use crate::clock::{self, UnixMs};
use crate::gateway::{Detour, LoggedIn, LoginError, Tokens};
use crate::ledger::{Consent, Payer};
use crate::secret::Secret;

/// A token that lasts no longer than this is renewed before it is used.
const TOKEN_LEFT_MS: i64 = 120_000;

/// What the documents say where an answer does not, in seconds.
const EXPIRES_IN_S: i64 = 7200;

/// More than any token lasts, in seconds: what is said beyond it is not believed.
const EXPIRES_IN_S_MAX: i64 = 30 * 86_400;

impl Dotwallet {
    /// The login page, where an automatic payment does not say whose it is.
    pub(super) fn get_code_page(&self, method: &Method, callback: &Url, nonce: &str) -> Option<String> {
        let named = method.user_open_id.as_deref().is_some_and(|id| !id.is_empty());
        if method.kind != MethodType::DotwalletAutopay || named {
            return None;
        }
        let mut back = callback.clone();
        back.query_pairs_mut().append_pair("state", nonce);
        let query = GetCode { app_id: &self.config.app_id, redirect_uri: back.as_str() };
        Some(self.config.url_with(&self.config.get_code_path, &query).into())
    }

    /// A login's code becomes a payer.
    pub(super) async fn exchange_code(&self, code: &str) -> Result<LoggedIn, LoginError> {
        let message = AccessToken { app_id: &self.config.app_id, secret: self.config.secret.expose(), code };
        let asked_at_ms = clock::now_ms();
        let answer = self.call(&self.config.access_token_path, &message).await;
        let answer = answer.map_err(|error| LoginError::Unavailable(error.to_string()))?;
        let tokens = issued_tokens(&answer, None, asked_at_ms).ok_or_else(|| self.refused(&answer))?;
        self.get_user_info(tokens).await
    }

    /// What a payer allowed, read again; with new tokens where the old ones end soon or are not taken.
    pub(super) async fn read_again(&self, tokens: &Tokens) -> Result<LoggedIn, LoginError> {
        let ends_soon = tokens.expires_at_ms.saturating_sub(clock::now_ms()) <= TOKEN_LEFT_MS;
        let Some(refresh) = &tokens.refresh else { return self.get_user_info(tokens.clone()).await };
        if !ends_soon {
            match self.get_user_info(tokens.clone()).await {
                Err(LoginError::Refused(failure)) if failure.class == FailureClass::Reauthorize => {}
                result => return result,
            }
        }
        let renewed = self.refresh_access_token(refresh).await?;
        self.get_user_info(renewed).await
    }

    async fn refresh_access_token(&self, refresh: &Secret) -> Result<Tokens, LoginError> {
        let query = RefreshAccessToken { app_id: &self.config.app_id, refresh_token: refresh.expose() };
        let asked_at_ms = clock::now_ms();
        let answer = self.ask(&self.config.refresh_access_token_path, &query).await?;
        issued_tokens(&answer, Some(refresh), asked_at_ms).ok_or_else(|| self.refused(&answer))
    }

    async fn get_user_info(&self, tokens: Tokens) -> Result<LoggedIn, LoginError> {
        let query = GetUserInfo { access_token: tokens.access.expose() };
        let answer = self.ask(&self.config.get_user_info_path, &query).await?;
        let info = answer.succeeded().then(|| answer.data::<UserInfo>()).flatten();
        let named = info.and_then(|info| info.user_open_id.owned().map(|id| (id, info)));
        let (id, info) = named.ok_or_else(|| self.refused(&answer))?;
        let consent = Consent {
            given: info.consents(),
            single_max: info.pre_amount.integer(),
            total_max: info.total_amount.integer(),
        };
        Ok(LoggedIn { payer: Payer { id, consent: Some(consent) }, tokens })
    }

    /// Why there is no payer: a published code is a refusal, another one says nothing that could be acted upon.
    fn refused(&self, answer: &Envelope) -> LoginError {
        if answer.succeeded() {
            return LoginError::Unavailable("code 0 without what was asked for".to_owned());
        }
        let failure = errors::failure(answer, &self.config.secret);
        match failure.class {
            FailureClass::Query => LoginError::Unclear(failure),
            _ => LoginError::Refused(failure),
        }
    }

    async fn ask(&self, path: &str, query: &impl Serialize) -> Result<Envelope, LoginError> {
        self.get(path, query).await.map_err(|error| LoginError::Unavailable(error.to_string()))
    }

    /// The consent page, when automatic payments are not switched on or a limit does not reach for `amount`.
    pub(super) fn consent_detour(&self, amount: &Money, return_url: &str, payer: &Payer) -> Option<Detour> {
        let consent = payer.consent.as_ref()?;
        let below = |max: Option<i64>| max.is_some_and(|max| amount.value() > max);
        let failure = if !consent.given {
            errors::consent_missing()
        } else if below(consent.single_max) || below(consent.total_max) {
            errors::limit_exceeded()
        } else {
            return None;
        };
        Some(Detour { next_action: self.set_pay_config(return_url), failure: Some(failure) })
    }

    /// The page where the payer switches automatic payments on, sets limits and tops up. Both outcomes come back to
    /// `redirect_uri`, without a word: only `get_user_info` or the next charge tells them apart.
    pub(super) fn set_pay_config(&self, redirect_uri: &str) -> NextAction {
        NextAction::DotwalletSetPayConfig {
            page_url: self.config.url(&self.config.set_pay_config_path).into(),
            app_id: self.config.app_id.clone(),
            redirect_uri: redirect_uri.to_owned(),
        }
    }
}

/// The tokens of a successful answer; a renewal that brings no new refresh token leaves the old one.
fn issued_tokens(answer: &Envelope, refresh: Option<&Secret>, asked_at_ms: UnixMs) -> Option<Tokens> {
    let issued = answer.succeeded().then(|| answer.data::<IssuedTokens>()).flatten()?;
    let expires_in_s = issued.expires_in.integer().unwrap_or(EXPIRES_IN_S).clamp(0, EXPIRES_IN_S_MAX);
    Some(Tokens {
        access: Secret::new(issued.access_token.owned()?),
        refresh: issued.refresh_token.owned().map(Secret::new).or_else(|| refresh.cloned()),
        expires_at_ms: asked_at_ms + expires_in_s * 1000,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::scripted::{Scripted, upstream};
    use crate::vectors::wire;
    use countersign_core::Currency;

    fn gateway(base: &Url) -> Dotwallet {
        let mut config = super::super::sample();
        config.base_url = base.clone();
        Dotwallet::new(config, Currency::parse("BSV").unwrap(), upstream())
    }

    async fn scripted(answers: &[(&'static str, &str)]) -> (Dotwallet, Scripted) {
        let answers = answers.iter().map(|(path, file)| (*path, wire(&format!("dotwallet/{file}.json"))));
        let scripted = Scripted::by_path(answers.collect()).await;
        (gateway(&scripted.url), scripted)
    }

    async fn logged_in(token: &str, user: &str) -> Result<LoggedIn, LoginError> {
        let (gateway, _) =
            scripted(&[("refresh", token), ("access_token", token), ("get_user_info", user)]).await;
        gateway.exchange_code("sandbox-code-0001").await
    }

    fn tokens(left_ms: i64, refresh: bool) -> Tokens {
        Tokens {
            access: Secret::new("sandbox-user-token-0001".into()),
            refresh: refresh.then(|| Secret::new("sandbox-refresh-token-0001".into())),
            expires_at_ms: clock::now_ms() + left_ms,
        }
    }

    fn refusal(result: Result<LoggedIn, LoginError>) -> Option<String> {
        match result {
            Ok(logged_in) => panic!("{logged_in:?}"),
            Err(LoginError::Refused(failure)) => failure.gateway_code,
            Err(LoginError::Unclear(_) | LoginError::Unavailable(_)) => None,
        }
    }

    #[test]
    fn the_login_page_is_asked_for_only_where_nobody_is_named() {
        let gateway = gateway(&Url::parse("https://www.ddpurse.com").unwrap());
        let callback = Url::parse("https://pay.shop.example/v1/authorize/wallet/callback").unwrap();
        let page =
            |method: &Method| gateway.get_code_page(method, &callback, "S0000000000000000000000000000001");
        let mut method = Method::bare(MethodType::DotwalletAutopay);
        let query = String::from_utf8(wire("dotwallet/get_code.request.query")).unwrap();
        assert_eq!(page(&method), Some(format!("https://www.ddpurse.com/openapi/get_code?{query}")));
        method.user_open_id = Some(String::new());
        assert!(page(&method).is_some());
        method.user_open_id = Some("sandbox-payer-0001".into());
        assert_eq!(page(&method), None);
        assert_eq!(page(&Method::bare(MethodType::DotwalletOrder)), None);
    }

    #[tokio::test]
    async fn a_code_becomes_a_payer_with_what_they_allowed() {
        let (gateway, scripted) = scripted(&[
            ("access_token", "access_token.success"),
            ("get_user_info", "get_user_info.consented"),
        ])
        .await;
        let LoggedIn { payer, tokens } = gateway.exchange_code("sandbox-code-0001").await.unwrap();
        assert_eq!(payer.id, "sandbox-payer-0001");
        let consent = Consent { given: true, single_max: Some(1_000_000), total_max: Some(10_000_000) };
        assert_eq!(payer.consent, Some(consent));
        assert_eq!(tokens.refresh.unwrap().expose(), "sandbox-refresh-token-0001");
        let left_ms = tokens.expires_at_ms - clock::now_ms();
        assert!((7_100_000..=7_200_000).contains(&left_ms), "{left_ms}");
        let [(path, body), (asked, _)] = <[_; 2]>::try_from(scripted.seen()).unwrap();
        assert_eq!(path, "/openapi/access_token");
        let json = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
        assert_eq!(json(body.as_bytes()), json(&wire("dotwallet/access_token.request.json")));
        let query = String::from_utf8(wire("dotwallet/get_user_info.request.query")).unwrap();
        assert_eq!(asked, format!("/openapi/get_user_info?{query}"));
    }

    #[tokio::test]
    async fn every_answer_of_a_login_has_its_meaning() {
        let user = "get_user_info.consented";
        for file in ["success", "success_strings", "success_unknown_field", "success_without_refresh_token"] {
            logged_in(&format!("access_token.{file}"), user).await.unwrap_or_else(|e| panic!("{file}: {e}"));
        }
        for (file, code) in [
            ("bad_code", Some("10017")),
            ("bad_code_zh", Some("10017")),
            ("code_empty", Some("10016")),
            ("no_permission", Some("10012")),
            ("not_authorised", Some("10018")),
            ("not_generated", Some("10019")),
            ("wrong_secret", Some("10015")),
            ("code_0_without_data", None),
            ("code_0_without_token", None),
        ] {
            let result = logged_in(&format!("access_token.{file}"), user).await;
            assert_eq!(refusal(result).as_deref(), code, "{file}");
        }
        let unknown = logged_in("pay_small_money.unknown_code", user).await;
        assert_eq!(refusal(unknown), None);
    }

    #[tokio::test]
    async fn only_pay_status_1_is_consent() {
        for (file, given, single_max) in [
            ("consented", true, Some(1_000_000)),
            ("consented_strings", true, Some(1_000_000)),
            ("consented_chinese_unknown_field", true, Some(1_000_000)),
            ("consented_without_limits", true, None),
            ("not_consented", false, Some(0)),
            ("not_consented_strings", false, Some(0)),
            ("unknown_pay_status", false, Some(1_000_000)),
            ("without_pay_status", false, None),
        ] {
            let payer =
                logged_in("access_token.success", &format!("get_user_info.{file}")).await.unwrap().payer;
            let consent = payer.consent.unwrap();
            assert_eq!((consent.given, consent.single_max), (given, single_max), "{file}");
        }
        for (file, code) in [
            ("bad_token", Some("10021")),
            ("access_token_empty", Some("10020")),
            ("without_user_open_id", None),
        ] {
            let result = logged_in("access_token.success", &format!("get_user_info.{file}")).await;
            assert_eq!(refusal(result).as_deref(), code, "{file}");
        }
    }

    #[tokio::test]
    async fn a_token_that_lasts_is_used_and_one_that_ends_is_renewed_by_get() {
        let answers = [
            ("refresh_access_token", "refresh_access_token.success"),
            ("get_user_info", "get_user_info.consented"),
        ];
        let (gateway, script) = scripted(&answers).await;
        let same = gateway.read_again(&tokens(3_600_000, true)).await.unwrap();
        assert_eq!(same.tokens.access.expose(), "sandbox-user-token-0001");
        assert_eq!(script.seen().len(), 1);

        let (gateway, script) = scripted(&answers).await;
        let renewed = gateway.read_again(&tokens(60_000, true)).await.unwrap();
        assert_eq!(renewed.tokens.access.expose(), "sandbox-user-token-0002");
        assert_eq!(renewed.tokens.refresh.unwrap().expose(), "sandbox-refresh-token-0002");
        let query = String::from_utf8(wire("dotwallet/refresh_access_token.request.query")).unwrap();
        let [(path, body), (asked, _)] = <[_; 2]>::try_from(script.seen()).unwrap();
        assert_eq!((path, body.as_str()), (format!("/openapi/refresh_access_token?{query}"), ""));
        assert_eq!(asked, "/openapi/get_user_info?access_token=sandbox-user-token-0002");
    }

    #[tokio::test]
    async fn a_token_that_is_not_taken_is_renewed_once_and_then_needs_a_new_login() {
        let (gateway, script) = scripted(&[
            ("refresh_access_token", "refresh_access_token.success"),
            ("get_user_info", "get_user_info.bad_token"),
            ("get_user_info", "get_user_info.consented"),
        ])
        .await;
        let renewed = gateway.read_again(&tokens(3_600_000, true)).await.unwrap();
        assert_eq!(renewed.tokens.access.expose(), "sandbox-user-token-0002");
        assert_eq!(script.seen().len(), 3);

        for (file, code) in [
            ("failed", "10303"),
            ("refresh_token_empty", "10302"),
            ("no_permission", "10301"),
            ("app_id_empty", "10300"),
        ] {
            let file = format!("refresh_access_token.{file}");
            let (gateway, _) =
                scripted(&[("refresh", &file), ("get_user_info", "get_user_info.bad_token")]).await;
            for left_ms in [0, 3_600_000] {
                let result = gateway.read_again(&tokens(left_ms, true)).await;
                assert_eq!(refusal(result).as_deref(), Some(code), "{file}");
            }
            let result = gateway.read_again(&tokens(0, false)).await;
            assert_eq!(refusal(result).as_deref(), Some("10021"));
        }
    }

    #[tokio::test]
    async fn a_gateway_that_cannot_be_asked_is_no_refusal() {
        let (gateway, _) = scripted(&[]).await;
        assert_eq!(refusal(gateway.exchange_code("c").await), None);
        assert_eq!(refusal(gateway.read_again(&tokens(0, true)).await), None);
        assert_eq!(refusal(gateway.read_again(&tokens(3_600_000, true)).await), None);
    }

    #[test]
    fn without_consent_or_above_a_limit_the_payer_is_sent_to_the_consent_page() {
        let gateway = gateway(&Url::parse("https://www.ddpurse.com").unwrap());
        let amount = |value| Money::new(value, Currency::parse("BSV").unwrap()).unwrap();
        let detour = |value, consent: Option<Consent>| {
            let payer = Payer { id: "p".into(), consent };
            gateway.consent_detour(&amount(value), "https://shop.example/done?a=1&b=2", &payer)
        };
        let code = |value, given, single_max, total_max| {
            detour(value, Some(Consent { given, single_max, total_max }))
                .map(|detour| (detour.failure.unwrap().code, detour.next_action))
        };
        let page = NextAction::DotwalletSetPayConfig {
            page_url: "https://www.ddpurse.com/openapi/set_pay_config".into(),
            app_id: "0123456789abcdef0123456789abcdef".into(),
            redirect_uri: "https://shop.example/done?a=1&b=2".into(),
        };
        assert_eq!(detour(700, None), None);
        assert_eq!(code(700, true, Some(700), Some(700)), None);
        assert_eq!(code(700, true, None, None), None);
        assert_eq!(code(700, false, None, None), Some(("consent_missing".into(), page.clone())));
        assert_eq!(code(700, true, Some(699), Some(9999)), Some(("limit_exceeded".into(), page.clone())));
        assert_eq!(code(700, true, Some(9999), Some(699)), Some(("limit_exceeded".into(), page)));
        let failure = detour(700, Some(Consent { given: false, single_max: None, total_max: None }))
            .unwrap()
            .failure
            .unwrap();
        assert_eq!((failure.class, failure.gateway_code), (FailureClass::Reauthorize, None));
    }
}
