//! The ledger's operations. Each that changes something is one transaction, and returns when it is on the disk.

use std::time::{Duration, Instant};

use countersign_core::PaymentId;

use super::db::Db;
use super::engine::Database;
use super::tables::endpoints::UrlDigest;
use super::tables::facts::Change;
use super::tables::{attempts, deliveries, endpoints, facts, idempotency, logins, payments, refunds, signer};
use super::{
    Added, Begun, BegunRefund, Created, KeyUse, ListFilter, Login, LoginPurpose, NewFact, NewPayment,
    NewRefund, Record, Reserved, StoreError, StoredAnswer, UnderKey,
};
use crate::clock::UnixMs;
use crate::ledger::{Circumstances, Payer, Source};

/// As long as a gateway's answer is kept in hand when it cannot be written down at once.
const KEPT_IN_HAND: Duration = Duration::from_secs(10);
const IN_HAND_PAUSE: Duration = Duration::from_millis(500);

/// The ledger.
#[derive(Clone)]
pub(crate) struct Store {
    database: Database,
    /// Whether events are to be sent anywhere.
    deliver: bool,
    /// Where they are sent to.
    pub(super) endpoint: UrlDigest,
}

impl Store {
    /// Opens the ledger named by `url`, `sqlite:PATH` or `postgres://…`, with so many `connections` where it is a
    /// server, and brings its schema up to date.
    ///
    /// # Errors
    /// When another process has it, or it cannot be reached, opened or written.
    pub(crate) async fn open(url: &str, connections: usize, deliver: bool) -> Result<Self, StoreError> {
        let database = Database::open(url, connections).await?;
        Ok(Self { database, deliver, endpoint: UrlDigest::default() })
    }

