//! Asking the gateway what became of a payment.

use std::time::Duration;

use countersign_core::{PaymentId, PaymentStatus};

use super::{App, AppError};
use crate::clock;
use crate::gateway::{Closing, Sought};
use crate::ledger::{Attempt, Claim, Source};
use crate::store::Record;

impl App {
    /// Asks now and waits for the answer. A gateway that does not answer is no error: the payment stays as it is.
    pub(crate) async fn sync_payment(&self, id: &PaymentId) -> Result<Record, AppError> {
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
            let wait = Duration::from_secs(self.0.parts.polling.notification_wait_s);
            self.sync_payment_within(&record.id, wait).await?;
        }
        self.store().payment(&record.id).await?.ok_or(AppError::NotFound)
    }

    /// How long a notification's answer waits for the confirming query.
    pub(super) fn notification_wait(&self) -> Duration {
        Duration::from_secs(self.0.parts.polling.notification_wait_s)
    }

    pub(super) async fn check(&self, id: &PaymentId) -> Result<Record, AppError> {
        let _turn = self.0.locks.lock(id.as_str()).await;
        let record = self.store().payment(id).await?.ok_or(AppError::NotFound)?;
        let now_ms = clock::now_ms();
        if record.live_refund().is_some() {
            return self.check_refund(&record).await;
        }
        if let Some(doubted) = &record.state.doubted
            && let Some(attempt) = record.attempts.iter().find(|a| a.number == doubted.attempt)
        {
            return self.ask_about_another(&record, attempt).await;
        }
        let over_time = now_ms >= record.expires_at_ms;
        let Some(attempt) = record.last_attempt() else {
            return if over_time { self.expire(&record).await } else { self.put_off(record).await };
        };
        if record.status() == PaymentStatus::RequiresAction && !record.state.live {
            return if over_time { self.expire(&record).await } else { self.put_off(record).await };
        }
        if record.state.unsent {
            return if over_time { self.expire(&record).await } else { self.send_again(&record).await };
        }
        let (record, unpaid) = self.ask(&record, attempt).await?;
        if !over_time || !record.status().is_open() {
            return Ok(record);
        }
        let closed = self.close_at_gateway(&record, unpaid && !record.state.confirming).await?;
        // A reversal without an answer is made again: the payer's code may still be charged.
        let reversed =
            !self.reverses(&record)? || !matches!(closed, Some(Claim::Unknown { .. } | Claim::NotSent));
        let record = match closed {
            Some(claim) => {
                let number = record.last_attempt().map(|attempt| attempt.number);
                self.learn(&record, number, Source::Query, claim).await?
            }
            None => record,
        };
        if unpaid && reversed && !record.state.confirming {
            self.expire(&record).await
        } else if record.status().is_open() && self.next_check(&record, clock::now_ms()).is_none() {
            // By now, not when this began: the question may have taken the rest of the time.
            self.learn(&record, None, Source::Clock, Claim::Unresolved).await
        } else {
            Ok(record)
        }
    }

    /// Asks the gateway about an attempt and learns the answer; gives also whether it definitely says "not paid".
    pub(super) async fn ask(&self, record: &Record, attempt: &Attempt) -> Result<(Record, bool), AppError> {
        let gateway = &self.account_of(record)?.gateway;
        let claim = gateway.query(&self.sought(record, attempt).await?).await;
        let unpaid = match claim {
            Claim::Accepted { .. } => true,
            // Where no document says that the look-up knows every payment, "not found" is not "not paid".
            Claim::NotFound => gateway.has_query(record.method.kind),
            _ => false,
        };
        let record = self.learn(record, Some(attempt.number), Source::Query, claim).await?;
        Ok((record, unpaid))
    }

    /// What the gateway is asked by: our number of the attempt, and its own where that is known for this one.
    pub(super) async fn sought(&self, record: &Record, attempt: &Attempt) -> Result<Sought, AppError> {
        let state = &record.state;
        let gateway_order_no = match &state.doubted {
            Some(doubted) if doubted.attempt == attempt.number => doubted.gateway_order_no.clone(),
            _ if state.paid_attempt.is_none_or(|paid| paid == attempt.number) => {
                state.gateway_order_no.clone()
            }
            _ => None,
        };
        Ok(Sought { order: self.order(record, attempt).await?, gateway_order_no })
    }

    /// Another attempt than the one that counts is said to be paid. If it is, nobody shall pay the last one too, as far
    /// as the gateway lets us.
    async fn ask_about_another(&self, record: &Record, attempt: &Attempt) -> Result<Record, AppError> {
        let was_open = record.status().is_open();
        let (record, _) = self.ask(record, attempt).await?;
        if record.status().is_open() && self.next_check(&record, clock::now_ms()).is_none() {
            return self.learn(&record, None, Source::Clock, Claim::Unresolved).await;
        }
        let gateway = &self.account_of(&record)?.gateway;
        let closable = gateway.closing(record.method.kind) != Closing::No;
        let last = record.last_attempt().filter(|last| closable && last.number != attempt.number);
        match last.filter(|_| was_open && record.status() == PaymentStatus::Succeeded) {
            None => Ok(record),
            Some(last) => match gateway.close(&self.sought(&record, last).await?).await {
                paid @ Claim::Paid(_) => self.learn(&record, Some(last.number), Source::Query, paid).await,
                _ => Ok(record),
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

    /// The gateway has not seen the attempt, so sending it cannot charge twice. Written down before it leaves.
    async fn send_again(&self, record: &Record) -> Result<Record, AppError> {
        let number = record.last_attempt().map(|attempt| attempt.number);
        let record = self.learn(record, number, Source::Response, Claim::SentAgain).await?;
        self.send(&record).await
    }

    /// Nothing to ask: look again when the time is up. A payment that is over needs no look at all.
    async fn put_off(&self, record: Record) -> Result<Record, AppError> {
        let open = record.status() == PaymentStatus::Created || record.status().is_open();
        self.store().check_at(&record.id, open.then_some(record.expires_at_ms)).await?;
        Ok(record)
    }
}
