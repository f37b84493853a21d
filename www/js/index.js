// The counter: choose a tea, choose how to pay, pay.

import { placeOrder, readShop } from "./api.js";
import { byId, element } from "./dom.js";
import { followOrders, newest } from "./follow.js";
import { HappeningsPanel } from "./happenings.js";
import { locale, onLocale, pick, say, startLocale } from "./locale.js";
import { watchRefunds } from "./manage.js";
import { chosenOptions, drawMethods, foldMethods, forgetBarCode, showOptions } from "./methods.js";
import { sayAmount } from "./money.js";
import { drawOrders, drawSummary } from "./orders.js";
import { awaitTill, heardOrder, isOpen, openPayment, unfinishedPayment } from "./payment.js";
import { showProblem } from "./problem.js";

const form = byId("order");
const pay = byId("pay");
const again = byId("again");

const ORDERS_AT_FIRST = 8;

let shop = null;
let orders = [];
let showsAll = false;
let payment = null;
const happened = new HappeningsPanel(byId("happened"));

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
  await firstOrders();
  onLocale(drawRecord);
  await offerUnfinished();
}

/** Follows the shop's record from now on; resolves when the page knows what stands in it. */
function firstOrders() {
  return new Promise((resolve) => {
    const onOrders = (news, isAll) => {
      if (isAll) orders = news;
      else for (const order of news) takeIn(order);
      watchRefunds(orders, noteOrder);
      for (const order of orders) heardOrder(order);
      drawRecord();
      resolve();
    };
    followOrders({ onOrders });
  });
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
}

/** The page has a secret to pay with, or the till has done all that there is to do. */
async function begin(opening) {
  const isAtTill = opening.client_secret === null;
  const order = orders.find((known) => isSame(known, opening));
  const options = { autoConfirm: true, jweixinUrl: shop.jweixin_url, order };
  happened.show(order ?? opening);
  const begun = isAtTill ? awaitTill(opening.order_id, order) : await openPayment(opening, options);
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
  happened.show(null);
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

/** Takes in an order that was read by itself; without any, draws what is known. */
function noteOrder(order) {
  if (order) {
    heardOrder(takeIn(order));
  }
  drawRecord();
}

function takeIn(order) {
  const known = orders.find((known) => isSame(known, order));
  const taken = newest(known, order);
  orders = [taken, ...orders.filter((other) => other !== known)].sort(newestFirst);
  return taken;
}

const isSame = (one, other) => one.order_id === other.order_id;
const newestFirst = (one, other) => (one.order_id < other.order_id ? 1 : -1);

function showAll() {
  showsAll = true;
  drawRecord();
}

function drawRecord() {
  happened.hear(orders);
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
