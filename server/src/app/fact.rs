//! How what was learnt becomes a fact of the ledger.

use countersign_core::PaymentStatus;
use sha2::{Digest, Sha256};

use super::payer_secrets::{open_given, open_tokens};
use super::{App, AppError};
use crate::clock::{self, UnixMs};
use crate::gateway::{Account, Order};
use crate::ledger::{Attempt, Claim, Source};
use crate::store::{Added, NewFact, Record};

/// A payer's token that lasts no longer than this is renewed before it is used.
const TOKEN_LEFT_MS: i64 = 60_000;

/// How often a decision is taken anew when the payment changes meanwhile.
pub(super) const DECISIONS_MAX: usize = 5;

impl App {
    /// Adds a claim that somebody told about `attempt` (or the payment as a whole) and tells those who wait.
    pub(super) async fn learn(
        &self,
        record: &Record,
        attempt: Option<i64>,
        source: Source,
        claim: Claim,
    ) -> Result<Record, AppError> {
        let now_ms = clock::now_ms();
        let digest = claim_digest(source, &claim, now_ms);
        self.learn_with_digest(record, attempt, source, claim, digest).await
    }

    /// Adds what we decide ourselves about `record`: only if the payment is still as it was then, here and on every
    /// other instance.
    ///
    /// # Errors
    /// [`AppError::MovedOn`] when it is not.
    pub(super) async fn decide(
        &self,
        record: &Record,
        attempt: Option<i64>,
        source: Source,
        claim: Claim,
    ) -> Result<Record, AppError> {
        let mut hash = Sha256::new();
        hash.update(claim_digest(source, &claim, clock::now_ms()));
        hash.update(record.revision.to_be_bytes());
        let fact = self.fact(record, attempt, source, claim, hash.finalize().into());
        let fact = NewFact { decided_at: Some(record.revision), ..fact };
        self.add(record, fact).await
    }

    /// The same, for decisions that are left where the payment has moved on: gives it as it is now.
    pub(super) async fn decide_or_leave(
        &self,
        record: &Record,
        source: Source,
        claim: Claim,
    ) -> Result<Record, AppError> {
        match self.decide(record, None, source, claim).await {
            Err(AppError::MovedOn) => self.store().payment(&record.id).await?.ok_or(AppError::NotFound),
            decided => decided,
        }
    }

    /// The same, for a claim whose raw bytes say what a repetition is.
    pub(super) async fn learn_with_digest(
        &self,
        record: &Record,
        attempt: Option<i64>,
        source: Source,
        claim: Claim,
        digest: [u8; 32],
    ) -> Result<Record, AppError> {
        self.add(record, self.fact(record, attempt, source, claim, digest)).await
    }

    fn fact(
        &self,
        record: &Record,
        attempt: Option<i64>,
        source: Source,
        claim: Claim,
        digest: [u8; 32],
    ) -> NewFact {
        let at_ms = clock::now_ms();
        let next_check_at_ms = match record.live_refund() {
            Some(_) => self.next_refund_check(record, at_ms),
            None => self.next_check(record, at_ms),
        };
        NewFact { attempt, source, claim, at_ms, digest, next_check_at_ms, decided_at: None }
    }

    async fn add(&self, record: &Record, fact: NewFact) -> Result<Record, AppError> {
        let source = fact.source;
        let Added { record: after, added } =
            self.store().add_fact(&record.id, fact).await?.ok_or(AppError::NotFound)?;
        if !added {
            return Err(AppError::MovedOn);
        }
        if after.revision != record.revision {
            let hint = after.state.failure.as_ref().and_then(|failure| failure.hint.as_deref());
            tracing::info!(payment = %after.id, account = after.account, status = %after.status(), revision = after.revision, source = source.as_str(), hint, "payment changed");
            self.0.changes.tell(&after.id);
        }
        if record.live_refund().is_none() && after.live_refund().is_some() {
            // A refund was begun meanwhile, and is not to wait for what `record` was waiting for.
            let next_at_ms = self.next_refund_check(&after, clock::now_ms());
            self.store().check_at(&after.id, after.revision, next_at_ms).await?;
        }
        Ok(after)
    }

