//! Asking the gateway what became of a payment.

use std::borrow::Cow;
use std::time::Duration;

use countersign_core::{PaymentId, PaymentStatus};

use super::fact::DECISIONS_MAX;
use super::{App, AppError};
use crate::clock;
use crate::gateway::{Closing, Sought};
use crate::ledger::{Attempt, Claim, Source};
use crate::store::Record;

/// A payment after it was asked about.
#[derive(Debug)]
pub(crate) struct Checked {
    /// As it is now.
    pub(crate) record: Record,
    /// What came of asking.
    pub(crate) said: Said,
}

/// What the gateway said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// There was nothing to ask.
    Nothing,
    /// A word of the gateway's.
    Told(Cow<'static, str>),
    /// No word that tells anything, and why.
    NotTold(String),
}

/// What came of one question.
pub(super) struct Asked {
    pub(super) record: Record,
    /// Whether the gateway definitely says "not paid".
    pub(super) unpaid: bool,
    pub(super) said: Said,
}

impl App {
    /// Asks now and waits for the answer. A gateway that does not answer is no error: the payment stays as it is.
    pub(crate) async fn sync_payment(&self, id: &PaymentId) -> Result<Checked, AppError> {
        let (app, id) = (self.clone(), id.clone());
        self.in_own_task(async move { app.check(&id).await }).await
    }

    /// Asks now, but waits no longer than `wait`; the asking goes on.
    pub(crate) async fn sync_payment_within(&self, id: &PaymentId, wait: Duration) -> Result<(), AppError> {
        match tokio::time::timeout(wait, self.sync_payment(id)).await {
            Ok(result) => result.map(drop),
            Err(_) => Ok(()),
        }
    }

    /// The payer says they came back: a reason to ask, never a proof.
    pub(crate) async fn payer_returned(&self, record: &Record) -> Result<Record, AppError> {
        if record.status().is_open() && record.state.live {
            self.sync_payment_within(&record.id, self.notification_wait()).await?;
        }
        self.store().payment(&record.id).await?.ok_or(AppError::NotFound)
    }

    /// How long a notification's answer waits for the confirming query.
    pub(super) fn notification_wait(&self) -> Duration {
        Duration::from_secs(self.0.parts.polling.notification_wait_s)
    }

    /// Asks, and decides what follows. Another instance or a notification may come in between: then all is asked anew.
    pub(super) async fn check(&self, id: &PaymentId) -> Result<Checked, AppError> {
        let _turn = self.0.locks.lock(id.as_str()).await;
        for _ in 0..DECISIONS_MAX {
            match self.check_as_it_is(id).await {
                Err(AppError::MovedOn) => {}
                done => return done,
            }
        }
        Err(AppError::MovedOn)
    }

    async fn check_as_it_is(&self, id: &PaymentId) -> Result<Checked, AppError> {
        let record = self.store().payment(id).await?.ok_or(AppError::NotFound)?;
        let over_time = clock::now_ms() >= record.expires_at_ms;
        if record.live_refund().is_some() {
            return self.check_refund(&record).await;
        }
        if let Some(doubted) = &record.state.doubted
            && let Some(attempt) = record.attempts.iter().find(|a| a.number == doubted.attempt)
        {
            return self.ask_about_another(&record, attempt).await;
        }
        let record = self.ask_about_refunds_in_review(record).await?;
        let waits_for_payer = record.status() == PaymentStatus::RequiresAction && !record.state.live;
        let unsent = record.state.unsent;
        match record.last_attempt() {
            Some(attempt) if !waits_for_payer && !unsent => self.follow_up(&record, attempt, over_time).await,
            _ if over_time && is_owed(&record) => self.expire(&record).await.map(unasked),
            Some(_) if unsent => self.send_again(&record).await.map(unasked),
            _ => self.put_off(record).await.map(unasked),
        }
    }

