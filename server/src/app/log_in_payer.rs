//! The payer says at the gateway who they are, or allows more there, and comes back to the signer.

use countersign_core::{Failure, FailureClass, NextAction, RedirectPurpose, Text};
use url::{Url, form_urlencoded};

use super::fact::DECISIONS_MAX;
use super::payer_secrets::{open_tokens, seal_tokens};
use super::{App, AppError};
use crate::gateway::{LoggedIn, LoginError};
use crate::ledger::{Circumstances, Claim, Source};
use crate::store::{Login, LoginPurpose, Record};
use crate::{clock, id};

const NONCE_LENGTH: usize = 40;

impl App {
    /// Takes a payer who came back from a page of the gateway of `account`; gives where they go on.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the query does not belong to a login of this account.
    pub(crate) async fn come_back(&self, account: &str, query: &str) -> Result<String, AppError> {
        let (nonce, code) = read_query(query);
        let login = self.store().login(&nonce).await?.filter(|login| login.account == account);
        let login = login.ok_or(AppError::NotFound)?;
        let app = self.clone();
        self.in_own_task(async move { app.take_back(&login, code.as_deref()).await }).await
    }

    async fn take_back(&self, login: &Login, code: Option<&str>) -> Result<String, AppError> {
        let _turn = self.0.locks.lock(login.payment_id.as_str()).await;
        let record = self.store().payment(&login.payment_id).await?.ok_or(AppError::NotFound)?;
        let location = record.return_url.clone().unwrap_or_else(|| self.0.parts.fallback_return_url.clone());
        let replayed = self.store().login(&login.nonce).await?.is_none_or(|login| login.used);
        if replayed || !record.may_be_submitted(clock::now_ms()) {
            return Ok(location);
        }
        match (login.purpose, code) {
            (LoginPurpose::Consent, _) => self.submit_in_turn(&record.id, &Circumstances::default()).await?,
            (LoginPurpose::Login, None) => self.note_refusal(&record).await?,
            (LoginPurpose::Login, Some(code)) => {
                if !self.store().use_login(&login.nonce, clock::now_ms()).await? {
                    return Ok(location);
                }
                self.exchange(&record, code).await?
            }
        };
        Ok(location)
    }

    async fn exchange(&self, record: &Record, code: &str) -> Result<Record, AppError> {
        let failure = match self.account_of(record)?.gateway.login(code).await {
            Ok(logged_in) if is_expected(record, &logged_in) => {
                tracing::info!(payment = %record.id, account = record.account, "the payer logged in");
                self.bind_payer(record, &logged_in).await?;
                return self.submit_in_turn(&record.id, &Circumstances::default()).await;
            }
            Ok(_) => other_payer(),
            Err(LoginError::Refused(failure) | LoginError::Unclear(failure)) => failure,
            Err(LoginError::Unavailable(reason)) => {
                tracing::warn!(payment = %record.id, account = record.account, reason, "the login could not be finished");
                login_unavailable()
            }
        };
        self.ask_for_login(record, Some(failure)).await
    }

    /// The payer came back without a code: they may still change their mind.
    async fn note_refusal(&self, record: &Record) -> Result<Record, AppError> {
        match record.state.next_action.clone() {
            Some(next_action) => {
                let claim = Claim::PayerNeeded { next_action, failure: Some(login_refused()) };
                self.decide_or_leave(record, Source::Login, claim).await
            }
            None => Ok(record.clone()),
        }
    }

    /// Where the payer must go before `record` can be submitted; `None` when nothing is missing.
    pub(super) async fn detour(&self, record: &Record) -> Result<Option<Record>, AppError> {
        let account = self.account_of(record)?;
        let mut method = record.method_with_payer();
        super::payer_secrets::open_given(account, record, &mut method);
        let logged_in = record.payer.is_some() && record.sealed_tokens.is_some();
        if !logged_in && account.gateway.login_page(&method, &self.callback(record)?, "").is_some() {
            return self.ask_for_login(record, None).await.map(Some);
        }
        let Some(mut payer) = record.payer.clone().filter(|payer| payer.consent.is_some()) else {
            return Ok(None);
        };
        if let Some(tokens) = open_tokens(account, record) {
            match account.gateway.read_payer(&tokens).await {
                Ok(logged_in) if logged_in.payer.id == payer.id => {
                    self.bind_payer(record, &logged_in).await?;
                    payer = logged_in.payer;
                }
                Ok(_) => return self.ask_for_login(record, Some(other_payer())).await.map(Some),
                Err(LoginError::Refused(failure)) => {
                    return self.ask_for_login(record, Some(failure)).await.map(Some);
                }
                // What the payer allowed is known from the login; the charge itself has the last word.
                Err(error @ (LoginError::Unclear(_) | LoginError::Unavailable(_))) => {
                    tracing::warn!(payment = %record.id, %error, "what the payer allowed could not be read again");
                }
            }
        }
        let back = self.consent_return_url(record).await?;
        match account.gateway.detour(&record.amount, &back, &payer) {
            None => Ok(None),
            Some(detour) => {
                let claim = Claim::PayerNeeded { next_action: detour.next_action, failure: detour.failure };
                self.decide_or_leave(record, Source::Login, claim).await.map(Some)
            }
        }
    }

