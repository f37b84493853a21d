//! A gateway tells of a payment: verified, made durable, and only then answered.

use std::time::Duration;

use countersign_core::{GatewayId, PaymentStatus};
use sha2::{Digest, Sha256};

use super::{App, AppError};
use crate::gateway::{Acknowledgement, Received, Refusal, RefusalKind, VerifiedNotification};
use crate::ledger::{Claim, Source};
use crate::store::Record;

/// Why a notification is not taken.
#[derive(Debug)]
pub(crate) enum NotificationError {
    /// There is no such account.
    NoSuchAccount,
    /// It is not what the gateway would send; `answer` is what the gateway is told.
    Refused { gateway: GatewayId, refusal: Refusal, answer: Acknowledgement },
    /// It could not be made durable.
    Failed { gateway: GatewayId, error: AppError, answer: Acknowledgement },
}

impl App {
    /// What this account's gateway is told of a notification that cannot be read at all.
    pub(crate) fn failure_text(&self, account: &str) -> Option<Acknowledgement> {
        Some(self.0.parts.accounts.account(account)?.gateway.acknowledgement(false))
    }

    /// Takes a notification for the account named `account`.
    pub(crate) async fn receive_notification(
        &self,
        account: &str,
        received: &Received<'_>,
    ) -> Result<(GatewayId, Acknowledgement), NotificationError> {
        let account_parts = self.0.parts.accounts.account(account).ok_or(NotificationError::NoSuchAccount)?;
        let gateway = &account_parts.gateway;
        let refused = |refusal| NotificationError::Refused {
            gateway: gateway.id(),
            refusal,
            answer: gateway.acknowledgement(false),
        };
        let failed = |error| NotificationError::Failed {
            gateway: gateway.id(),
            error,
            answer: gateway.acknowledgement(false),
        };

        let notification = gateway.verify(received).map_err(refused)?;
        let known = self.store().payment_by_order_no(account, notification.order_no()).await;
        let record = known.map_err(|e| failed(e.into()))?.ok_or_else(|| {
            refused(Refusal::new(RefusalKind::UnknownOrder, "no payment has this order number"))
        })?;
        if !payer_fits(&record, &notification) {
            let reason = "the order is bound to another payer";
            return Err(refused(Refusal::new(RefusalKind::UnknownOrder, reason)));
        }
        let digest = raw_digest(received);
        let (app, trust) = (self.clone(), account_parts.trust_notifications);
        let work = async move { app.take(&record, &notification, digest, trust).await };
        self.in_own_task(work).await.map_err(failed)?;
        Ok((gateway.id(), gateway.acknowledgement(true)))
    }

    async fn take(
        &self,
        record: &Record,
        notification: &VerifiedNotification,
        digest: [u8; 32],
        trust: bool,
    ) -> Result<(), AppError> {
        let gateway = &self.account_of(record)?.gateway;
        let confirm = !trust && gateway.has_query(record.method.kind);
        // A gateway that notifies before it answers the order must not be kept waiting for its own answer.
        let in_flight = record.state.status == PaymentStatus::Processing
            && record.state.gateway_order_no.is_none()
            && self.0.locks.is_held(record.id.as_str());
        let wait = if in_flight { Duration::ZERO } else { self.notification_wait() };
        let mut record = record.clone();
        let attempt = record.attempts.iter().find(|a| a.order_no == notification.order_no());
        let number = attempt.map(|a| a.number);
        let mut is_kept = true;
        if let Some(paid) = notification.paid() {
            let paid = paid.clone();
            let claim = if confirm { Claim::PaidUnconfirmed(paid) } else { Claim::Paid(paid) };
            record = self.learn_with_digest(&record, number, Source::Notification, claim, digest).await?;
        } else if let Some(no) = number_that_was_lost(&record, notification) {
            let claim = Claim::Accepted { gateway_order_no: Some(no), next_action: None };
            record = self.learn_with_digest(&record, number, Source::Notification, claim, digest).await?;
        } else {
            is_kept = false;
        }
        // A word that is not "paid" may be a refund: only the gateway knows.
        if confirm && (notification.paid().is_none() || !is_final(&record)) {
            match self.sync_payment_within(&record.id, wait).await {
                Ok(()) => {}
                // Nothing of this is in the ledger: the gateway must say it again.
                Err(error @ (AppError::Ledger(_) | AppError::Busy)) if !is_kept => return Err(error),
                // What was learnt is durable; a gateway that cannot be asked now is asked later.
                Err(error) => {
                    tracing::warn!(payment = %record.id, %error, "the confirming query failed");
                }
            }
        }
        Ok(())
    }
}

/// The gateway's number, when the answer that told it never came and the gateway cannot be asked without it.
fn number_that_was_lost(record: &Record, notification: &VerifiedNotification) -> Option<String> {
    let waits = record.status().is_open() && record.state.live && record.state.gateway_order_no.is_none();
    notification.gateway_order_no().filter(|_| waits).map(str::to_owned)
}

/// Nothing that a query could add to "paid".
fn is_final(record: &Record) -> bool {
    let paid = matches!(record.status(), PaymentStatus::Succeeded | PaymentStatus::Refunded);
    paid && record.state.doubted.is_none()
}

fn payer_fits(record: &Record, notification: &VerifiedNotification) -> bool {
    match (notification.payer(), record.method_with_payer().openid) {
        (Some(payer), Some(bound)) => payer == bound,
        _ => true,
    }
}

fn raw_digest(received: &Received<'_>) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(received.query.unwrap_or_default().as_bytes());
    hash.update([0]);
    hash.update(received.body);
    hash.finalize().into()
}
