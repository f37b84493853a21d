//! The ledger's operations on events: listing them, delivering them, and what is known of the endpoint they go to.

use countersign_core::{EventId, PaymentId};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::tables::{deliveries, endpoints, events};
use super::{Backlog, Delivery, EventRow, RefusedDelivery, Store, StoreError};
use crate::clock::UnixMs;
use crate::ledger::{Endpoint, Turn};

impl Store {
    /// The ledger of a signer whose events go to `url`. Another address than the one before begins with a clean slate.
    pub(crate) async fn with_endpoint(mut self, url: &Url, now_ms: UnixMs) -> Result<Self, StoreError> {
        let endpoint = Sha256::digest(url.as_str()).into();
        self.write(String::new(), move |db| endpoints::open(db, &endpoint, now_ms)).await?;
        self.endpoint = endpoint;
        Ok(self)
    }

    /// The events of a payment.
    pub(crate) async fn events_of(&self, id: &PaymentId) -> Result<Vec<EventRow>, StoreError> {
        let id = id.clone();
        self.read(move |db| events::of_payment(db, &id)).await
    }

    /// Events after one. `None` when there is no such event.
    pub(crate) async fn events(
        &self,
        after: Option<EventId>,
        limit: i64,
    ) -> Result<Option<Vec<EventRow>>, StoreError> {
        self.write(String::new(), events::line_up).await?;
        self.read(move |db| events::list(db, after.as_ref(), limit)).await
    }

    /// Sends an event again. `None` when there is no such event.
    pub(crate) async fn redeliver(
        &self,
        id: &EventId,
        now_ms: UnixMs,
    ) -> Result<Option<EventRow>, StoreError> {
        let id = id.clone();
        self.write(id.as_str().to_owned(), move |db| deliveries::redeliver(db, &id, now_ms)).await
    }

    /// Takes events that are to be delivered now.
    pub(crate) async fn take_due_events(
        &self,
        now_ms: UnixMs,
        hold_ms: i64,
        limit: i64,
    ) -> Result<Vec<Delivery>, StoreError> {
        let endpoint = self.endpoint;
        self.write(String::new(), move |db| deliveries::take_due(db, &endpoint, now_ms, hold_ms, limit)).await
    }

    /// Notes that an event arrived; tells what that changes about the endpoint.
    pub(crate) async fn event_delivered(
        &self,
        id: &EventId,
        now_ms: UnixMs,
    ) -> Result<Option<Turn>, StoreError> {
        let (endpoint, id) = (self.endpoint, id.clone());
        let key = id.as_str().to_owned();
        self.write(key, move |db| deliveries::delivered(db, &endpoint, &id, now_ms)).await
    }

    /// Notes that a delivery failed; tells what that changes about the endpoint.
    pub(crate) async fn event_refused(&self, refused: RefusedDelivery) -> Result<Option<Turn>, StoreError> {
        let endpoint = self.endpoint;
        let key = refused.id.as_str().to_owned();
        self.write(key, move |db| deliveries::refused(db, &endpoint, &refused)).await
    }

    /// What is known of the endpoint, and what it has not got.
    pub(crate) async fn endpoint(&self) -> Result<(Endpoint, Backlog), StoreError> {
        let endpoint = self.endpoint;
        self.read(move |db| Ok((endpoints::state(db, &endpoint)?, events::backlog(db)?))).await
    }

    /// Lets the endpoint have events again, and everything that waits at once.
    pub(crate) async fn enable_endpoint(&self, now_ms: UnixMs) -> Result<(), StoreError> {
        let endpoint = self.endpoint;
        self.write(String::new(), move |db| endpoints::enable(db, &endpoint, now_ms)).await
    }
}