    /// Sends the payer to the gateway's login; one who was sent there and has not come back is sent to the same.
    async fn ask_for_login(&self, record: &Record, failure: Option<Failure>) -> Result<Record, AppError> {
        let asked = matches!(
            record.state.next_action,
            Some(NextAction::Redirect { purpose: RedirectPurpose::Login, .. })
        );
        if asked
            && failure.is_none()
            && self.store().usable_login(&record.id, LoginPurpose::Login).await?.is_some()
        {
            return Ok(record.clone());
        }
        let nonce = self.begin_login(record, LoginPurpose::Login).await?;
        let mut method = record.method.clone();
        // The token that came with the payment, if any, did not do.
        method.access_token = None;
        let gateway = &self.account_of(record)?.gateway;
        let url = gateway
            .login_page(&method, &self.callback(record)?, &nonce)
            .ok_or_else(|| AppError::Broken("a login was asked for where nothing is missing".to_owned()))?;
        let next_action = NextAction::Redirect { purpose: RedirectPurpose::Login, url };
        self.decide_or_leave(record, Source::Login, Claim::PayerNeeded { next_action, failure }).await
    }

    async fn begin_login(&self, record: &Record, purpose: LoginPurpose) -> Result<String, AppError> {
        let nonce = id::nonce(NONCE_LENGTH);
        let login = Login {
            nonce: nonce.clone(),
            payment_id: record.id.clone(),
            account: record.account.clone(),
            purpose,
            used: false,
        };
        self.store().begin_login(login, clock::now_ms()).await?;
        Ok(nonce)
    }

    /// Binds the payment to the payer, unless another instance has submitted it meanwhile; their tokens are kept
    /// encrypted.
    pub(super) async fn bind_payer(&self, record: &Record, logged_in: &LoggedIn) -> Result<(), AppError> {
        let sealed = seal_tokens(self.account_of(record)?, &logged_in.tokens, &record.id)
            .ok_or_else(|| AppError::Broken("the payer's tokens could not be sealed".to_owned()))?;
        let mut known = record.clone();
        for _ in 0..DECISIONS_MAX {
            let (payer, sealed) = (logged_in.payer.clone(), sealed.clone());
            let bound = self.store().bind_payer(&known.id, payer, sealed, known.revision).await?;
            let after = bound.ok_or(AppError::NotFound)?;
            let is_bound = after.payer.as_ref().is_some_and(|payer| payer.id == logged_in.payer.id);
            // What is submitted by now is paid by whom it was submitted for.
            if is_bound || !after.may_be_submitted(clock::now_ms()) {
                return Ok(());
            }
            known = after;
        }
        Err(AppError::MovedOn)
    }

    /// Where the payer comes back to from a consent page: the page, or this signer when it ran the login, since the
    /// gateway knows one domain only.
    pub(super) async fn consent_return_url(&self, record: &Record) -> Result<String, AppError> {
        if record.payer.as_ref().is_none_or(|payer| payer.consent.is_none()) {
            let page = record.return_url.clone();
            return Ok(page.unwrap_or_else(|| self.0.parts.fallback_return_url.clone()));
        }
        let nonce = match self.store().usable_login(&record.id, LoginPurpose::Consent).await? {
            Some(login) => login.nonce,
            None => self.begin_login(record, LoginPurpose::Consent).await?,
        };
        let mut url = self.callback(record)?;
        url.query_pairs_mut().append_pair("state", &nonce);
        Ok(url.into())
    }

    /// The signer's address for payers who come back.
    fn callback(&self, record: &Record) -> Result<Url, AppError> {
        let base = self.0.parts.public_url.as_str().trim_end_matches('/');
        let text = format!("{base}/v1/authorize/{}/callback", record.account);
        Url::parse(&text).map_err(|e| AppError::Broken(e.to_string()))
    }
}

/// A merchant who named the payer must get that one.
fn is_expected(record: &Record, logged_in: &LoggedIn) -> bool {
    let named = record.method.openid.as_ref().or(record.method.user_open_id.as_ref());
    named.is_none_or(|named| *named == logged_in.payer.id)
}

/// `state` and `code`. Gateways append `?code=` to an address that has a query already; both forms are read.
fn read_query(query: &str) -> (String, Option<String>) {
    let (mut nonce, mut code) = (String::new(), None);
    for (name, value) in form_urlencoded::parse(query.replace('?', "&").as_bytes()) {
        match &*name {
            "state" if nonce.is_empty() => nonce = value.trim_end_matches('/').to_owned(),
            "code" if code.is_none() && !value.is_empty() => code = Some(value.into_owned()),
            _ => {}
        }
    }
    (nonce, code)
}

fn failure(code: &str, class: FailureClass, en: &str, zh: &str, hint: &str) -> Failure {
    let message = Text { en: en.to_owned(), zh: zh.to_owned() };
    Failure { code: code.to_owned(), gateway_code: None, message, class, hint: Some(hint.to_owned()) }
}

fn login_refused() -> Failure {
    failure(
        "login_refused",
        FailureClass::Payer,
        "You did not finish the login. Please try again.",
        "您未完成登录，请重试。",
        "The payer came back from the gateway's login without a code.",
    )
}

fn login_unavailable() -> Failure {
    failure(
        "login_unavailable",
        FailureClass::Retry,
        "The login could not be finished. Please try again.",
        "登录未能完成，请重试。",
        "The gateway's token call did not answer; see the signer's log.",
    )
}

fn other_payer() -> Failure {
    failure(
        "other_payer",
        FailureClass::Payer,
        "Please log in with the account that this order belongs to.",
        "请使用该订单所属的账户登录。",
        "The payer who logged in is not the one the payment is bound to.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_way_in_which_a_gateway_appends_its_code() {
        for query in ["state=N1&code=C1", "state=N1?code=C1", "code=C1&state=N1", "state=N1/?code=C1"] {
            assert_eq!(read_query(query), ("N1".to_owned(), Some("C1".to_owned())), "{query}");
        }
        assert_eq!(read_query("state=N1&code="), ("N1".to_owned(), None));
        assert_eq!(read_query("state=N1&state=N2"), ("N1".to_owned(), None));
        assert_eq!(read_query(""), (String::new(), None));
    }
}
