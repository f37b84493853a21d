//! The use cases, one a file. The edge calls them; they call gateways and the ledger.

mod cancel_payment;
mod changes;
mod check_payment;
mod client_secret;
mod confirm_payment;
mod create_payment;
mod error;
mod fact;
mod form;
mod idempotency;
mod locks;
mod log_in_payer;
mod payer_secrets;
mod read_payment;
mod receive_notification;
mod reconcile;
mod refund_payment;
mod resolve_payment;
#[cfg(test)]
mod tests;
mod watch_clock;
mod watch_payment;
mod webhook_endpoint;

use std::sync::Arc;

use tokio_util::task::TaskTracker;
use url::Url;

pub(crate) use check_payment::{Checked, Said};
pub(crate) use create_payment::CreateRequest;
pub(crate) use error::AppError;
pub(crate) use receive_notification::NotificationError;
pub(crate) use refund_payment::RefundRequest;
pub(crate) use webhook_endpoint::{EndpointReport, EndpointState};

/// What the use cases take and give, so that the edge names no other room.
pub(crate) use crate::gateway::{Acknowledgement, Received, Refusal, RefusalKind};
pub(crate) use crate::ledger::Circumstances;
pub(crate) use crate::store::{EventRow, ListFilter, Record};

use self::changes::Changes;
use self::client_secret::ClientSecrets;
use self::locks::Locks;
use crate::config::{PaymentSettings, PollingSettings};
use crate::gateway::Registry;
use crate::store::Store;

/// What the use cases are given at start.
pub(crate) struct Parts {
    /// The ledger.
    pub(crate) store: Store,
    /// The accounts.
    pub(crate) accounts: Registry,
    /// What gateways and browsers reach.
    pub(crate) public_url: Url,
    /// Where a payer comes back to when the payment does not say.
    pub(crate) fallback_return_url: String,
    /// Whether money moves.
    pub(crate) livemode: bool,
    /// Where events are sent.
    pub(crate) webhook_url: Option<Url>,
    /// Defaults of payments.
    pub(crate) payments: PaymentSettings,
    /// When gateways are asked again.
    pub(crate) polling: PollingSettings,
    /// The longest that a submission takes; afterwards its answer counts as lost.
    pub(crate) submit_timeout_ms: i64,
    /// Whether other instances may write the same ledger.
    pub(crate) shared_ledger: bool,
    /// Derives client secrets.
    pub(crate) own_key: [u8; 32],
}

/// The use cases.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

struct Inner {
    parts: Parts,
    client_secrets: ClientSecrets,
    changes: Changes,
    locks: Locks,
    tasks: TaskTracker,
}

impl App {
    /// Puts the parts together.
    pub(crate) fn new(parts: Parts) -> Self {
        let client_secrets = ClientSecrets::new(parts.own_key);
        let (changes, locks, tasks) = (Changes::default(), Locks::default(), TaskTracker::new());
        Self(Arc::new(Inner { parts, client_secrets, changes, locks, tasks }))
    }

    /// Runs work on money to its end, even when whoever asked for it goes away.
    async fn in_own_task<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, AppError>> + Send + 'static,
    ) -> Result<T, AppError> {
        match self.0.tasks.spawn(tracing::Instrument::in_current_span(work)).await {
            Ok(result) => result,
            Err(error) => Err(AppError::Broken(error.to_string())),
        }
    }

    /// Waits until all work on money has ended. Nothing new may be begun afterwards.
    pub(crate) async fn drain(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    fn store(&self) -> &Store {
        &self.0.parts.store
    }
}
