/** Calls to the signer: the only place that uses the API key. */
import { item } from "./orders.js";
import { settings } from "./settings.js";

/** Why there is no payment: `isDefinite` when asking again would get the same answer. */
export class SignerError extends Error {
  constructor(message, isDefinite) {
    super(message);
    this.isDefinite = isDefinite;
  }
}

/**
 * Creates the payment for an order. The signer answers the same order number with the same payment, so this may be
 * called again after a time-out, a crash or a second press, and there is still one payment.
 */
export const createPayment = (order) => post("/v1/payments", {
  account: settings.account,
  order_id: order.id,
  amount: { value: order.value, currency: order.currency },
  subject: item(order.sku).name,
  method: { type: settings.method },
  return_url: `${settings.publicUrl}/?order=${order.id}`,
});

/** A new client secret; the one before it stops working. */
export const renewSecret = (paymentId) => post(`/v1/payments/${paymentId}/client_secret`, {});

async function post(path, body) {
  let answer, text;
  try {
    answer = await fetch(settings.signerUrl + path, {
      method: "POST",
      headers: { authorization: `Bearer ${settings.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(20_000),
    });
    text = await answer.text();
  } catch (error) {
    throw new SignerError(`the signer cannot be reached: ${error.cause?.code ?? error.message}`, false);
  }
  // A problem names its code, its fields and the request, for whoever mends it; there is no secret in one.
  if (!answer.ok) throw new SignerError(`the signer answered ${answer.status}: ${text}`, answer.status < 500);
  return JSON.parse(text);
}