    /// Asks about the attempt that counts, and ends the payment when its time is over and nobody can pay it any more.
    async fn follow_up(
        &self,
        record: &Record,
        attempt: &Attempt,
        over_time: bool,
    ) -> Result<Checked, AppError> {
        let longest_ms = self.0.parts.submit_timeout_ms;
        let Asked { record, unpaid, said } = self.ask(record, attempt).await?;
        let done = |record| Ok(Checked { record, said: said.clone() });
        // What is still on its way to the gateway, from another instance, is not known there yet.
        if !over_time || record.state.in_flight(clock::now_ms(), longest_ms) {
            return done(record);
        }
        let ended = matches!(record.status(), PaymentStatus::Expired | PaymentStatus::Canceled);
        let closable = record.status().is_open() || (ended && unpaid);
        if !closable {
            return done(record);
        }
        let closed = self.close_at_gateway(&record, unpaid && !record.state.confirming).await?;
        // A reversal without an answer is made again: the payer's code may still be charged.
        let reversed =
            !self.reverses(&record)? || !matches!(closed, Some(Claim::Unknown { .. } | Claim::NotSent));
        let record = match closed {
            Some(claim) => self.learn(&record, Some(attempt.number), Source::Query, not_order(claim)).await?,
            None => record,
        };
        if ended {
            return done(record);
        }
        if unpaid && reversed && !record.state.confirming {
            return done(self.expire(&record).await?);
        }
        done(self.give_up_asking(record).await?)
    }

    /// Hands a payment whose outcome is owed to a person, when there is no more time to ask.
    pub(super) async fn give_up_asking(&self, record: Record) -> Result<Record, AppError> {
        // By now, not when this began: the question may have taken the rest of the time.
        if self.next_check(&record, clock::now_ms()).is_some() {
            return Ok(record);
        }
        if record.status().is_open() {
            return self.decide(&record, None, Source::Clock, Claim::Unresolved).await;
        }
        match record.state.doubted.as_ref().filter(|_| record.status() != PaymentStatus::Review) {
            // The payment itself is settled: what nobody can tell is whether this attempt was paid, too.
            Some(doubted) => {
                let attempt = Some(doubted.attempt);
                self.decide(&record, attempt, Source::Clock, Claim::Unresolved).await
            }
            None => Ok(record),
        }
    }

    /// Asks the gateway about an attempt and learns the answer.
    pub(super) async fn ask(&self, record: &Record, attempt: &Attempt) -> Result<Asked, AppError> {
        let gateway = &self.account_of(record)?.gateway;
        let claim = gateway.query(&self.sought(record, attempt).await?).await;
        let unpaid = match claim {
            Claim::Accepted { .. } => true,
            // Where no document says that the look-up knows every payment, "not found" is not "not paid".
            Claim::NotFound => gateway.has_query(record.method.kind),
            _ => false,
        };
        let said = said(&claim);
        let record = self.learn(record, Some(attempt.number), Source::Query, claim).await?;
        Ok(Asked { record, unpaid, said })
    }

    /// What the gateway is asked by: our number of the attempt, and its own where that is known for this one.
    pub(super) async fn sought(&self, record: &Record, attempt: &Attempt) -> Result<Sought, AppError> {
        let state = &record.state;
        let gateway_order_no = match &state.doubted {
            Some(doubted) if doubted.attempt == attempt.number => {
                let last = record.last_attempt().is_some_and(|last| last.number == attempt.number);
                let known = state.gateway_order_no.clone().filter(|_| last);
                doubted.gateway_order_no.clone().or(known)
            }
            _ if state.paid_attempt.is_none_or(|paid| paid == attempt.number) => {
                state.gateway_order_no.clone()
            }
            _ => None,
        };
        Ok(Sought { order: self.order(record, attempt).await?, gateway_order_no })
    }

    /// Another attempt than the one that counts is said to be paid. If it is, nobody shall pay the last one too, as far
    /// as the gateway lets us.
    async fn ask_about_another(&self, record: &Record, attempt: &Attempt) -> Result<Checked, AppError> {
        let was_open = record.status().is_open();
        let Asked { record, said, .. } = self.ask(record, attempt).await?;
        let done = |record| Ok(Checked { record, said: said.clone() });
        if record.status().is_open() || record.state.doubted.is_some() {
            return done(self.give_up_asking(record).await?);
        }
        let gateway = &self.account_of(&record)?.gateway;
        let closable = gateway.closing(record.method.kind) != Closing::No;
        let last = record.last_attempt().filter(|last| closable && last.number != attempt.number);
        match last.filter(|_| was_open && record.status() == PaymentStatus::Succeeded) {
            None => done(record),
            Some(last) => match gateway.close(&self.sought(&record, last).await?).await {
                paid @ Claim::Paid(_) => {
                    done(self.learn(&record, Some(last.number), Source::Query, paid).await?)
                }
                _ => done(record),
            },
        }
    }

