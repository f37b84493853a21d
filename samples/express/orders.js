/** The shop's own books. An order is written down before anybody is asked for money. */
import { randomBytes } from "node:crypto";
import Database from "libsql"; // the same calls as better-sqlite3, and installs without a compiler
import { settings } from "./settings.js";

const db = new Database(settings.database);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec(`
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
`);

/** The prices are here and nowhere else, in minor units. */
const CATALOGUE = new Map([
  ["tea", { name: "Oolong tea", value: 1000, currency: "HKD" }],
  ["cup", { name: "Tea cup", value: 2500, currency: "HKD" }],
]);

// What a person has to look at may be paid, so it is not ordered once more meanwhile.
const UNDER_WAY = new Set(["created", "requires_action", "processing", "review"]);

export const item = (sku) => CATALOGUE.get(sku);

/** The visitor's open order for this item, or a new one. */
export function openOrder(session, sku) {
  const { value, currency } = item(sku);
  const id = `A${randomBytes(8).toString("hex").toUpperCase()}`;
  db.prepare("INSERT INTO orders (id, session, sku, value, currency) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
    .run(id, session, sku, value, currency);
  return db.prepare("SELECT * FROM orders WHERE session = ? AND sku = ? AND is_open").get(session, sku);
}

/** A visitor's own order; anybody else's is as good as none. */
export const ownOrder = (session, id) =>
  db.prepare("SELECT * FROM orders WHERE id = ? AND session = ?").get(id, session);

export function notePayment(orderId, paymentId) {
  db.prepare("UPDATE orders SET payment_id = ? WHERE id = ? AND payment_id IS NULL").run(paymentId, orderId);
}

export const parcels = (orderId) =>
  db.prepare("SELECT count(*) AS count FROM parcels WHERE order_id = ?").get(orderId).count;

/**
 * Writes a verified webhook down, all of it or nothing, and says what came of it.
 * It may come again, and it may come late: the same id, and an older revision, change nothing.
 */
export const hear = db.transaction((webhookId, { type, data }) => {
  const order = db.prepare("SELECT * FROM orders WHERE id = ?").get(data.order_id);
  // A signature proves who speaks, not that it is about this shop's order at this shop's price.
  if (!order || data.account !== settings.account || (order.payment_id ?? data.id) !== data.id
    || data.amount.value !== order.value || data.amount.currency !== order.currency) return "mismatch";
  const isNew = db.prepare("INSERT INTO heard_webhooks VALUES (?) ON CONFLICT DO NOTHING").run(webhookId).changes === 1;
  if (!isNew || data.revision <= order.revision) return "known";
  db.prepare(`UPDATE orders SET payment_id = ?, status = ?, revision = ?, is_open = is_open AND ?,
              needs_person = needs_person OR ? WHERE id = ?`)
    .run(data.id, data.status, data.revision, Number(UNDER_WAY.has(data.status)), Number(type === "payment.review"), order.id);
  if (type === "payment.review") return "review";
  if (data.status !== "succeeded") return "noted";
  const fulfilled = db.prepare("INSERT INTO parcels VALUES (?) ON CONFLICT DO NOTHING").run(order.id);
  return fulfilled.changes === 1 ? "fulfil" : "noted";
}).immediate;