    /// Whether other processes may change the same ledger.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.database, Database::Postgres(_))
    }

    /// Tells processes that want the same ledger where the signer is.
    pub(crate) fn announce(&self, address: &str) {
        if let Database::Sqlite(sqlite) = &self.database {
            sqlite.announce(address);
        }
    }

    /// Takes back what a process had in hand that is gone. A shared ledger waits for its holds to end instead: others
    /// may be at work.
    pub(crate) async fn recover(&self, now_ms: UnixMs) -> Result<(), StoreError> {
        if self.is_shared() {
            return Ok(());
        }
        let (checks, deliveries) = self.write(String::new(), move |db| take_back(db, now_ms)).await?;
        if checks + deliveries > 0 {
            tracing::info!(checks, deliveries, "taken up again what was in hand when the signer ended");
        }
        Ok(())
    }

    /// Notes what time it is, for the next start.
    pub(crate) async fn note_time(&self, now_ms: UnixMs) -> Result<(), StoreError> {
        self.write(String::new(), move |db| signer::note_time(db, now_ms)).await
    }

    /// The latest time that the ledger knows. Looks at every payment.
    pub(crate) async fn latest_time_known(&self) -> Result<Option<UnixMs>, StoreError> {
        self.read(|db| Ok(payments::last_change_ms(db)?.max(signer::noted_time(db)?))).await
    }

    /// Makes due whatever is still to be asked or delivered: the clock it was planned by has jumped.
    pub(crate) async fn all_due(&self, now_ms: UnixMs) -> Result<(), StoreError> {
        self.write(String::new(), move |db| {
            payments::all_due(db, now_ms)?;
            deliveries::all_due(db, now_ms)?;
            endpoints::all_due(db, now_ms)
        })
        .await
    }

    /// Cuts what holds idempotency keys for longer than until `latest_ms`.
    pub(crate) async fn cut_holds(&self, latest_ms: UnixMs) -> Result<(), StoreError> {
        self.write(String::new(), move |db| idempotency::cut_holds(db, latest_ms).map(drop)).await
    }

    /// The signer's own key, made at the first start: client secrets are derived from it.
    pub(crate) async fn own_key(&self) -> Result<[u8; 32], StoreError> {
        self.write(String::new(), signer::own_key).await
    }

    /// Whether the ledger can be read and takes writes.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        self.write(String::new(), signer::note_writable).await?;
        self.read(payments::any).await.map(drop)
    }

    /// Creates a payment.
    pub(crate) async fn create(&self, new: NewPayment) -> Result<Created, StoreError> {
        let key = format!("{}/{}", new.account, new.order_id);
        self.write(key, move |db| payments::create(db, &new)).await
    }

    /// Creates a payment under an idempotency key, which stays free when nothing is created.
    pub(crate) async fn create_under_key(
        &self,
        new: NewPayment,
        key: KeyUse,
    ) -> Result<UnderKey<Created>, StoreError> {
        let order = format!("{}/{}", new.account, new.order_id);
        let is_there = |created: &Created| matches!(created, Created::New(_) | Created::Existing(_));
        self.write(order, move |db| under_key(db, &key, |db| payments::create(db, &new), is_there)).await
    }

    /// The payment of this id.
    pub(crate) async fn payment(&self, id: &PaymentId) -> Result<Option<Record>, StoreError> {
        let id = id.clone();
        self.read(move |db| payments::by_id(db, &id)).await
    }

    /// The payment that has an attempt with this order number.
    pub(crate) async fn payment_by_order_no(
        &self,
        account: &str,
        order_no: &str,
    ) -> Result<Option<Record>, StoreError> {
        let (account, order_no) = (account.to_owned(), order_no.to_owned());
        self.read(move |db| payments::by_order_no(db, &account, &order_no)).await
    }

    /// Payments, newest first.
    pub(crate) async fn list(&self, filter: ListFilter) -> Result<Vec<Record>, StoreError> {
        self.read(move |db| payments::list(db, &filter)).await
    }

    /// Writes an attempt down before it is sent, if the payment's revision is still `decided_at`. `None` when there is no
    /// such payment.
    pub(crate) async fn begin_attempt(
        &self,
        id: &PaymentId,
        circumstances: Circumstances,
        decided_at: i64,
        now_ms: UnixMs,
        check_at_ms: UnixMs,
    ) -> Result<Option<Begun>, StoreError> {
        let (id, deliver) = (id.clone(), self.deliver);
        let change = Change { now_ms, clock_ms: now_ms, next_check_at_ms: Some(check_at_ms), deliver };
        self.write(id.as_str().to_owned(), move |db| {
            attempts::begin(db, &id, &circumstances, decided_at, &change)
        })
        .await
    }

    /// Writes a refund down before it is sent. `None` when there is no such payment.
    pub(crate) async fn begin_refund(
        &self,
        id: &PaymentId,
        new: NewRefund,
    ) -> Result<Option<BegunRefund>, StoreError> {
        let (id, deliver) = (id.clone(), self.deliver);
        self.write(id.as_str().to_owned(), move |db| refunds::begin(db, &id, &new, deliver)).await
    }

    /// Writes a refund down under an idempotency key, which stays free when nothing is begun.
    pub(crate) async fn begin_refund_under_key(
        &self,
        id: &PaymentId,
        new: NewRefund,
        key: KeyUse,
    ) -> Result<UnderKey<Option<BegunRefund>>, StoreError> {
        let (order, id, deliver) = (id.as_str().to_owned(), id.clone(), self.deliver);
        let is_there = |begun: &Option<BegunRefund>| {
            matches!(begun, Some(BegunRefund::Started(..) | BegunRefund::Existing(..)))
        };
        let work =
            move |db: &mut dyn Db| under_key(db, &key, |db| refunds::begin(db, &id, &new, deliver), is_there);
        self.write(order, work).await
    }

    /// Writes a login down before the payer is sent there.
    pub(crate) async fn begin_login(&self, login: Login, now_ms: UnixMs) -> Result<(), StoreError> {
        self.write(login.nonce.clone(), move |db| logins::begin(db, &login, now_ms)).await
    }

    /// The login of a nonce.
    pub(crate) async fn login(&self, nonce: &str) -> Result<Option<Login>, StoreError> {
        let nonce = nonce.to_owned();
        self.read(move |db| logins::find(db, &nonce)).await
    }

    /// The last login of a payment with this purpose that may still be used.
    pub(crate) async fn usable_login(
        &self,
        id: &PaymentId,
        purpose: LoginPurpose,
    ) -> Result<Option<Login>, StoreError> {
        let id = id.clone();
        self.read(move |db| logins::usable(db, &id, purpose)).await
    }

    /// Uses a login up; `false` when somebody did so before.
    pub(crate) async fn use_login(&self, nonce: &str, now_ms: UnixMs) -> Result<bool, StoreError> {
        let nonce = nonce.to_owned();
        self.write(nonce.clone(), move |db| logins::use_up(db, &nonce, now_ms)).await
    }

    /// Binds a payment to the payer that its login ended with: one that has moved on since `decided_at` only to the
    /// same payer. `None` when there is no such payment.
    pub(crate) async fn bind_payer(
        &self,
        id: &PaymentId,
        payer: Payer,
        sealed_tokens: Vec<u8>,
        decided_at: i64,
    ) -> Result<Option<Record>, StoreError> {
        let id = id.clone();
        self.write(id.as_str().to_owned(), move |db| {
            logins::bind_payer(db, &id, &payer, &sealed_tokens, decided_at)
        })
        .await
    }

    /// Adds a fact and everything that follows from it. `None` when there is no such payment. What a gateway answers to
    /// an order it tells only once: where the ledger takes nothing at the moment, it is offered for a while.
    pub(crate) async fn add_fact(&self, id: &PaymentId, fact: NewFact) -> Result<Option<Added>, StoreError> {
        let until = Instant::now() + KEPT_IN_HAND;
        loop {
            let (id, fact, deliver) = (id.clone(), fact.clone(), self.deliver);
            let told_once = fact.source == Source::Response;
            let added =
                self.write(id.as_str().to_owned(), move |db| facts::add(db, &id, &fact, deliver)).await;
            match added {
                Err(error) if told_once && error.may_pass() && Instant::now() < until => {
                    tokio::time::sleep(IN_HAND_PAUSE).await;
                }
                added => return added,
            }
        }
    }

    /// Makes the client secrets given out so far worthless.
    pub(crate) async fn next_secret_generation(&self, id: &PaymentId) -> Result<Option<Record>, StoreError> {
        let id = id.clone();
        self.write(id.as_str().to_owned(), move |db| payments::next_secret_generation(db, &id)).await
    }

    /// Takes payments whose gateway is to be asked now.
    pub(crate) async fn take_due_payments(
        &self,
        now_ms: UnixMs,
        hold_ms: i64,
        limit: i64,
    ) -> Result<Vec<Record>, StoreError> {
        self.write(String::new(), move |db| payments::take_due(db, now_ms, hold_ms, limit)).await
    }

    /// Sets when a payment's gateway is asked next, unless the payment has moved on since `decided_at`.
    pub(crate) async fn check_at(
        &self,
        id: &PaymentId,
        decided_at: i64,
        at_ms: Option<UnixMs>,
    ) -> Result<(), StoreError> {
        let id = id.clone();
        self.write(id.as_str().to_owned(), move |db| payments::check_at(db, &id, decided_at, at_ms)).await
    }

    /// Keeps an answer under a key that is ours; gives the one that counts.
    pub(crate) async fn keep_answer(
        &self,
        key: KeyUse,
        answer: StoredAnswer,
    ) -> Result<StoredAnswer, StoreError> {
        self.write(key.key.clone(), move |db| idempotency::keep(db, &key, &answer)).await
    }

    /// Lets a key go that is ours and has no answer.
    pub(crate) async fn release_key(&self, key: KeyUse) -> Result<(), StoreError> {
        self.write(key.key.clone(), move |db| idempotency::release(db, &key)).await
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        key: String,
        work: impl Fn(&mut dyn Db) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.database.write(key, work).await
    }

    /// Reads several things as they are at one moment.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut dyn Db) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.database.read(work).await
    }
}

