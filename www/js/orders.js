// The shop's record: each order, and every webhook that was heard of it.

import { byId, element } from "./dom.js";
import { pick, say, sayTime } from "./locale.js";
import { drawManage, manageState } from "./manage.js";
import { sayAmount } from "./money.js";
import { isOpen } from "./payment.js";
import { redraw } from "./redraw.js";
import { sayStatus } from "./status.js";

let drawn = "";

/**
 * Draws orders into #orders; what has not changed is not touched, and what the visitor opened, typed or is at stays.
 * `onOrder` hears of an order that the visitor changed.
 */
export function drawOrders(orders, shop, onOrder) {
  const state = JSON.stringify([document.documentElement.lang, orders.map((order) => [order, manageState(order)])]);
  if (state === drawn) return;
  drawn = state;
  redraw(byId("orders"), orders.map((order) => drawOrder(order, shop, onOrder)));
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

function drawOrder(order, shop, onOrder) {
  const { gateway } = shop.methods.find(({ type }) => type === order.method);
  const going = isOpen(order.status) && order.payment_id;
  return element(
    "li",
    { class: "order", "data-order-id": order.order_id, "data-status": order.status ?? "", "data-paid": String(order.paid) },
    element("img", { src: `/img/${order.product.id}.svg`, alt: "", width: 44, height: 44 }),
    element(
      "div",
      { class: "what" },
      element("strong", {}, pick(order.product.name)),
      element("span", { class: "aside" }, `${sayMethod(order.method, shop.methods)} · ${sayTime(order.created_at)}`),
      element(
        "a",
        { class: "number", href: `/order.html?order=${order.order_id}`, "data-keep": `number-${order.order_id}` },
        order.order_id,
      ),
    ),
    element(
      "div",
      { class: "how-much" },
      element("span", { class: "amount" }, sayAmount(order.amount)),
      element("span", { class: "chip", "data-status": order.status ?? "none" }, sayStatus(order.status)),
      order.amount_refunded &&
        element("span", { class: "aside back" }, say("given_back", { amount: sayAmount(order.amount_refunded) })),
    ),
    drawWebhooks(order),
    going
      ? element("a", { class: "continue", href: `/return.html?order=${order.order_id}` }, say("continue_order"))
      : null,
    drawManage(order, shop.gateways.find(({ id }) => id === gateway), onOrder),
  );
}

function drawWebhooks(order) {
  const count = order.webhooks.length;
  if (count === 0) return element("p", { class: "told aside" }, say("webhooks_none"));
  const title = count === 1 ? say("webhooks_one") : say("webhooks_many", { count });
  return element(
    "details",
    { class: "told", "data-key": `webhooks-${order.order_id}` },
    element("summary", { "data-keep": `told-${order.order_id}` }, title),
    element("ol", {}, ...order.webhooks.map(drawWebhook)),
  );
}

/** One webhook that the shop was told by. */
export function drawWebhook(heard) {
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
