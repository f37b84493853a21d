//! Looking things up.

use countersign_core::{EventId, Payment, PaymentId};

use super::{App, AppError};
use crate::clock;
use crate::store::{EventRow, ListFilter, Record};

impl App {
    /// A payment with its attempts and events.
    pub(crate) async fn payment_in_full(&self, id: &PaymentId) -> Result<Payment, AppError> {
        let record = self.store().payment(id).await?.ok_or(AppError::NotFound)?;
        let mut payment = record.payment();
        payment.attempts = Some(record.attempt_views());
        payment.refunds = Some(record.refund_views());
        payment.events = Some(self.store().events_of(id).await?.iter().map(EventRow::view).collect());
        Ok(payment)
    }

    /// Payments, newest first; one more than asked for says that there are more.
    pub(crate) async fn list_payments(
        &self,
        mut filter: ListFilter,
    ) -> Result<(Vec<Record>, bool), AppError> {
        let limit = filter.limit;
        filter.limit += 1;
        let mut records = self.store().list(filter).await?;
        let more = records.len() > limit;
        records.truncate(limit);
        Ok((records, more))
    }

    /// Events after one, oldest first; `None` when there is no such event.
    pub(crate) async fn events(
        &self,
        after: Option<EventId>,
        limit: i64,
    ) -> Result<Option<(Vec<EventRow>, bool)>, AppError> {
        let Some(mut rows) = self.store().events(after, limit + 1).await? else { return Ok(None) };
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        Ok(Some((rows, more)))
    }

    /// Sends an event again.
    pub(crate) async fn redeliver_event(&self, id: &EventId) -> Result<EventRow, AppError> {
        self.store().redeliver(id, clock::now_ms()).await?.ok_or(AppError::NotFound)
    }

    /// Whether the ledger can be used.
    pub(crate) async fn ready(&self) -> Result<(), AppError> {
        Ok(self.store().ping().await?)
    }
}
