//! A ledger to keep books of.

use std::collections::BTreeMap;

use countersign_core::{Currency, GatewayId, Method, MethodType, Money};

use crate::bookkeeping::BookkeepingError;
use crate::bookkeeping::scope::Opened;
use crate::id;
use crate::ledger::{Circumstances, Claim, PaidClaim, RefundClaim, Source};
use crate::store::{Begun, BegunRefund, Created, History, NewFact, NewPayment, NewRefund, Record, Store};

pub(super) const SECOND: i64 = 1_000;
pub(super) const DAY: i64 = 86_400 * SECOND;

/// A ledger in a file.
pub(super) struct Book {
    pub(super) store: Store,
    pub(super) file: std::path::PathBuf,
    told: std::sync::atomic::AtomicU8,
    _dir: tempfile::TempDir,
}

impl Book {
    pub(super) async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ledger.db");
        let store = Store::open(&format!("sqlite:{}", file.display()), 2, true).await.unwrap();
        Self { store, file, told: Default::default(), _dir: dir }
    }

    /// A payment of 10.00 CNY that was submitted.
    pub(super) async fn payment(&self, order_id: &str, at_ms: i64) -> Record {
        let record = self.created(order_id, at_ms).await;
        self.attempt(&record, at_ms + SECOND).await
    }

    pub(super) async fn created(&self, order_id: &str, at_ms: i64) -> Record {
        let new = NewPayment {
            id: id::payment_id(at_ms),
            account: "shop".into(),
            gateway: GatewayId::Jubao,
            order_id: order_id.into(),
            amount: Money::new(1000, Currency::parse("CNY").unwrap()).unwrap(),
            subject: "Tea".into(),
            description: None,
            method: Method::bare(MethodType::JubaoWechatH5),
            sealed_token: None,
            return_url: None,
            metadata: BTreeMap::new(),
            livemode: false,
            fingerprint: [7; 32],
            created_at_ms: at_ms,
            expires_at_ms: at_ms + 900 * SECOND,
            daily_limit: None,
        };
        match self.store.create(new).await.unwrap() {
            Created::New(record) => record,
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn attempt(&self, record: &Record, at_ms: i64) -> Record {
        let revision = self.store.payment(&record.id).await.unwrap().unwrap().revision;
        let begun = self.store.begin_attempt(&record.id, Circumstances::default(), revision, at_ms, at_ms);
        match begun.await.unwrap() {
            Some(Begun::Started(record)) => record,
            other => panic!("{other:?}"),
        }
    }

    /// The gateway says something of an attempt.
    pub(super) async fn told(
        &self,
        record: &Record,
        attempt: Option<i64>,
        claim: Claim,
        at_ms: i64,
    ) -> Record {
        let number = self.told.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let fact = NewFact {
            attempt,
            source: Source::Query,
            claim,
            at_ms,
            digest: [number; 32],
            next_check_at_ms: None,
            decided_at: None,
        };
        self.store.add_fact(&record.id, fact).await.unwrap().unwrap().record
    }

    /// A refund that succeeded.
    pub(super) async fn refund(&self, record: &Record, amount: i64, at_ms: i64) -> Record {
        let new = NewRefund {
            refund_id: None,
            request_key: None,
            amount: Some(amount),
            whole_only: false,
            reason: None,
            fingerprint: [amount.to_be_bytes()[7]; 32],
            now_ms: at_ms,
            check_at_ms: at_ms,
        };
        let number = match self.store.begin_refund(&record.id, new).await.unwrap() {
            Some(BegunRefund::Started(_, number)) => number,
            other => panic!("{other:?}"),
        };
        let told = RefundClaim::Succeeded { gateway_refund_no: Some(format!("G{number}")) };
        self.told(record, None, Claim::Refund { number, told }, at_ms + 1).await
    }

    /// Does something with the ledger opened for bookkeeping.
    pub(super) async fn opened<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Opened) -> Result<T, BookkeepingError> + Send + 'static,
    ) -> T {
        let url = format!("sqlite:{}", self.file.display());
        tokio::task::spawn_blocking(move || work(&mut Opened::at(&url).unwrap()).unwrap()).await.unwrap()
    }

    /// Everything that is known of a payment.
    pub(super) async fn history(&self, record: &Record) -> History {
        let id = record.id.clone();
        let found = self.opened(move |opened| {
            let mut found = opened.extract.created("shop", (i64::MIN, i64::MAX), None)?;
            found.retain(|history| history.record.id == id);
            Ok(found)
        });
        found.await.remove(0)
    }
}

/// Paid, so much, as this transaction.
pub(super) fn paid(amount: i64, transaction_id: Option<&str>) -> Claim {
    Claim::Paid(paid_claim(amount, transaction_id))
}

pub(super) fn paid_claim(amount: i64, transaction_id: Option<&str>) -> PaidClaim {
    PaidClaim {
        amount,
        currency: None,
        gateway_order_no: None,
        transaction_id: transaction_id.map(str::to_owned),
        paid_at_ms: None,
        other_payer: false,
    }
}
