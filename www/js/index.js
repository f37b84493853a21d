// The counter: choose a tea, choose how to pay, pay.

import { listOrders, placeOrder, readShop } from "./api.js";
import { byId, element } from "./dom.js";
import { locale, onLocale, pick, say, startLocale } from "./locale.js";
import { watchRefunds } from "./manage.js";
import { chosenOptions, drawMethods, foldMethods, forgetBarCode, showOptions } from "./methods.js";
import { sayAmount } from "./money.js";
import { drawOrders, drawSummary } from "./orders.js";
import { followOrder, heardOrder, isOpen, openPayment, unfinishedPayment } from "./payment.js";
import { showProblem } from "./problem.js";

const form = byId("order");
const pay = byId("pay");
const again = byId("again");

const ORDERS_AT_FIRST = 8;

let shop = null;
let orders = [];
let showsAll = false;
let payment = null;

startLocale();
open();

async function open() {
  try {
    shop = await readShop();
  } catch (problem) {
    return showProblem(problem);
  }
  onLocale(drawCounter);
  form.addEventListener("change", noteChoice);
  form.addEventListener("submit", submit);
  again.addEventListener("click", startOver);
  byId("all-methods").addEventListener("click", () => foldMethods(shop));
  byId("all-orders").addEventListener("click", showAll);
  // A page that comes back from the browser's memory may have missed webhooks.
  addEventListener("pageshow", (event) => event.persisted && readOrders());
  await readOrders();
  onLocale(drawRecord);
  await offerUnfinished();
}

function chosen() {
  const choice = new FormData(form);
  const product = shop.products.find(({ id }) => id === choice.get("product"));
  const method = shop.methods.find(({ type }) => type === choice.get("method"));
  return { product, method, amount: { value: product.prices[method.currency], currency: method.currency } };
}

async function submit(event) {
  event.preventDefault();
  if (payment || form.inert) return;
  const { product, method } = chosen();
  setPaying(true);
  try {
    const options = chosenOptions(method);
    const opening = await placeOrder({ product: product.id, method: method.type, locale: locale(), options });
    payment = await begin(opening);
  } catch (problem) {
    setPaying(false);
    showProblem(problem);
  }
  await readOrders();
}

/** The page has a secret to pay with, or the till has done all that there is to do. */
async function begin(opening) {
  const isAtTill = opening.client_secret === null;
  const options = { autoConfirm: true, jweixinUrl: shop.jweixin_url, onOrder: noteOrder };
  const begun = isAtTill ? followOrder(opening.order_id, options) : await openPayment(opening, options);
  forgetBarCode();
  pay.hidden = true;
  again.hidden = false;
  byId(isAtTill ? "outcome" : "checkout").focus();
  return begun;
}

function setPaying(paying) {
  showProblem(null);
  document.body.classList.toggle("paying", paying);
  form.inert = paying;
  pay.disabled = paying;
  pay.setAttribute("aria-busy", String(paying));
  byId("open-order").hidden = true;
  drawChoice();
}

function startOver() {
  payment?.close();
  payment = null;
  again.hidden = true;
  pay.hidden = false;
  setPaying(false);
  form.querySelector("input:checked").focus();
}

function drawCounter() {
  const before = new FormData(form);
  const product = before.get("product") ?? shop.products[0].id;
  const method = before.get("method") ?? shop.methods[0].type;
  byId("products").replaceChildren(...shop.products.map((tea) => drawTea(tea, tea.id === product)));
  drawMethods(shop, method);
  pay.disabled = form.inert;
  drawChoice();
}

function drawTea(tea, checked) {
  return element(
    "label",
    { class: "choice tea" },
    element("input", { type: "radio", name: "product", value: tea.id, checked }),
    element("span", { class: "frame" }),
    element("img", { src: `/img/${tea.id}.svg`, alt: "", width: 96, height: 96 }),
    element(
      "span",
      { class: "what" },
      element("strong", {}, pick(tea.name)),
      element("span", { class: "aside" }, pick(tea.note)),
      element("span", { class: "price", "data-product": tea.id }),
    ),
  );
}

function noteChoice({ target }) {
  if (target.name === "method") showOptions(shop, target.value);
  drawChoice();
}

function drawChoice() {
  const { product, method, amount } = chosen();
  for (const price of form.querySelectorAll(".price")) {
    const { prices } = shop.products.find(({ id }) => id === price.dataset.product);
    price.textContent = sayAmount({ value: prices[method.currency], currency: method.currency });
  }
  drawSummary({ product, amount, methodName: pick(method.name) });
  pay.textContent = form.inert ? say("paying") : say("pay_amount", { amount: sayAmount(amount) });
}

async function readOrders() {
  orders = await listOrders().catch(() => orders);
  watchRefunds(orders, noteOrder);
  drawRecord();
}

/** Takes an order's news in; without any, draws what is known. */
function noteOrder(order) {
  if (order) {
    takeIn(order);
    heardOrder(order);
  }
  drawRecord();
}

function takeIn(order) {
  orders = [order, ...orders.filter(({ order_id }) => order_id !== order.order_id)];
  orders.sort((one, other) => (one.order_id < other.order_id ? 1 : -1));
}

function showAll() {
  showsAll = true;
  drawRecord();
}

function drawRecord() {
  drawOrders(showsAll ? orders : orders.slice(0, ORDERS_AT_FIRST), shop, noteOrder);
  byId("no-orders").hidden = orders.length > 0;
  byId("all-orders").hidden = showsAll || orders.length <= ORDERS_AT_FIRST;
  byId("all-orders").textContent = say("all_orders", { count: orders.length });
}

// A payer who left for the gateway's page and came back here, not to the return page, finds the way on.
async function offerUnfinished() {
  const unfinished = await unfinishedPayment();
  const order = orders.find(({ payment_id }) => payment_id === unfinished?.paymentId);
  if (!order || !isOpen(order.status) || payment) return;
  onLocale(() => {
    byId("open-order").replaceChildren(
      element("span", {}, say("open_order", { order: order.order_id })),
      element("a", { href: `/return.html?order=${order.order_id}` }, say("continue_order")),
    );
  });
  byId("open-order").hidden = false;
}