    /// Looks what became of an attempt that was refused with a code that says "try again", so that another one is not
    /// paid on top of it. Gives the payment where nothing else may be sent now.
    pub(super) async fn look_before_trying_again(&self, record: &Record) -> Result<Option<Record>, AppError> {
        let gateway = &self.account_of(record)?.gateway;
        let known = record.state.gateway_order_no.is_some();
        let askable = known || gateway.finds_by_order_no(record.method.kind);
        let Some(last) = record.last_attempt().filter(|_| askable) else { return Ok(None) };
        match gateway.query(&self.sought(record, last).await?).await {
            Claim::NotFound | Claim::Refused { .. } | Claim::Closed => Ok(None),
            Claim::Unknown { reason, .. } => {
                tracing::warn!(payment = %record.id, reason, "not tried again: the attempt before could not be looked up");
                Ok(Some(record.clone()))
            }
            claim => self.learn(record, Some(last.number), Source::Query, claim).await.map(Some),
        }
    }

    /// Ends the live order at a gateway that has a call for it, and gives its word; `None` where there is none.
    pub(super) async fn close_at_gateway(
        &self,
        record: &Record,
        unpaid: bool,
    ) -> Result<Option<Claim>, AppError> {
        let gateway = &self.account_of(record)?.gateway;
        let closes = match gateway.closing(record.method.kind) {
            Closing::No => false,
            Closing::Unpaid => unpaid,
            Closing::Reversal => !record.state.confirming,
        };
        match record.last_attempt().filter(|_| closes && record.state.live) {
            None => Ok(None),
            Some(attempt) => Ok(Some(gateway.close(&self.sought(record, attempt).await?).await)),
        }
    }

    /// The gateway has not seen the attempt, so sending it cannot charge twice. Written down before it leaves, by one
    /// instance only.
    async fn send_again(&self, record: &Record) -> Result<Record, AppError> {
        self.account_of(record)?;
        let (number, hold) = (record.last_attempt().map(|attempt| attempt.number), self.hold());
        let record = self.decide(record, number, Source::Response, Claim::SentAgain).await?;
        self.send(&record, hold).await
    }

    /// Nothing to ask: look again when the time is up. A payment that is over needs no look at all.
    pub(super) async fn put_off(&self, record: Record) -> Result<Record, AppError> {
        let at_ms = is_owed(&record).then_some(record.expires_at_ms);
        self.store().check_at(&record.id, record.revision, at_ms).await?;
        Ok(record)
    }
}

/// Whether nobody knows yet how it ends.
fn is_owed(record: &Record) -> bool {
    record.status() == PaymentStatus::Created || record.status().is_open()
}

fn unasked(record: Record) -> Checked {
    Checked { record, said: Said::Nothing }
}

/// A word about closing an order says nothing of the order's own way to the gateway.
pub(super) fn not_order(claim: Claim) -> Claim {
    match claim {
        Claim::NotSent => {
            Claim::Unknown { reason: "the call to close it was not sent".into(), failure: None }
        }
        claim => claim,
    }
}

/// What a gateway's answer to a question comes to, in a word.
pub(super) fn said(claim: &Claim) -> Said {
    match claim {
        Claim::Paid(_) | Claim::PaidUnconfirmed(_) => Said::Told("paid".into()),
        Claim::Refunded { .. } => Said::Told("refunded".into()),
        Claim::Accepted { .. } => Said::Told("not paid yet".into()),
        Claim::NotFound => Said::Told("not found".into()),
        Claim::Closed => Said::Told("closed".into()),
        Claim::Refused { .. } | Claim::ConsentNeeded { .. } => Said::Told("refused".into()),
        Claim::Unknown { reason, .. } => Said::NotTold(reason.clone()),
        _ => Said::NotTold("no connection came about".to_owned()),
    }
}
