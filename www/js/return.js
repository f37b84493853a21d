// Where the gateway's page sends the payer back to. The address only says which order is meant;
// how it went is asked of the signer, and believed when a webhook told the shop.

import { ShopProblem, readOrder, readShop, renewClientSecret } from "./api.js";
import { byId } from "./dom.js";
import { onLocale, startLocale } from "./locale.js";
import { drawOrders, drawSummary, sayMethod } from "./orders.js";
import { openPayment, unfinishedPayment } from "./payment.js";
import { showProblem } from "./problem.js";

let shop = null;
let order = null;

startLocale();
open().catch(showProblem);

async function open() {
  const orderId = new URLSearchParams(location.search).get("order");
  if (!orderId) throw new ShopProblem("no_order", "");
  [shop, order] = await Promise.all([readShop(), readOrder(orderId)]);
  onLocale(drawOrder);
  await resume();
}

// The tab that began the payment still has its client secret; any other tab asks the backend for a new one,
// and so does this one when its secret was replaced meanwhile.
async function resume() {
  const kept = await unfinishedPayment();
  if (kept?.paymentId !== order.payment_id) return resumeAnew();
  const onEnd = (status) => status === "unauthorized" && resumeAnew().catch(showProblem);
  try {
    await openPayment({ order_id: order.order_id }, { resume: true, onOrder: noteOrder, onEnd });
  } catch {
    await resumeAnew();
  }
}

async function resumeAnew() {
  const opening = await renewClientSecret(order.order_id);
  await openPayment(opening, { resume: true, onOrder: noteOrder });
}

function noteOrder(news) {
  order = news;
  drawOrder();
}

function drawOrder() {
  const { product, amount, method } = order;
  drawSummary({ product, amount, methodName: sayMethod(method, shop.methods) });
  drawOrders([order], shop.methods);
}
