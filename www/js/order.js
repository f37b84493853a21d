// One order: what was bought, what the shop was told of it and when, and what can still be done. It follows the shop's
// record while it is open, so it changes when a webhook comes.

import { ShopProblem, readOrder, readShop } from "./api.js";
import { byId, element } from "./dom.js";
import { followOrders, newest } from "./follow.js";
import { HappeningsPanel } from "./happenings.js";
import { onLocale, pick, say, sayTime, startLocale } from "./locale.js";
import { drawManage, manageState, watchRefunds } from "./manage.js";
import { sayAmount } from "./money.js";
import { drawSummary, drawWebhook, sayMethod } from "./orders.js";
import { isOpen } from "./payment.js";
import { showProblem } from "./problem.js";
import { redraw } from "./redraw.js";
import { sayStatus } from "./status.js";

let shop = null;
let order = null;
let isLive = true;
let drawn = "";
const happened = new HappeningsPanel(byId("happened"));

startLocale();
open().catch(showProblem);

async function open() {
  const orderId = new URLSearchParams(location.search).get("order");
  if (!orderId) throw new ShopProblem("no_order", "");
  [shop, order] = await Promise.all([readShop(), readOrder(orderId)]);
  byId("order").hidden = false;
  happened.show(order);
  onLocale(draw);
  followOrders({ orderId, onOrders: ([news]) => noteOrder(news), onLive });
}

function noteOrder(news = order) {
  order = newest(order, news);
  watchRefunds([order], noteOrder);
  happened.hear([order]);
  draw();
}

function onLive(live) {
  isLive = live;
  drawLive();
}

function draw() {
  drawLive();
  const state = JSON.stringify([document.documentElement.lang, order, manageState(order)]);
  if (state === drawn) return;
  drawn = state;
  const { product, amount, method } = order;
  document.title = `${say("order")} ${order.order_id} · ${say("shop_name")}`;
  byId("number").textContent = order.order_id;
  drawSummary({ product, amount, methodName: sayMethod(method, shop.methods) });
  drawStanding();
  redraw(byId("told"), [drawPlaced(), ...order.webhooks.map((heard) => drawTold(heard))]);
  byId("untold").hidden = order.webhooks.length > 0;
  const { gateway } = shop.methods.find(({ type }) => type === method);
  redraw(byId("manage"), [drawManage(order, shop.gateways.find(({ id }) => id === gateway), noteOrder)]);
  byId("continue").hidden = !(isOpen(order.status) && order.payment_id);
  byId("continue").href = `/return.html?order=${order.order_id}`;
}

/** Where the order stands, in a word and a sentence; the place is a live region. */
function drawStanding() {
  const place = byId("standing");
  const key = order.status ?? "none";
  place.dataset.status = key;
  place.dataset.paid = String(order.paid);
  const back = order.amount_refunded && say("given_back", { amount: sayAmount(order.amount_refunded) });
  const text = [sayStatus(order.status), back].filter(Boolean).join(" · ");
  if (place.textContent !== text) place.textContent = text;
}

function drawLive() {
  const place = byId("live");
  place.dataset.live = String(isLive);
  const text = say(isLive ? "live" : "not_live");
  if (place.textContent !== text) place.textContent = text;
}

function drawPlaced() {
  return element(
    "li",
    { "data-status": "none" },
    element("strong", {}, say("placed")),
    element("span", { class: "aside" }, say("placed_note")),
    element("time", { class: "aside", datetime: order.created_at }, sayTime(order.created_at)),
  );
}

/** A webhook in the row of all: the status that it told, and below it the webhook itself. */
function drawTold(heard) {
  const row = drawWebhook(heard);
  row.dataset.status = heard.status;
  const isPart = heard.type === "payment.refunded" && heard.status === "succeeded";
  row.prepend(element("strong", {}, isPart ? say("part_refunded") : sayStatus(heard.status)));
  if (heard.applied && heard.status === "failed" && order.failure) {
    row.append(element("p", { class: "aside" }, pick(order.failure)));
  }
  return row;
}
