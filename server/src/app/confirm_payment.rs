//! Submitting a payment to its gateway: at most one live attempt, durable before it leaves.

use countersign_core::{FieldError, PaymentId, PaymentStatus};

use super::fact::DECISIONS_MAX;
use super::{App, AppError};
use crate::clock::{self, Deadline};
use crate::ledger::{Circumstances, Source};
use crate::store::{Begun, Record};
use crate::upstream;

impl App {
    /// Submits a payment that may be submitted; gives any other one as it stands.
    ///
    /// # Errors
    /// [`AppError::Invalid`] on `environment` when the method cannot be paid there at all.
    pub(crate) async fn submit_payment(
        &self,
        id: &PaymentId,
        circumstances: Circumstances,
    ) -> Result<Record, AppError> {
        let (app, id) = (self.clone(), id.clone());
        self.in_own_task(async move {
            let _turn = app.0.locks.lock(id.as_str()).await;
            app.submit_in_turn(&id, &circumstances).await
        })
        .await
    }

    /// The merchant's confirm: as [`Self::submit_payment`], but a payment that is over without money is an error.
    pub(crate) async fn confirm_payment(&self, id: &PaymentId) -> Result<Record, AppError> {
        let before = self.store().payment(id).await?.ok_or(AppError::NotFound)?;
        let after = self.submit_payment(id, Circumstances::default()).await?;
        let over = |status: PaymentStatus| status.is_settled() && status != PaymentStatus::Succeeded;
        let untouched = after.attempts.len() == before.attempts.len();
        if untouched && over(after.status()) {
            return Err(AppError::NotConfirmable(format!("it is {}", after.status())));
        }
        Ok(after)
    }

    /// Submits for somebody who holds the payment's turn. Another instance may submit it meanwhile.
    pub(super) async fn submit_in_turn(
        &self,
        id: &PaymentId,
        circumstances: &Circumstances,
    ) -> Result<Record, AppError> {
        for _ in 0..DECISIONS_MAX {
            match self.submit_as_it_is(id, circumstances).await {
                Err(AppError::MovedOn) => {}
                done => return done,
            }
        }
        Err(AppError::MovedOn)
    }

    async fn submit_as_it_is(
        &self,
        id: &PaymentId,
        circumstances: &Circumstances,
    ) -> Result<Record, AppError> {
        let record = self.store().payment(id).await?.ok_or(AppError::NotFound)?;
        let now_ms = clock::now_ms();
        if record.may_be_submitted(now_ms) {
            let ruled_out = circumstances.environment.and_then(|place| place.rules_out(record.method.way()));
            if let Some(why) = ruled_out {
                return Err(AppError::Invalid(vec![FieldError::new(
                    "environment",
                    "wrong_environment",
                    why,
                )]));
            }
            if record.status() == PaymentStatus::Failed
                && let Some(record) = self.look_before_trying_again(&record).await?
            {
                return Ok(record);
            }
            if let Some(record) = self.detour(&record).await? {
                return Ok(record);
            }
        }
        // By now: looking up and asking for the payer may have taken time.
        let (now_ms, hold) = (clock::now_ms(), self.hold());
        let (circumstances, check_at_ms) = (circumstances.clone(), now_ms + self.0.parts.submit_timeout_ms);
        let begun =
            self.store().begin_attempt(id, circumstances, record.revision, now_ms, check_at_ms).await?;
        match begun {
            None => Err(AppError::NotFound),
            // What was looked up before is no longer what counts.
            Some(Begun::NotNow(after))
                if after.revision != record.revision && after.may_be_submitted(now_ms) =>
            {
                Err(AppError::MovedOn)
            }
            Some(Begun::NotNow(record)) if now_ms >= record.expires_at_ms && !record.state.live => {
                self.expire(&record).await
            }
            Some(Begun::NotNow(record)) => Ok(record),
            Some(Begun::Started(record)) => {
                self.0.changes.tell(id);
                self.send(&record, hold).await
            }
        }
    }

    /// Until when nobody else takes up what is written down now and sent then.
    pub(super) fn hold(&self) -> Deadline {
        Deadline::in_ms(self.0.parts.submit_timeout_ms)
    }

    /// Sends the last attempt of `record` once, within its `hold`, and learns the answer.
    pub(super) async fn send(&self, record: &Record, hold: Deadline) -> Result<Record, AppError> {
        let attempt = record
            .last_attempt()
            .ok_or_else(|| AppError::Broken("a payment without an attempt was sent".to_owned()))?;
        let order = self.order(record, attempt).await?;
        tracing::info!(payment = %record.id, account = record.account, order_no = attempt.order_no, attempt = attempt.number, "submitting");
        let claim = upstream::held_until(hold, self.account_of(record)?.gateway.submit(&order)).await;
        self.learn(record, Some(attempt.number), Source::Response, claim).await
    }
}