/// Takes back what a process had in hand that is gone: checks and deliveries.
pub(super) fn take_back(db: &mut dyn Db, now_ms: UnixMs) -> Result<(u64, u64), StoreError> {
    let (checks, deliveries) = (payments::give_back(db, now_ms)?, deliveries::give_back(db, now_ms)?);
    idempotency::end_holds(db)?;
    Ok((checks, deliveries))
}

/// Reserves a key, does something, and keeps the key only if that is what was asked for.
fn under_key<T>(
    db: &mut dyn Db,
    key: &KeyUse,
    work: impl FnOnce(&mut dyn Db) -> Result<T, StoreError>,
    is_there: impl FnOnce(&T) -> bool,
) -> Result<UnderKey<T>, StoreError> {
    let taken_over = match idempotency::reserve(db, key)? {
        Reserved::Mine { taken_over } => taken_over,
        Reserved::Answered(answer) => return Ok(UnderKey::Answered(answer)),
        Reserved::ByAnother => return Ok(UnderKey::ByAnother),
        Reserved::InProgress => return Ok(UnderKey::InProgress),
    };
    let outcome = work(db)?;
    if !is_there(&outcome) {
        idempotency::release(db, key)?;
    }
    Ok(UnderKey::Done { outcome, taken_over })
}
