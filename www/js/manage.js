// What can be done with an order: give it up, give money back. Each ends in a webhook, which whoever follows the order hears of.

import { ShopProblem, cancelOrder, checkRefunds, readOrder, refundOrder } from "./api.js";
import { element } from "./dom.js";
import { pick, say } from "./locale.js";
import { decimals, readDecimals, sayAmount } from "./money.js";
import { isOpen } from "./payment.js";
import { drawProblem } from "./problem.js";

const FIRST_LOOK_MS = 400;
const SLOWEST_LOOK_MS = 10_000;
/** Whoever opens the page anew looks on. */
const LOOKS_MAX = 60;

const problems = new Map();
const busy = new Set();
const watched = new Set();

/** What the drawing of an order depends on, beside the order itself. */
export const manageState = (order) => [busy.has(order.order_id), problems.get(order.order_id)?.code];

/** The part of an order's row where it is managed; `onOrder` hears of every change. */
export function drawManage(order, gateway, onOrder) {
  const problem = problems.get(order.order_id);
  return element(
    "div",
    { class: "manage" },
    order.failure && element("p", { class: "aside" }, pick(order.failure)),
    drawRefunds(order),
    isOpen(order.status) && order.payment_id ? drawCancel(order, onOrder) : null,
    order.status === "succeeded" && order.payment_id ? drawRefund(order, gateway, onOrder) : null,
    problem && element("p", { class: "problem", role: "alert" }, ...drawProblem(problem)),
  );
}

/** Asks after refunds whose end is not known yet: of one that failed no webhook tells. */
export function watchRefunds(orders, onOrder) {
  for (const order of orders) if (order.refunds.some(isUnderWay)) watch(order.order_id, onOrder);
}

function drawCancel(order, onOrder) {
  const properties = { type: "button", class: "link", "data-keep": `cancel-${order.order_id}`, ...restState(order) };
  const button = element("button", properties, say("cancel"));
  button.addEventListener("click", () => act(order.order_id, () => cancelOrder(order.order_id), onOrder));
  return button;
}

function drawRefund(order, gateway, onOrder) {
  const left = { value: leftOf(order), currency: order.amount.currency };
  const form = gateway.refunds ? drawRefundForm(order, left, onOrder) : element("p", { class: "aside" }, say("no_refunds"));
  return element(
    "details",
    { "data-key": `refund-${order.order_id}` },
    element("summary", { "data-keep": `refunds-${order.order_id}` }, say("refund")),
    form,
  );
}

function drawRefundForm(order, left, onOrder) {
  const field = element("input", {
    name: "amount",
    value: decimals(left),
    inputmode: "decimal",
    autocomplete: "off",
    // What was typed is kept until something else is left.
    "data-keep": `amount-${order.order_id}-${left.value}`,
  });
  const properties = { type: "submit", class: "quiet", "data-keep": `send-${order.order_id}`, ...restState(order) };
  const send = element("button", properties, say("refund_send"));
  const form = element(
    "form",
    { class: "refund" },
    element("label", {}, element("span", {}, say("refund_amount", { currency: left.currency })), field),
    send,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(order.order_id, () => refundOrder(order.order_id, wanted(field.value, left)), onOrder);
  });
  return form;
}

/** A button at rest keeps the focus, which a disabled one would lose; `act` does not listen to it. */
const restState = (order) => ({ "aria-disabled": busy.has(order.order_id) ? "true" : null });

function wanted(text, left) {
  const value = readDecimals(text, left.currency);
  if (value === null) throw new ShopProblem("amount", "");
  return value;
}

function drawRefunds(order) {
  if (order.refunds.length === 0) return null;
  return element("ul", { class: "refunds" }, ...order.refunds.map(drawOneRefund));
}

function drawOneRefund({ amount, status, failure }) {
  const words = [sayAmount(amount), say(`refund_${status ?? "none"}`)];
  if (failure) words.push(pick(failure));
  return element("li", { "data-status": status ?? "" }, words.join(" · "));
}

async function act(orderId, call, onOrder) {
  if (busy.has(orderId)) return;
  busy.add(orderId);
  problems.delete(orderId);
  onOrder();
  try {
    const order = await call();
    onOrder(order);
    watchRefunds([order], onOrder);
  } catch (problem) {
    problems.set(orderId, problem);
    onOrder(await readOrder(orderId).catch(() => undefined));
  } finally {
    busy.delete(orderId);
    onOrder();
  }
}

async function watch(orderId, onOrder) {
  if (watched.has(orderId)) return;
  watched.add(orderId);
  let wait = FIRST_LOOK_MS;
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 1.5, SLOWEST_LOOK_MS);
    const order = await checkRefunds(orderId).catch(() => null);
    if (!order) continue;
    onOrder(order);
    if (!order.refunds.some(isUnderWay)) return watched.delete(orderId);
  }
}

const isUnderWay = ({ status }) => status === null || status === "processing";

const leftOf = ({ amount, amount_refunded: back }) => amount.value - (back?.value ?? 0);
