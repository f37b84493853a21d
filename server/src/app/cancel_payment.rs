//! Giving a payment up before it is paid.

use countersign_core::{PaymentId, PaymentStatus};

use super::check_payment::{Asked, not_order};
use super::fact::DECISIONS_MAX;
use super::{App, AppError};
use crate::clock;
use crate::gateway::Closing;
use crate::ledger::{Claim, Source};
use crate::store::Record;

impl App {
    /// Cancels a payment that was not paid. One that the gateway may have money for is asked about first, and closed
    /// there where the gateway has a call for it. What is submitted or paid meanwhile is not canceled.
    pub(crate) async fn cancel_payment(&self, id: &PaymentId) -> Result<Record, AppError> {
        let (app, id) = (self.clone(), id.clone());
        self.in_own_task(async move {
            let _turn = app.0.locks.lock(id.as_str()).await;
            for _ in 0..DECISIONS_MAX {
                match app.cancel_as_it_is(&id).await {
                    Err(AppError::MovedOn) => {}
                    done => return done,
                }
            }
            Err(AppError::NotCancelable("it keeps changing".to_owned()))
        })
        .await
    }

    async fn cancel_as_it_is(&self, id: &PaymentId) -> Result<Record, AppError> {
        let record = self.store().payment(id).await?.ok_or(AppError::NotFound)?;
        let record = self.give_up_at_gateway(record).await?;
        let given_up = record.status() == PaymentStatus::Processing && !record.state.confirming;
        match record.status() {
            PaymentStatus::Canceled => Ok(record),
            PaymentStatus::Created | PaymentStatus::RequiresAction => {
                self.decide(&record, None, Source::Merchant, Claim::Canceled).await
            }
            // Only a reversal gets here: the gateway says that the order can no longer be paid.
            PaymentStatus::Processing if given_up && self.reverses(&record)? => {
                self.decide(&record, None, Source::Merchant, Claim::Canceled).await
            }
            status => Err(AppError::NotCancelable(format!("it is {status}"))),
        }
    }

    /// Makes sure that nobody can pay the live attempt any more, as far as the gateway lets us.
    async fn give_up_at_gateway(&self, record: Record) -> Result<Record, AppError> {
        let not_said = |what: &str| Err(AppError::NotCancelable(format!("the gateway did not say {what}")));
        let waiting = record.status() == PaymentStatus::RequiresAction;
        let (Some(attempt), true) = (record.last_attempt(), record.state.live) else { return Ok(record) };
        let at_the_till = record.status() == PaymentStatus::Processing && self.reverses(&record)?;
        if !waiting && !at_the_till {
            return Ok(record);
        }
        if record.state.in_flight(clock::now_ms(), self.0.parts.submit_timeout_ms) {
            return Err(AppError::NotCancelable("it is being submitted".to_owned()));
        }
        let number = attempt.number;
        let (mut record, mut unpaid) = (record.clone(), false);
        if waiting {
            Asked { record, unpaid, .. } = self.ask(&record, attempt).await?;
            if record.status() != PaymentStatus::RequiresAction {
                return Ok(record);
            }
            if !unpaid {
                return not_said("whether it was paid");
            }
        }
        match self.close_at_gateway(&record, unpaid).await? {
            None | Some(Claim::Closed) => Ok(record),
            Some(claim @ (Claim::Unknown { .. } | Claim::NotSent | Claim::NotFound)) => {
                self.learn(&record, Some(number), Source::Query, not_order(claim)).await?;
                not_said("that it closed the order")
            }
            Some(claim) => self.learn(&record, Some(number), Source::Query, claim).await,
        }
    }

    /// Whether the gateway takes back what has no outcome yet.
    pub(super) fn reverses(&self, record: &Record) -> Result<bool, AppError> {
        Ok(self.account_of(record)?.gateway.closing(record.method.kind) == Closing::Reversal)
    }
}
