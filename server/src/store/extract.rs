//! Reading a whole ledger as it is at one moment, page by page, whoever uses it meanwhile.

use countersign_core::PaymentId;
use tokio::runtime::Handle;

use super::db::Db;
use super::tables::histories;
use super::{Record, StoreError, postgres, sqlite};
use crate::clock::UnixMs;
use crate::ledger::Fact;

/// A payment with everything that was learnt of it.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) record: Record,
    /// The status as it stands in its own column; it is the state's, unless somebody changed the ledger by hand.
    pub(crate) status: String,
    /// In the order in which they were written, each with its number.
    pub(crate) facts: Vec<(i64, Fact)>,
}

/// A fact, and what it is about.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// Its number: later ones are higher.
    pub(crate) number: i64,
    pub(crate) payment: PaymentId,
    pub(crate) fact: Fact,
}

/// A ledger at the moment it was opened. Nothing is changed, and no signer is kept from its work.
pub(crate) struct Extract(Box<dyn Db>);

impl Extract {
    /// Opens the ledger named by `url`. Neither this nor anything else here is to be called by the runtime's own threads.
    ///
    /// # Errors
    /// When there is none, or it is of another age, or an unfinished copy.
    pub(crate) fn open(url: &str, runtime: &Handle) -> Result<Self, StoreError> {
        match url.strip_prefix("sqlite:") {
            Some(path) => sqlite::open_to_read(path.as_ref()).map(Self),
            None => postgres::open_to_read(url, runtime).map(Self),
        }
    }

    /// The accounts that have payments.
    pub(crate) fn accounts(&mut self) -> Result<Vec<String>, StoreError> {
        histories::accounts(&mut *self.0)
    }

    /// The next page of an account's payments that were created in an interval, `from ≤ x < to`, in the order of their
    /// creation; `after` is the last of the page before. An empty page is the end.
    pub(crate) fn created(
        &mut self,
        account: &str,
        interval: (UnixMs, UnixMs),
        after: Option<&History>,
    ) -> Result<Vec<History>, StoreError> {
        histories::created(&mut *self.0, account, interval, after)
    }

    /// The next page of facts that may tell of money, with an interval those learnt in it, in the order in which they were
    /// written; `after` is the number of the last of the page before. An empty page is the end.
    pub(crate) fn told_of_money(
        &mut self,
        interval: Option<(UnixMs, UnixMs)>,
        after: i64,
    ) -> Result<Vec<Told>, StoreError> {
        histories::told_of_money(&mut *self.0, interval, after)
    }

    /// The payments that a page of facts is about.
    pub(crate) fn payments_of(&mut self, page: &[Told]) -> Result<Vec<History>, StoreError> {
        let mut ids: Vec<String> = page.iter().map(|told| told.payment.as_str().to_owned()).collect();
        ids.sort();
        ids.dedup();
        Ok(histories::of_payments(&mut *self.0, &ids)?.into_values().collect())
    }
}
