// The shop's record: each order, and every webhook that was heard of it.

import { byId, element } from "./dom.js";
import { canSay, pick, say, sayTime } from "./locale.js";
import { sayAmount } from "./money.js";
import { isOpen } from "./payment.js";

let drawn = "";

/** Draws orders into #orders; what has not changed is not touched, so an opened list stays open. */
export function drawOrders(orders, methods) {
  const state = JSON.stringify([document.documentElement.lang, orders]);
  if (state === drawn) return;
  drawn = state;
  const list = byId("orders");
  const opened = new Set([...list.querySelectorAll("details[open]")].map((details) => details.dataset.order));
  list.replaceChildren(...orders.map((order) => drawOrder(order, methods, opened.has(order.order_id))));
}

/** What is being bought, by which way of paying, for how much. */
export function drawSummary({ product, amount, methodName }) {
  byId("summary").replaceChildren(
    element("img", { src: `/img/${product.id}.svg`, alt: "", width: 72, height: 72 }),
    element(
      "div",
      { class: "what" },
      element("strong", {}, pick(product.name)),
      element("span", { class: "aside" }, say("portion")),
    ),
    element("div", { class: "total" }, element("span", {}, say("total")), element("output", {}, sayAmount(amount))),
    element("p", { class: "aside" }, say("by", { method: methodName })),
  );
}

/** The name of a way of paying in the language in use. */
export function sayMethod(type, methods) {
  const method = methods.find((method) => method.type === type);
  return method ? pick(method.name) : type;
}

function drawOrder(order, methods, opened) {
  const going = isOpen(order.status) && order.payment_id;
  return element(
    "li",
    { class: "order", "data-order-id": order.order_id, "data-status": order.status ?? "", "data-paid": String(order.paid) },
    element("img", { src: `/img/${order.product.id}.svg`, alt: "", width: 44, height: 44 }),
    element(
      "div",
      { class: "what" },
      element("strong", {}, pick(order.product.name)),
      element("span", { class: "aside" }, `${sayMethod(order.method, methods)} · ${sayTime(order.created_at)}`),
      element("span", { class: "number" }, order.order_id),
    ),
    element(
      "div",
      { class: "how-much" },
      element("span", { class: "amount" }, sayAmount(order.amount)),
      element("span", { class: "chip", "data-status": order.status ?? "none" }, sayStatus(order.status)),
    ),
    drawWebhooks(order, opened),
    going
      ? element("a", { class: "continue", href: `/return.html?order=${order.order_id}` }, say("continue_order"))
      : null,
  );
}

function drawWebhooks(order, opened) {
  const count = order.webhooks.length;
  if (count === 0) return element("p", { class: "told aside" }, say("webhooks_none"));
  const title = count === 1 ? say("webhooks_one") : say("webhooks_many", { count });
  return element(
    "details",
    { class: "told", "data-order": order.order_id, open: opened },
    element("summary", {}, title),
    element("ol", {}, ...order.webhooks.map(drawWebhook)),
  );
}

function drawWebhook(heard) {
  const notes = [say("webhook_line", { revision: heard.revision })];
  if (heard.deliveries > 1) notes.push(say("webhook_again", { count: heard.deliveries }));
  if (!heard.applied) notes.push(say("webhook_late"));
  return element(
    "li",
    { "data-webhook-id": heard.webhook_id, "data-applied": String(heard.applied) },
    element("code", {}, heard.type),
    element("span", { class: "aside" }, notes.join(" · ")),
    element("time", { class: "aside", datetime: heard.received_at }, sayTime(heard.received_at)),
  );
}

function sayStatus(status) {
  const key = `status_${status ?? "none"}`;
  return canSay(key) ? say(key) : status;
}
