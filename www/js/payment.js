// One payment on the page: the browser module does the paying, the shop's backend says what it came to.

import { ShopProblem } from "./api.js";
import { byId } from "./dom.js";
import { canSay, locale, onLocale, pick, say } from "./locale.js";

const FINAL = new Set(["succeeded", "failed", "expired", "canceled", "refunded", "review"]);
const TONES = {
  outcome_paid: "good",
  outcome_paid_untold: "good",
  outcome_paid_silent: "wait",
  outcome_failed: "bad",
};
const PATIENCE_MS = 60_000;

const loading = import("/checkout/index.js");
// Whoever opens a payment reports this; until then it is no error of the page.
loading.catch(() => {});

let shown = null;
onLocale(() => shown?.speak());

/** The payment that this tab has begun and not finished, {signer, paymentId}, or null. */
export async function unfinishedPayment() {
  try {
    const checkout = await loading;
    await checkout.load();
    return checkout.resumable();
  } catch {
    // Without the module nothing can be taken up; opening a payment will say why.
    return null;
  }
}

/** What the module says of each of these ways of paying where this page is open, by name; nothing, when it is not there. */
export async function pickedHere(types) {
  try {
    const checkout = await loading;
    return new Map((await checkout.pickMethods(types)).map((picked) => [picked.type, picked]));
  } catch {
    return new Map();
  }
}

/** Whether an order with this status can still change by what its payer does. */
export const isOpen = (status) => !FINAL.has(status);

/**
 * Mounts the browser module for a payment and follows the order beside it; one payment is shown at a time.
 * `opening` is {order_id, key, payment_id, signer, client_secret}, or the first two alone for the payment that this tab
 * was sent away for; `order` is what the page knows of it from the shop's record, and `heardOrder` tells of changes there.
 * `onEnd` hears how the module's work ended and whether it had seen the payment before.
 */
export async function openPayment(opening, { resume = false, autoConfirm = false, jweixinUrl, order, onEnd }) {
  const checkout = await loading.catch((error) => {
    throw new ShopProblem("module", error.message);
  });
  shown?.close();
  const payment = (shown = new Shown(opening.order_id, { order }));
  byId("checkout").dataset.orderId = opening.order_id;
  const { signer, payment_id: paymentId, client_secret: clientSecret } = opening;
  let wasOpen = false;
  try {
    const mounted = await checkout.mount(byId("checkout"), {
      ...(clientSecret ? { signer, paymentId, clientSecret } : {}),
      locale: locale(),
      resume,
      autoConfirm,
      jweixinUrl: jweixinUrl ?? undefined,
      // The way into another browser, such as the one inside WeChat. What stands behind # reaches no server.
      pageUrl: `${location.origin}/return.html?order=${opening.order_id}#key=${opening.key}`,
      onChange: (view) => {
        wasOpen = true;
        payment.stands(view.status);
      },
      onOutcome: ({ status }) => {
        if (status === "redirecting") return;
        payment.saw(status);
        if (status === "unauthorized" && wasOpen) payment.letGo();
        onEnd?.(status, wasOpen);
      },
    });
    payment.follow(mounted);
  } catch (error) {
    payment.close();
    throw new ShopProblem("module", error.message);
  }
  return payment;
}

/** Waits for an order at the till, which the shop has submitted itself: there is nothing to do for this page but wait. */
export function awaitTill(orderId, order) {
  shown?.close();
  const payment = (shown = new Shown(orderId, { order, waiting: "outcome_till" }));
  payment.speak();
  return payment;
}

/** The page has heard of an order in the shop's record, or has read it there. */
export function heardOrder(order) {
  shown?.hear(order);
}

/** What the payer sees of one payment: the module's outcome and, beside it, what the shop was told. */
class Shown {
  #orderId;
  #waiting;
  #mounted = null;
  #order = null;
  #stands = null;
  #seen = null;
  #seenAt = 0;
  #timer = 0;

  constructor(orderId, { order = null, waiting = null }) {
    this.#orderId = orderId;
    this.#order = order;
    this.#waiting = waiting;
  }

  follow(mounted) {
    this.#mounted = mounted;
    // The visitor may have chosen another language while the modules were loading.
    mounted.setLocale(locale());
    if (this.#orderId) this.#write();
    else mounted.unmount();
  }

  /** Another browser has taken the payment over; the shop's record goes on to tell. */
  letGo() {
    this.#mounted?.unmount();
    this.#mounted = null;
  }

  close() {
    clearTimeout(this.#timer);
    this.#mounted?.unmount();
    this.#orderId = null;
    if (shown === this) shown = null;
    delete byId("checkout").dataset.orderId;
    const outcome = byId("outcome");
    outcome.textContent = "";
    delete outcome.dataset.seen;
    delete outcome.dataset.told;
  }

  /** The module learnt where the payment stands; a webhook about it is on its way. */
  stands(status) {
    this.#stands = status;
  }

  /** The module's work came to this end. */
  saw(status) {
    this.#seen = status;
    this.#seenAt = Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#write(), PATIENCE_MS);
    this.#write();
  }

  hear(order) {
    if (order.order_id !== this.#orderId) return;
    this.#order = order;
    this.#write();
  }

  speak() {
    this.#mounted?.setLocale(locale());
    this.#write();
  }

  #write() {
    if (!this.#orderId) return;
    const outcome = byId("outcome");
    const told = this.#order?.status ?? null;
    if (this.#seen) outcome.dataset.seen = this.#seen;
    if (told) outcome.dataset.told = told;
    const sentence = this.#sentence(told);
    outcome.dataset.tone = TONES[sentence] ?? "wait";
    // The module says itself why a payment failed; at the till there is none.
    const reason = this.#waiting && this.#order?.failure ? pick(this.#order.failure) : "";
    const text = [sentence ? say(sentence) : "", reason].filter(Boolean).join(" ");
    // An unchanged live region is left alone, or it would be read out again.
    if (outcome.textContent !== text) outcome.textContent = text;
  }

  #sentence(told) {
    if (this.#seen === "succeeded" && (isOpen(told) || told === "failed" || told === "expired")) {
      return Date.now() - this.#seenAt < PATIENCE_MS ? "outcome_paid_untold" : "outcome_paid_silent";
    }
    if (!isOpen(told)) return told === "succeeded" ? "outcome_paid" : `outcome_${told}`;
    if (!this.#seen) return this.#waiting;
    // The payer did not do what was asked, and still may: the module says what.
    if (this.#seen === "failed" && this.#stands !== "failed") return null;
    return canSay(`outcome_${this.#seen}`) ? `outcome_${this.#seen}` : null;
  }
}