    /// When the gateway is asked again, after `record.checks` times.
    pub(super) fn next_check(&self, record: &Record, now_ms: UnixMs) -> Option<UnixMs> {
        let polling = &self.0.parts.polling;
        let nth = usize::try_from(record.checks).unwrap_or(usize::MAX);
        if now_ms < record.expires_at_ms {
            let delay_s = polling.open_s.get(nth).or(polling.open_s.last()).copied().unwrap_or(10);
            return Some((now_ms + delay_s * 1000).min(record.expires_at_ms));
        }
        // A doubt that comes up later than that has a schedule of its own.
        let doubted_ms = record.state.doubted.as_ref().map_or(0, |doubted| doubted.since_ms);
        let mut at_ms = record.expires_at_ms.max(doubted_ms);
        polling.settling_s.iter().find_map(|delay_s| {
            at_ms += delay_s * 1000;
            (at_ms > now_ms).then_some(at_ms)
        })
    }

    /// The account of a payment.
    pub(super) fn account_of(&self, record: &Record) -> Result<&Account, AppError> {
        let missing = || AppError::NoSuchAccount(record.account.clone());
        self.0.parts.accounts.account(&record.account).ok_or_else(missing)
    }

    /// What the gateway is told of an attempt.
    pub(super) async fn order(&self, record: &Record, attempt: &Attempt) -> Result<Order, AppError> {
        let account = self.account_of(record)?;
        let mut method = record.method_with_payer();
        open_given(account, record, &mut method);
        if method.access_token.is_none() {
            method.access_token = self.token_from_login(record).await?;
        }
        let fallback = &self.0.parts.fallback_return_url;
        let base = self.0.parts.public_url.as_str().trim_end_matches('/');
        Ok(Order {
            order_no: attempt.order_no.clone(),
            amount: record.amount.clone(),
            subject: record.subject.clone(),
            description: record.description.clone(),
            method,
            return_url: record.return_url.clone().or_else(|| Some(fallback.clone())),
            notify_url: format!("{base}/v1/notifications/{}", record.account),
            expires_at_ms: record.expires_at_ms,
            consent_return_url: self.consent_return_url(record).await?,
            circumstances: attempt.circumstances.clone(),
        })
    }

    /// The payer's token from the signer's login, a new one where it is about to end.
    async fn token_from_login(&self, record: &Record) -> Result<Option<String>, AppError> {
        // A payer who consented is charged by name: no order of theirs carries a token.
        if record.payer.as_ref().is_none_or(|payer| payer.consent.is_some()) {
            return Ok(None);
        }
        let account = self.account_of(record)?;
        let Some(tokens) = open_tokens(account, record) else { return Ok(None) };
        if tokens.expires_at_ms - clock::now_ms() > TOKEN_LEFT_MS {
            return Ok(Some(tokens.access.expose().to_owned()));
        }
        match account.gateway.read_payer(&tokens).await {
            Ok(renewed) if record.payer.as_ref().is_some_and(|payer| payer.id == renewed.payer.id) => {
                self.bind_payer(record, &renewed).await?;
                Ok(Some(renewed.tokens.access.expose().to_owned()))
            }
            _ => Ok(Some(tokens.access.expose().to_owned())),
        }
    }

    /// Ends a payment that was not paid in time; only while it is open or was never sent.
    ///
    /// # Errors
    /// [`AppError::MovedOn`] when it is not as `record` says any more.
    pub(super) async fn expire(&self, record: &Record) -> Result<Record, AppError> {
        let status = record.status();
        if status == PaymentStatus::Created || status.is_open() {
            self.decide(record, None, Source::Clock, Claim::Expired).await
        } else {
            Ok(record.clone())
        }
    }
}

/// A query that says the same again is the same fact; every sending, and every time the payer is asked, is one of its
/// own.
fn claim_digest(source: Source, claim: &Claim, now_ms: UnixMs) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(format!("{claim:?}").as_bytes());
    if matches!(source, Source::Response | Source::Login) {
        hash.update(now_ms.to_be_bytes());
    }
    hash.finalize().into()
}
