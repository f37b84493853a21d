//! The world around the signer: the ledger, the gateway, the merchant and the payer, who all outlive its processes.

use std::sync::{Arc, Mutex};

use countersign_core::Currency;
use tokio::runtime::{Builder, Handle, Runtime};
use url::Url;

use super::books::Books;
use super::death;
use super::gateway::{Imitation, Kind};
use crate::app::{App, ListFilter, Parts, Record};
use crate::clock::{self, ahead};
use crate::config::{PaymentSettings, PollingSettings};
use crate::gateway::{Account, Registry};
use crate::sealed::Sealer;
use crate::secret::Secret;
use crate::store::Store;
use crate::store::tests::{Ledger, next_due_ms};

/// The account that everything is paid to.
pub(super) const ACCOUNT: &str = "shop";
/// The longest that a submission takes.
pub(super) const SUBMIT_TIMEOUT_MS: i64 = 25_000;
/// To a server, from each instance.
const CONNECTIONS: usize = 4;
/// What a worker that died may keep.
const HOLD_MS: i64 = 60_000;
/// As many times as anything may become due before the world calls it endless.
const TURNS_MAX: usize = 400;

/// Everything but the signer.
pub(super) struct World {
    pub(super) kind: Kind,
    pub(super) ledger: Arc<Ledger>,
    pub(super) books: Books,
    /// The events that arrived at the merchant, as often as they did: their names and bodies.
    pub(super) heard: Mutex<Vec<(String, Vec<u8>)>>,
    /// Runs the connections to a server; a process that dies lets go of them.
    backend: Handle,
    delay_ms_max: u64,
    /// Where the signer finds the ledger, when that is not where it is.
    reached_by: Option<String>,
}

/// The signer, as long as it lives.
pub(super) struct Process {
    pub(super) app: App,
    pub(super) store: Store,
}

/// A runtime on which one process lives and dies.
pub(super) fn life() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A runtime for what outlives processes.
pub(super) fn backend() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

impl World {
    pub(super) fn new(kind: Kind, ledger: Arc<Ledger>, backend: &Handle) -> Self {
        let (books, heard) = (Books::default(), Mutex::default());
        Self { kind, ledger, books, heard, backend: backend.clone(), delay_ms_max: 0, reached_by: None }
    }

    /// The same with a gateway whose answers take a moment, never the same.
    pub(super) fn with_delays(self) -> Self {
        Self { delay_ms_max: 4, ..self }
    }

    /// The same with the ledger behind another address.
    pub(super) fn reached_by(self, url: String) -> Self {
        Self { reached_by: Some(url), ..self }
    }

    /// Starts the signer as `start.rs` does.
    pub(super) async fn start(&self) -> Process {
        let url = self.reached_by.clone().unwrap_or_else(|| self.ledger.url.clone());
        let opening = async move { Store::open(&url, CONNECTIONS, true).await };
        let store = self.backend.spawn(opening).await.unwrap().unwrap();
        store.recover(clock::now_ms()).await.unwrap();
        let own_key = store.own_key().await.unwrap();
        let app = App::new(Parts {
            store: store.clone(),
            accounts: self.accounts(),
            public_url: Url::parse("https://pay.example").unwrap(),
            fallback_return_url: "https://shop.example".into(),
            livemode: true,
            webhook_url: None,
            shared_ledger: store.is_shared(),
            payments: PaymentSettings { expires_in_s: 900, micropay_expires_in_s: 60 },
            polling: PollingSettings {
                open_s: vec![2, 30, 300],
                settling_s: vec![60, 3600],
                notification_wait_s: 3,
            },
            submit_timeout_ms: SUBMIT_TIMEOUT_MS,
            own_key,
        });
        Process { app, store }
    }

    fn accounts(&self) -> Registry {
        let gateway = Imitation {
            kind: self.kind,
            books: self.books.clone(),
            ledger: Arc::clone(&self.ledger),
            currency: Currency::parse("CNY").unwrap(),
            delay_ms_max: self.delay_ms_max,
        };
        let account = Account {
            gateway: Arc::new(gateway),
            sealer: Sealer::new([&Secret::new("secret".into())]),
            trust_notifications: false,
            max_amount: None,
            daily_limit: None,
        };
        let mut registry = Registry::default();
        registry.insert(ACCOUNT.into(), account);
        registry
    }

    /// Forgets everything, and so does everybody else.
    pub(super) async fn begin_anew(&self) {
        self.ledger.empty().await;
        self.books.clear();
        self.heard.lock().unwrap().clear();
    }

    /// Starts the signer again after the one before died. Whoever shares a ledger waits until what the dead one held
    /// is free.
    pub(super) async fn start_again(&self) -> Process {
        death::is_over();
        let process = self.start().await;
        if process.store.is_shared() {
            ahead::pass_ms(SUBMIT_TIMEOUT_MS + HOLD_MS);
        }
        process
    }

    /// Lets time pass while the signer's workers do what becomes due; `None` until nothing does any more.
    pub(super) async fn pass(&self, process: &Process, until_ms: Option<i64>) {
        for _ in 0..TURNS_MAX {
            self.deliver(process).await;
            let due = process.store.take_due_payments(clock::now_ms(), HOLD_MS, 16).await.unwrap();
            for record in &due {
                process.app.sync_payment(&record.id).await.unwrap();
            }
            if !due.is_empty() {
                continue;
            }
            let (now_ms, next_ms) = (clock::now_ms(), next_due_ms(&process.store).await);
            match (next_ms, until_ms) {
                (None, None) => return,
                (next, Some(until)) if next.is_none_or(|next| next >= until) => {
                    ahead::pass_ms((until - now_ms).max(0) + 1);
                    return;
                }
                (Some(next), _) => ahead::pass_ms((next - now_ms).max(0) + 1),
                (None, Some(_)) => return,
            }
        }
        panic!("something stays due for ever: {:#?}", process.payments().await);
    }

    /// Delivers what is due to a merchant that takes it, in order.
    pub(super) async fn deliver(&self, process: &Process) {
        loop {
            let now_ms = clock::now_ms();
            let due = process.store.take_due_events(now_ms, HOLD_MS, 16).await.unwrap();
            if due.is_empty() {
                return;
            }
            for delivery in due {
                let id = delivery.id.to_string();
                self.heard.lock().unwrap().push((id, delivery.body.clone()));
                process.store.event_delivered(&delivery.id, now_ms).await.unwrap();
            }
        }
    }
}

impl Process {
    /// Every payment.
    pub(super) async fn payments(&self) -> Vec<Record> {
        self.store.list(ListFilter { limit: 1000, ..ListFilter::default() }).await.unwrap()
    }

    /// The only payment.
    pub(super) async fn payment(&self) -> Record {
        let mut payments = self.payments().await;
        assert_eq!(payments.len(), 1, "one payment");
        payments.remove(0)
    }

    /// The number under which the gateway knows the nth attempt, 1 for the first.
    pub(super) async fn order_no(&self, nth: usize) -> Option<String> {
        self.payments().await.first()?.attempts.get(nth - 1).map(|attempt| attempt.order_no.clone())
    }
}
