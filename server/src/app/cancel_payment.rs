//! Giving a payment up before it is paid.

use countersign_core::{PaymentId, PaymentStatus};

use super::{App, AppError};
use crate::ledger::{Claim, Source};
use crate::store::Record;

impl App {
    /// Cancels a payment that was not paid. One that the gateway may have money for is asked about first.
    pub(crate) async fn cancel_payment(&self, id: &PaymentId) -> Result<Record, AppError> {
        let (app, id) = (self.clone(), id.clone());
        self.in_own_task(async move { app.cancel(&id).await }).await
    }

    async fn cancel(&self, id: &PaymentId) -> Result<Record, AppError> {
        let _turn = self.0.locks.lock(id.as_str()).await;
        let mut record = self.store().payment(id).await?.ok_or(AppError::NotFound)?;
        if record.status() == PaymentStatus::RequiresAction
            && record.state.live
            && let Some(attempt) = record.last_attempt()
        {
            let unpaid;
            (record, unpaid) = self.ask(&record, attempt).await?;
            if !unpaid && record.status() == PaymentStatus::RequiresAction {
                return Err(AppError::NotCancelable(
                    "the gateway could not be asked whether it was paid".into(),
                ));
            }
        }
        match record.status() {
            PaymentStatus::Canceled => Ok(record),
            PaymentStatus::Created | PaymentStatus::RequiresAction => {
                self.learn(&record, None, Source::Merchant, Claim::Canceled).await
            }
            status => Err(AppError::NotCancelable(format!("it is {status}"))),
        }
    }
}
