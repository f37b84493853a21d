/** A merchant's backend with Express: decides the price, creates the payment, believes only signed webhooks. */
import { randomBytes } from "node:crypto";
import express from "express";
import { Webhook } from "standardwebhooks";
import { hear, item, notePayment, openOrder, ownOrder, parcels } from "./orders.js";
import { settings } from "./settings.js";
import { SignerError, createPayment, renewSecret } from "./signer.js";

const verifier = new Webhook(settings.webhookSecret);
const app = express();
app.disable("x-powered-by");

/** A refusal with a stable code, a sentence, and the field that it is about. */
function refuse(res, status, code, detail, more = {}) {
  res.status(status).type("application/problem+json").json({ status, code, detail, ...more });
}

/** Recognises the visitor by a cookie that no script can read. A real shop has its own login here. */
function visitor(req, res, next) {
  req.session = /(?:^|; )shop_session=([0-9a-f]{32})(?:;|$)/.exec(req.headers.cookie ?? "")?.[1];
  if (!req.session) {
    req.session = randomBytes(16).toString("hex");
    // Lax, because the payer comes back from the gateway's site and must be recognised then.
    res.cookie("shop_session", req.session, { httpOnly: true, sameSite: "lax", secure: settings.publicUrl.startsWith("https:") });
  }
  res.set("cache-control", "no-store");
  next();
}

/** Answers with all that the browser needs to pay this order: one payment, and the secret for it. */
async function sendPayment(res, order, asking) {
  try {
    const { id, client_secret } = await asking;
    notePayment(order.id, id);
    res.json({ orderId: order.id, signer: settings.signerPublicUrl, paymentId: id, clientSecret: client_secret });
  } catch (error) {
    if (!(error instanceof SignerError)) throw error;
    console.error(`order ${order.id} has no payment yet: ${error.message}`);
    const more = { order_id: order.id };
    if (error.isDefinite) refuse(res, 502, "payment_refused", "This order cannot be paid this way. Nothing was charged.", more);
    else refuse(res, 503, "payment_unavailable", "The payment cannot be opened right now. Your order is kept: please try again.", more);
  }
}

function findOrder(req, res, next) {
  req.order = ownOrder(req.session, req.params.id);
  if (req.order) next();
  else refuse(res, 404, "unknown_order", "This browser has no such order.");
}

// All that the browser says is what it wants. A price in the body is not even looked at.
app.post("/cart/pay", visitor, express.json({ limit: "4kb" }), async (req, res) => {
  const sku = req.body?.sku;
  if (!item(sku)) {
    const errors = [{ field: "sku", code: "unknown_sku", detail: "the shop does not sell this" }];
    return refuse(res, 422, "invalid_request", "These fields do not fit: sku", { errors });
  }
  const order = openOrder(req.session, sku);
  await sendPayment(res, order, createPayment(order));
});

// For a payer who comes back in another tab, where the secret is not known.
app.post("/orders/:id/secret", visitor, findOrder, async (req, res) => {
  const { order } = req;
  await sendPayment(res, order, order.payment_id ? renewSecret(order.payment_id) : createPayment(order));
});

app.get("/orders/:id", visitor, findOrder, (req, res) => {
  const { id, sku, value, currency, status, needs_person } = req.order;
  const packed = parcels(id);
  res.json({ order_id: id, sku, amount: { value, currency }, status, parcels: packed, needs_person: Boolean(needs_person) });
});

// The bytes as they came: parsing them and writing them again breaks the signature.
app.post("/hooks/payments", express.raw({ type: () => true, limit: "256kb" }), (req, res) => {
  let event;
  try {
    event = verifier.verify(req.body, req.headers);
  } catch (error) {
    return refuse(res, 401, "bad_signature", error.message);
  }
  const outcome = hear(req.headers["webhook-id"], event);
  const { order_id, id } = event.data;
  if (outcome === "mismatch") return refuse(res, 422, "not_our_order", "No order here has this number, account, amount and payment.");
  if (outcome === "fulfil") console.log(`fulfil ${order_id}: it is paid, pack it`);
  if (outcome === "review") console.error(`review ${order_id}: a person must look at ${id}`);
  res.sendStatus(204); // Only now: everything is written down.
});

app.use((req, res, next) => {
  res.set({
    "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; "
      + `connect-src 'self' ${new URL(settings.signerPublicUrl).origin}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    "referrer-policy": "strict-origin-when-cross-origin", // WeChat refuses an H5 payment that comes without one.
    "x-content-type-options": "nosniff",
  });
  next();
});
app.use("/checkout", express.static(settings.checkoutDir));
app.use(express.static(new URL("../page", import.meta.url).pathname));

// What Express refuses itself (a body that is no JSON, or too long) and what is our own fault, without its insides.
app.use((error, req, res, next) => {
  const status = error.status ?? 500;
  if (status >= 500) console.error(error);
  refuse(res, status, status < 500 ? "bad_request" : "internal", status < 500 ? "The request cannot be read." : "Something went wrong here.");
});

const server = app.listen(settings.port, "127.0.0.1", (error) => {
  if (error) throw error;
  console.log(`the shop is ready on http://127.0.0.1:${server.address().port}`);
});
