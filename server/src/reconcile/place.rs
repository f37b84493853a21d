//! Where the asking is done: in this process, or by the signer that has the ledger.

use countersign_core::{PaymentId, PaymentStatus, ReviewReason};
use serde::Deserialize;

use super::running::Running;
use super::wanted::Listed;
use crate::app::{App, ListFilter, Record, Said};
use crate::clock::rfc3339;
use crate::config::Settings;
use crate::start;
use crate::store::StoreError;

const PAGE: usize = 100;

/// A page of payments.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) data: Vec<Listed>,
    pub(super) has_more: bool,
}

/// What came of asking about one payment.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: PaymentStatus,
    /// Why it is in review.
    pub(super) review: Option<ReviewReason>,
    pub(super) said: Said,
}

/// Who asks.
pub(super) enum Place {
    /// This process, which has the ledger.
    Here(App),
    /// The signer that runs on it.
    There(Running),
}

impl Place {
    /// Opens the ledger; where a running signer keeps it to itself, goes to that one.
    ///
    /// # Errors
    /// When neither can be had, in words.
    pub(super) async fn find(settings: Settings) -> Result<Self, String> {
        // Events that come of it are delivered by the signer at its next start.
        match start::open_ledger(&settings).await {
            Ok(store) => {
                let address = settings.server.listen;
                Ok(Self::Here(App::new(start::parts(&settings, store, address).await?)))
            }
            Err(StoreError::InUse { by, .. }) => Running::at(by.as_deref(), &settings).map(Self::There),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Payments with this status, newest first.
    pub(super) async fn page(
        &self,
        status: PaymentStatus,
        account: Option<&str>,
        after: Option<String>,
    ) -> Result<Page, String> {
        match self {
            Self::There(running) => running.page(status, account, after.as_deref()).await,
            Self::Here(app) => {
                let after = after.as_deref().and_then(PaymentId::parse);
                let account = account.map(str::to_owned);
                let filter = ListFilter { status: Some(status), account, after, limit: PAGE, order_id: None };
                let (records, has_more) = app.list_payments(filter).await.map_err(|e| e.to_string())?;
                Ok(Page { data: records.iter().map(listed).collect(), has_more })
            }
        }
    }

    /// Asks the gateway about one payment.
    pub(super) async fn ask(&self, id: &str) -> Result<Answer, String> {
        match self {
            Self::There(running) => running.ask(id).await,
            Self::Here(app) => {
                let id = PaymentId::parse(id).ok_or_else(|| format!("{id} is no payment"))?;
                let checked = app.sync_payment(&id).await.map_err(|e| e.to_string())?;
                let record = checked.record;
                let review = record.payment().review.map(|review| review.reason);
                Ok(Answer { status: record.status(), review, said: checked.said })
            }
        }
    }

    /// Lets work end that goes on.
    pub(super) async fn leave(self) {
        if let Self::Here(app) = self {
            app.drain().await;
        }
    }
}

fn listed(record: &Record) -> Listed {
    Listed {
        id: record.id.to_string(),
        account: record.account.clone(),
        order_id: record.order_id.clone(),
        status: record.status(),
        created_at: rfc3339(record.created_at_ms),
        expires_at: rfc3339(record.expires_at_ms),
    }
}
