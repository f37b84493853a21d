// Calls to the shop's own backend.

const TIMEOUT_MS = 45_000;

/** What the shop's backend said no with: a code that the page has a sentence for, and the backend's own words. */
export class ShopProblem extends Error {
  constructor(code, detail) {
    super(detail || code);
    this.code = code;
    this.detail = detail;
  }
}

export const readShop = () => call("GET", "/api/shop");
export const placeOrder = (order) => call("POST", "/api/orders", order);
export const listOrders = () => call("GET", "/api/orders");
export const readOrder = (orderId) => call("GET", `/api/orders/${encodeURIComponent(orderId)}`);
export const renewClientSecret = (orderId) =>
  call("POST", `/api/orders/${encodeURIComponent(orderId)}/client_secret`, {});
/** Opens an order in this browser that was placed in another one. */
export const visitOrder = (orderId, key) => call("POST", `/api/orders/${encodeURIComponent(orderId)}/visit`, { key });
export const cancelOrder = (orderId) => call("POST", `/api/orders/${encodeURIComponent(orderId)}/cancel`, {});
/** `value` in minor units of the order's currency. */
export const refundOrder = (orderId, value) =>
  call("POST", `/api/orders/${encodeURIComponent(orderId)}/refunds`, { value });
/** What happened to an order, line by line. */
export const readHappenings = (orderId) => call("GET", `/api/orders/${encodeURIComponent(orderId)}/happenings`);
export const checkRefunds = (orderId) => call("GET", `/api/orders/${encodeURIComponent(orderId)}/refunds`);

async function call(method, path, body) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(path, {
      method,
      headers: body ? { "content-type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
      signal: patience.signal,
    });
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    throw new ShopProblem(answer.code ?? "other", answer.detail ?? `HTTP ${response.status}`);
  } catch (error) {
    throw error instanceof ShopProblem ? error : new ShopProblem("unreachable", "");
  } finally {
    clearTimeout(timer);
  }
}
