// What this page asked of the signer, as the browser itself measured it: address, time and status. The browser tells
// no header and no body here, so no client secret can get into this.
//
// A payer leaves for the gateway's page and comes back to another document, so the lines are kept as long as the tab.

const KEY = "shop.observed";
const PAYMENTS_MAX = 8;
const LINES_MAX = 40;
const CHECKOUT = /\/v1\/checkout\/(\w+)(\/confirm|\/returned)?$/;

const listeners = new Set();
let kept = remembered();
let observer = null;

/** Begins to observe; `onLine` hears of every further line. */
export function observeSigner(onLine) {
  listeners.add(onLine);
  if (observer || !globalThis.PerformanceObserver) return;
  observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: "resource", buffered: true });
  // What was asked right before the browser leaves is not handed over any more.
  addEventListener("pagehide", () => note(observer.takeRecords()));
}

/** The lines about a payment, shaped as the backend's are. */
export function observedOf(paymentId) {
  return kept[paymentId] ?? [];
}

function note(entries) {
  let isNews = false;
  for (const entry of entries) isNews = take(entry) || isNews;
  if (!isNews) return;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Without storage the lines last as long as the page.
  }
  for (const listener of listeners) listener();
}

function take({ name, startTime, responseStatus }) {
  const [, paymentId, act = ""] = CHECKOUT.exec(new URL(name).pathname) ?? [];
  if (!paymentId) return false;
  const status = responseStatus || null;
  const line = {
    at: new Date(performance.timeOrigin + startTime).toISOString(),
    from: "page",
    to: "signer",
    kind: "call",
    what: `${act ? "POST" : "GET"} /v1/checkout/{id}${act}`,
    http_status: status,
    outcome: status && status < 400 ? "accepted" : "refused",
  };
  kept[paymentId] = [...observedOf(paymentId), line].slice(-LINES_MAX);
  const payments = Object.keys(kept);
  for (const oldest of payments.slice(0, -PAYMENTS_MAX)) delete kept[oldest];
  return true;
}

function remembered() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    return Object.fromEntries(Object.entries(kept ?? {}).filter(([, lines]) => Array.isArray(lines)));
  } catch {
    return {};
  }
}
