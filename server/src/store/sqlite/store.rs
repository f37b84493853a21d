//! The ledger's operations. Each that changes something is one transaction, and returns when it is on the disk.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use countersign_core::{EventId, PaymentId};
use rusqlite::{Connection, OptionalExtension, params};

use super::facts::Change;
use super::writer::Writer;
use super::{events, facts, idempotency, logins, payments, refunds, schema};
use crate::clock::UnixMs;
use crate::id;
use crate::ledger::{Circumstances, Payer};
use crate::store::{
    Begun, BegunRefund, Created, Delivery, EventRow, ListFilter, Login, LoginPurpose, NewFact, NewPayment,
    NewRefund, Record, StoreError, StoredAnswer,
};

/// Connections that are kept for reading.
const READERS_MAX: usize = 4;

/// The ledger.
#[derive(Clone)]
pub(crate) struct Store {
    writer: Writer,
    readers: Arc<Readers>,
    /// Whether events are to be sent anywhere.
    deliver: bool,
    /// Held as long as the store is; a second process cannot take it.
    _lock: Arc<File>,
}

struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Store {
    /// Opens the ledger named by `url`, `sqlite:PATH`, and brings its schema up to date.
    ///
    /// # Errors
    /// When another process has it, or it cannot be opened or written.
    pub(crate) fn open(url: &str, deliver: bool) -> Result<Self, StoreError> {
        let path = PathBuf::from(url.strip_prefix("sqlite:").unwrap_or(url));
        let lock = lock(&path)?;
        let connection =
            schema::open_writer(&path).map_err(|e| StoreError::Failed(format!("{}: {e}", path.display())))?;
        let writer = Writer::start(connection)?;
        let readers = Arc::new(Readers { path, idle: Mutex::new(Vec::new()) });
        Ok(Self { writer, readers, deliver, _lock: Arc::new(lock) })
    }

    /// The signer's own key, made at the first start: client secrets are derived from it.
    pub(crate) async fn own_key(&self) -> Result<[u8; 32], StoreError> {
        self.writer
            .write(|c| {
                let made = id::random_key();
                c.execute(
                    "INSERT INTO signer (name, value) VALUES ('client_secret_key', ?1) ON CONFLICT DO NOTHING",
                    params![made.as_slice()],
                )?;
                let sql = "SELECT value FROM signer WHERE name = 'client_secret_key'";
                let key: Vec<u8> = c.query_row(sql, [], |row| row.get(0))?;
                key.try_into().map_err(|_| StoreError::Failed("the signer's own key is unreadable".to_owned()))
            })
            .await
    }

    /// Whether the ledger can be read and takes writes.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        self.writer.write(|_| Ok(())).await?;
        self.read(|c| Ok(c.query_row("SELECT 1 FROM payments LIMIT 1", [], |_| Ok(())).optional()?)).await?;
        Ok(())
    }

    /// Creates a payment.
    pub(crate) async fn create(&self, new: NewPayment) -> Result<Created, StoreError> {
        self.writer.write(move |c| payments::create(c, &new)).await
    }

    /// The payment of this id.
    pub(crate) async fn payment(&self, id: &PaymentId) -> Result<Option<Record>, StoreError> {
        let id = id.clone();
        self.read(move |c| payments::by_id(c, &id)).await
    }

    /// The payment that has an attempt with this order number.
    pub(crate) async fn payment_by_order_no(
        &self,
        account: &str,
        order_no: &str,
    ) -> Result<Option<Record>, StoreError> {
        let (account, order_no) = (account.to_owned(), order_no.to_owned());
        self.read(move |c| payments::by_order_no(c, &account, &order_no)).await
    }

    /// Payments, newest first.
    pub(crate) async fn list(&self, filter: ListFilter) -> Result<Vec<Record>, StoreError> {
        self.read(move |c| payments::list(c, &filter)).await
    }

    /// Writes an attempt down before it is sent. `None` when there is no such payment.
    pub(crate) async fn begin_attempt(
        &self,
        id: &PaymentId,
        circumstances: Circumstances,
        now_ms: UnixMs,
        check_at_ms: UnixMs,
    ) -> Result<Option<Begun>, StoreError> {
        let (id, deliver) = (id.clone(), self.deliver);
        let change = Change { now_ms, next_check_at_ms: Some(check_at_ms), deliver };
        self.writer.write(move |c| payments::begin_attempt(c, &id, &circumstances, &change)).await
    }

    /// Writes a refund down before it is sent. `None` when there is no such payment.
    pub(crate) async fn begin_refund(
        &self,
        id: &PaymentId,
        new: NewRefund,
    ) -> Result<Option<BegunRefund>, StoreError> {
        let (id, deliver) = (id.clone(), self.deliver);
        self.writer.write(move |c| refunds::begin(c, &id, &new, deliver)).await
    }

    /// Writes a login down before the payer is sent there.
    pub(crate) async fn begin_login(&self, login: Login, now_ms: UnixMs) -> Result<(), StoreError> {
        self.writer.write(move |c| logins::begin(c, &login, now_ms)).await
    }

    /// The login of a nonce.
    pub(crate) async fn login(&self, nonce: &str) -> Result<Option<Login>, StoreError> {
        let nonce = nonce.to_owned();
        self.read(move |c| logins::find(c, &nonce)).await
    }

    /// The last login of a payment with this purpose that may still be used.
    pub(crate) async fn usable_login(
        &self,
        id: &PaymentId,
        purpose: LoginPurpose,
    ) -> Result<Option<Login>, StoreError> {
        let id = id.clone();
        self.read(move |c| logins::usable(c, &id, purpose)).await
    }

    /// Uses a login up; `false` when somebody did so before.
    pub(crate) async fn use_login(&self, nonce: &str, now_ms: UnixMs) -> Result<bool, StoreError> {
        let nonce = nonce.to_owned();
        self.writer.write(move |c| logins::use_up(c, &nonce, now_ms)).await
    }

    /// Binds a payment to the payer that its login ended with. `None` when there is no such payment.
    pub(crate) async fn bind_payer(
        &self,
        id: &PaymentId,
        payer: Payer,
        sealed_tokens: Vec<u8>,
    ) -> Result<Option<Record>, StoreError> {
        let id = id.clone();
        self.writer.write(move |c| logins::bind_payer(c, &id, &payer, &sealed_tokens)).await
    }

    /// Adds a fact and everything that follows from it. `None` when there is no such payment.
    pub(crate) async fn add_fact(&self, id: &PaymentId, fact: NewFact) -> Result<Option<Record>, StoreError> {
        let (id, deliver) = (id.clone(), self.deliver);
        self.writer.write(move |c| facts::add(c, &id, &fact, deliver)).await
    }

    /// Makes the client secrets given out so far worthless.
    pub(crate) async fn next_secret_generation(&self, id: &PaymentId) -> Result<Option<Record>, StoreError> {
        let id = id.clone();
        self.writer.write(move |c| payments::next_secret_generation(c, &id)).await
    }

    /// Takes payments whose gateway is to be asked now.
    pub(crate) async fn take_due_payments(
        &self,
        now_ms: UnixMs,
        hold_ms: i64,
        limit: i64,
    ) -> Result<Vec<Record>, StoreError> {
        self.writer.write(move |c| payments::take_due(c, now_ms, hold_ms, limit)).await
    }

    /// Sets when a payment's gateway is asked next.
    pub(crate) async fn check_at(&self, id: &PaymentId, at_ms: Option<UnixMs>) -> Result<(), StoreError> {
        let id = id.clone();
        self.writer.write(move |c| payments::check_at(c, &id, at_ms)).await
    }

    /// The events of a payment.
    pub(crate) async fn events_of(&self, id: &PaymentId) -> Result<Vec<EventRow>, StoreError> {
        let id = id.clone();
        self.read(move |c| events::of_payment(c, &id)).await
    }

    /// Events after one. `None` when there is no such event.
    pub(crate) async fn events(
        &self,
        after: Option<EventId>,
        limit: i64,
    ) -> Result<Option<Vec<EventRow>>, StoreError> {
        self.read(move |c| events::list(c, after.as_ref(), limit)).await
    }

    /// Sends an event again. `None` when there is no such event.
    pub(crate) async fn redeliver(
        &self,
        id: &EventId,
        now_ms: UnixMs,
    ) -> Result<Option<EventRow>, StoreError> {
        let id = id.clone();
        self.writer.write(move |c| events::redeliver(c, &id, now_ms)).await
    }

    /// Takes events that are to be delivered now.
    pub(crate) async fn take_due_events(
        &self,
        now_ms: UnixMs,
        hold_ms: i64,
        limit: i64,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.writer.write(move |c| events::take_due(c, now_ms, hold_ms, limit)).await
    }

    /// Notes that an event arrived.
    pub(crate) async fn event_delivered(&self, id: &EventId, now_ms: UnixMs) -> Result<(), StoreError> {
        let id = id.clone();
        self.writer.write(move |c| events::delivered(c, &id, now_ms)).await
    }

    /// Notes that a delivery failed; `None` gives up.
    pub(crate) async fn event_failed(
        &self,
        id: &EventId,
        error: String,
        next_at_ms: Option<UnixMs>,
    ) -> Result<(), StoreError> {
        let id = id.clone();
        self.writer.write(move |c| events::failed(c, &id, &error, next_at_ms)).await
    }

    /// The answer of an idempotency key.
    pub(crate) async fn stored_answer(
        &self,
        api_key: &str,
        key: &str,
    ) -> Result<Option<StoredAnswer>, StoreError> {
        let (api_key, key) = (api_key.to_owned(), key.to_owned());
        self.read(move |c| idempotency::find(c, &api_key, &key)).await
    }

    /// Keeps an answer under a key; gives the one that counts.
    pub(crate) async fn keep_answer(
        &self,
        api_key: &str,
        key: &str,
        answer: StoredAnswer,
        now_ms: UnixMs,
    ) -> Result<StoredAnswer, StoreError> {
        let (api_key, key) = (api_key.to_owned(), key.to_owned());
        self.writer.write(move |c| idempotency::keep(c, &api_key, &key, &answer, now_ms)).await
    }

    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = Arc::clone(&self.readers);
        let task = tokio::task::spawn_blocking(move || readers.with(query));
        task.await.map_err(|e| StoreError::Failed(e.to_string()))?
    }
}

impl Readers {
    fn with<T>(&self, query: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let connection = match taken {
            Some(connection) => connection,
            None => schema::open_reader(&self.path)?,
        };
        let result = query(&connection);
        let mut idle = idle();
        if idle.len() < READERS_MAX {
            idle.push(connection);
        }
        result
    }
}

/// Opens a file that only this user may read, made when missing.
fn private_file(path: &Path) -> Result<File, StoreError> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true).mode(0o600);
    options.open(path).map_err(|e| StoreError::Failed(format!("{}: {e}", path.display())))
}

/// Takes the lock file beside the database.
fn lock(database: &Path) -> Result<File, StoreError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let file = private_file(&path)?;
    private_file(database)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(StoreError::Failed(format!("{}: another process has this ledger", database.display()))),
    }
}
