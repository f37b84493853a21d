//! The shop's own books. An order is written down before anybody is asked for money.

use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, Result, Row, TransactionBehavior};

use crate::webhook::{Event, Payment};

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS orders (
        id TEXT PRIMARY KEY,
        session TEXT NOT NULL,
        sku TEXT NOT NULL,
        value INTEGER NOT NULL,
        currency TEXT NOT NULL,
        payment_id TEXT,
        status TEXT NOT NULL DEFAULT 'new',
        revision INTEGER NOT NULL DEFAULT 0,
        is_open INTEGER NOT NULL DEFAULT 1,
        needs_person INTEGER NOT NULL DEFAULT 0
    );
    -- A visitor who presses twice, or again after a failure, pays for the same order.
    CREATE UNIQUE INDEX IF NOT EXISTS one_open_order ON orders (session, sku) WHERE is_open;
    CREATE TABLE IF NOT EXISTS heard_webhooks (id TEXT PRIMARY KEY);
    -- What the packing room works through; an order is in it once, whatever is told how often.
    CREATE TABLE IF NOT EXISTS parcels (order_id TEXT PRIMARY KEY REFERENCES orders);
";

/// Something the shop sells. The prices are here and nowhere else, in minor units.
pub(crate) struct Item {
    sku: &'static str,
    pub(crate) name: &'static str,
    value: i64,
    currency: &'static str,
}

const CATALOGUE: &[Item] = &[
    Item { sku: "tea", name: "Oolong tea", value: 1000, currency: "HKD" },
    Item { sku: "cup", name: "Tea cup", value: 2500, currency: "HKD" },
];

// What a person has to look at may be paid, so it is not ordered once more meanwhile.
const UNDER_WAY: &[&str] = &["created", "requires_action", "processing", "review"];

/// One order, as it is written down.
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) sku: String,
    pub(crate) value: i64,
    pub(crate) currency: String,
    pub(crate) payment_id: Option<String>,
    pub(crate) status: String,
    pub(crate) revision: i64,
    pub(crate) needs_person: bool,
}

/// What came of a webhook.
pub(crate) enum Heard {
    /// It is about no order of this shop.
    Mismatch,
    /// It was written down, or was known before: there is nothing more to do.
    Noted,
    /// The order is paid, and this is the first time that it is told.
    Fulfil,
    /// A person must look.
    Review,
}

/// The orders of everybody, in one file.
pub(crate) struct Orders {
    db: Mutex<Connection>,
}

pub(crate) fn item(sku: &str) -> Option<&'static Item> {
    CATALOGUE.iter().find(|item| item.sku == sku)
}

impl Orders {
    pub(crate) fn open_file(path: &str) -> Result<Self> {
        let db = Connection::open(path)?;
        db.execute_batch(SCHEMA)?;
        Ok(Self { db: Mutex::new(db) })
    }

    /// The visitor's open order for this item, or a new one.
    pub(crate) fn open(&self, session: &str, item: &Item) -> Result<Order> {
        let id = format!("A{:016X}", rand::random::<u64>());
        self.with(|db| {
            db.execute(
                "INSERT INTO orders (id, session, sku, value, currency) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (id, session, item.sku, item.value, item.currency),
            )?;
            let sql = "SELECT * FROM orders WHERE session = ? AND sku = ? AND is_open";
            db.query_row(sql, (session, item.sku), Order::read)
        })
    }

    /// A visitor's own order; anybody else's is as good as none.
    pub(crate) fn own(&self, session: &str, id: &str) -> Result<Option<Order>> {
        let sql = "SELECT * FROM orders WHERE id = ? AND session = ?";
        self.with(|db| db.query_row(sql, (id, session), Order::read).optional())
    }

    pub(crate) fn note_payment(&self, order_id: &str, payment_id: &str) -> Result<()> {
        let sql = "UPDATE orders SET payment_id = ? WHERE id = ? AND payment_id IS NULL";
        self.with(|db| db.execute(sql, (payment_id, order_id)).map(|_| ()))
    }

    pub(crate) fn parcels(&self, order_id: &str) -> Result<i64> {
        let sql = "SELECT count(*) FROM parcels WHERE order_id = ?";
        self.with(|db| db.query_row(sql, [order_id], |row| row.get(0)))
    }

    /// Writes a verified webhook down, all of it or nothing.
    ///
    /// It may come again, and it may come late: the same id, and an older revision, change nothing.
    pub(crate) fn hear(&self, webhook_id: &str, event: &Event, account: &str) -> Result<Heard> {
        self.with(|db| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let heard = hear(&transaction, webhook_id, event, account)?;
            transaction.commit()?;
            Ok(heard)
        })
    }

    /// A write waits for the disk, which must not hold up the other requests of this thread.
    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        tokio::task::block_in_place(|| work(&mut self.db.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn hear(db: &Connection, webhook_id: &str, event: &Event, account: &str) -> Result<Heard> {
    let payment = &event.data;
    let sql = "SELECT * FROM orders WHERE id = ?";
    let order = db.query_row(sql, [&payment.order_id], Order::read).optional()?;
    let Some(order) = order.filter(|order| order.is_paid_by(payment, account)) else {
        return Ok(Heard::Mismatch);
    };
    let sql = "INSERT INTO heard_webhooks VALUES (?) ON CONFLICT DO NOTHING";
    let is_new = db.execute(sql, [webhook_id])? == 1;
    if !is_new || payment.revision <= order.revision {
        return Ok(Heard::Noted);
    }
    let is_review = event.kind == "payment.review";
    let is_under_way = UNDER_WAY.contains(&payment.status.as_str());
    db.execute(
        "UPDATE orders SET payment_id = ?, status = ?, revision = ?, is_open = is_open AND ?,
         needs_person = needs_person OR ? WHERE id = ?",
        (&payment.id, &payment.status, payment.revision, is_under_way, is_review, &order.id),
    )?;
    if is_review {
        return Ok(Heard::Review);
    }
    if payment.status != "succeeded" {
        return Ok(Heard::Noted);
    }
    let fulfilled = db.execute("INSERT INTO parcels VALUES (?) ON CONFLICT DO NOTHING", [&order.id])?;
    Ok(if fulfilled == 1 { Heard::Fulfil } else { Heard::Noted })
}

impl Order {
    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            sku: row.get("sku")?,
            value: row.get("value")?,
            currency: row.get("currency")?,
            payment_id: row.get("payment_id")?,
            status: row.get("status")?,
            revision: row.get("revision")?,
            needs_person: row.get("needs_person")?,
        })
    }

    /// A signature proves who speaks, not that it is about this shop's order at this shop's price.
    fn is_paid_by(&self, payment: &Payment, account: &str) -> bool {
        payment.account == account
            && payment.amount.value == self.value
            && payment.amount.currency == self.currency
            && self.payment_id.as_ref().is_none_or(|id| *id == payment.id)
    }
}
