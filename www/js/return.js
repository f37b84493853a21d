// Where the gateway's page sends the payer back to. The address only says which order is meant;
// how it went is asked of the signer, and believed when a webhook told the shop.

import { ShopProblem, readOrder, readShop, renewClientSecret, visitOrder } from "./api.js";
import { byId } from "./dom.js";
import { followOrders, newest } from "./follow.js";
import { HappeningsPanel } from "./happenings.js";
import { onLocale, startLocale } from "./locale.js";
import { watchRefunds } from "./manage.js";
import { drawOrders, drawSummary, sayMethod } from "./orders.js";
import { heardOrder, openPayment, unfinishedPayment } from "./payment.js";
import { showProblem } from "./problem.js";

let shop = null;
let order = null;
const happened = new HappeningsPanel(byId("happened"));

startLocale();
open().catch(showProblem);

async function open() {
  // Gateways put words of their own behind the address, some with a second question mark.
  const [orderId] = /^[0-9A-Za-z]+/.exec(new URLSearchParams(location.search).get("order") ?? "") ?? [];
  if (!orderId) throw new ShopProblem("no_order", "");
  shop = await readShop();
  order = await enter(orderId);
  byId("order-link").href = `/order.html?order=${orderId}`;
  byId("order-link").hidden = false;
  happened.show(order);
  onLocale(drawOrder);
  followOrders({ orderId, onOrders: ([news]) => noteOrder(news) });
  await resume();
}

// A visitor who came over from another browser brings the order's key; used, it goes from the address.
// Other words behind # are not ours: Hicoin's stay there through all redirects.
async function enter(orderId) {
  const [, key] = /^#key=(\w+)$/.exec(location.hash) ?? [];
  if (!key) return readOrder(orderId);
  const order = await visitOrder(orderId, key);
  history.replaceState(null, "", location.pathname + location.search);
  return order;
}

// The tab that began the payment still has its client secret; any other tab asks the backend for a new one,
// and so does this one when its secret was replaced while it was away. One that is replaced later went to another
// browser, where the visitor goes on.
async function resume() {
  const kept = await unfinishedPayment();
  if (kept?.paymentId !== order.payment_id) return resumeAnew();
  const onEnd = (status, wasOpen) => {
    if (status === "unauthorized" && !wasOpen) resumeAnew().catch(showProblem);
  };
  try {
    await openPayment({ order_id: order.order_id, key: order.key }, { ...resuming(), onEnd });
  } catch {
    await resumeAnew();
  }
}

async function resumeAnew() {
  const opening = await renewClientSecret(order.order_id);
  await openPayment(opening, resuming());
}

const resuming = () => ({ resume: true, jweixinUrl: shop.jweixin_url, order });

function noteOrder(news = order) {
  order = newest(order, news);
  watchRefunds([order], noteOrder);
  heardOrder(order);
  happened.hear([order]);
  drawOrder();
}

function drawOrder() {
  const { product, amount, method } = order;
  drawSummary({ product, amount, methodName: sayMethod(method, shop.methods) });
  drawOrders([order], shop, noteOrder);
}
