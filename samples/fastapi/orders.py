"""The shop's own books. An order is written down before anybody is asked for money."""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import settings

SCHEMA = """
PRAGMA journal_mode = WAL;
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
"""


@dataclass(frozen=True)
class Item:
    name: str
    value: int
    currency: str


CATALOGUE = {"tea": Item("Oolong tea", 1000, "HKD"), "cup": Item("Tea cup", 2500, "HKD")}
"""The prices are here and nowhere else, in minor units."""

# What a person has to look at may be paid, so it is not ordered once more meanwhile.
UNDER_WAY = {"created", "requires_action", "processing", "review"}


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    """A connection in a transaction that is committed at the end, or taken back when something is raised."""
    db = sqlite3.connect(settings.DATABASE, isolation_level=None)
    db.row_factory = sqlite3.Row
    try:
        db.execute("PRAGMA synchronous = FULL")
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")
    finally:
        db.close()  # takes back what was not committed


def create_tables() -> None:
    db = sqlite3.connect(settings.DATABASE)
    db.executescript(SCHEMA)
    db.close()


def open_order(session: str, sku: str) -> sqlite3.Row:
    """The visitor's open order for this item, or a new one."""
    item = CATALOGUE[sku]
    order_id = "A" + secrets.token_hex(8).upper()
    with transaction() as db:
        db.execute(
            "INSERT INTO orders (id, session, sku, value, currency) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (order_id, session, sku, item.value, item.currency),
        )
        return db.execute(
            "SELECT * FROM orders WHERE session = ? AND sku = ? AND is_open", (session, sku)
        ).fetchone()


def own_order(session: str, order_id: str) -> sqlite3.Row | None:
    """A visitor's own order; anybody else's is as good as none."""
    with transaction() as db:
        return db.execute("SELECT * FROM orders WHERE id = ? AND session = ?", (order_id, session)).fetchone()


def note_payment(order_id: str, payment_id: str) -> None:
    with transaction() as db:
        db.execute("UPDATE orders SET payment_id = ? WHERE id = ? AND payment_id IS NULL", (payment_id, order_id))


def parcels(order_id: str) -> int:
    with transaction() as db:
        return db.execute("SELECT count(*) FROM parcels WHERE order_id = ?", (order_id,)).fetchone()[0]


def hear(webhook_id: str, event: dict) -> str:
    """Writes a verified webhook down, all of it or nothing, and says what came of it.

    It may come again, and it may come late: the same id, and an older revision, change nothing.
    """
    payment = event["data"]
    with transaction() as db:
        order = db.execute("SELECT * FROM orders WHERE id = ?", (payment["order_id"],)).fetchone()
        if order is None or not is_about(payment, order):
            return "mismatch"
        is_new = db.execute("INSERT INTO heard_webhooks VALUES (?) ON CONFLICT DO NOTHING", (webhook_id,)).rowcount == 1
        if not is_new or payment["revision"] <= order["revision"]:
            return "known"
        status, is_review = payment["status"], event["type"] == "payment.review"
        db.execute(
            """UPDATE orders SET payment_id = ?, status = ?, revision = ?, is_open = is_open AND ?,
               needs_person = needs_person OR ? WHERE id = ?""",
            (payment["id"], status, payment["revision"], status in UNDER_WAY, is_review, order["id"]),
        )
        if is_review:
            return "review"
        if status != "succeeded":
            return "noted"
        fulfilled = db.execute("INSERT INTO parcels VALUES (?) ON CONFLICT DO NOTHING", (order["id"],))
        return "fulfil" if fulfilled.rowcount == 1 else "noted"


def is_about(payment: dict, order: sqlite3.Row) -> bool:
    """A signature proves who speaks, not that it is about this shop's order at this shop's price."""
    return (
        payment["account"] == settings.ACCOUNT
        and payment["amount"] == {"value": order["value"], "currency": order["currency"]}
        and order["payment_id"] in (None, payment["id"])
    )
