// Choosing how to pay: the usual ways, all of them when unfolded, and below the chosen one what it asks.

import { byId, element } from "./dom.js";
import { pick, say } from "./locale.js";
import { pickedHere } from "./payment.js";

const choices = { identity: "session", op_return: false, split: false, pay_channel_id: null, auth_code: "" };
let unfolded = false;

/** Draws the ways to pay, gateway by gateway, with this one chosen. */
export function drawMethods(shop, chosen) {
  choices.pay_channel_id ??= shop.jubao_channel_id;
  byId("methods").replaceChildren(...shop.gateways.map((gateway) => drawGateway(gateway, shop, chosen)));
  drawFold(shop);
  showOptions(shop, chosen);
  markPlaces(shop);
}

/** Shows only the usual ways and the chosen one, or all. */
export function foldMethods(shop) {
  unfolded = !unfolded;
  drawFold(shop);
}

/** Puts what a way of paying asks below it. */
export function showOptions(shop, chosen) {
  byId("options")?.remove();
  const way = shop.methods.find(({ type }) => type === chosen);
  if (way.asks.length === 0) return;
  const gateway = shop.gateways.find(({ id }) => id === way.gateway);
  const options = element("div", { id: "options", class: "options" }, ...way.asks.map((ask) => ASKS[ask](gateway)));
  options.addEventListener("input", ({ target }) => {
    choices[target.name] = target.type === "checkbox" ? target.checked : target.value;
  });
  row(chosen).after(options);
}

/** What was chosen beside this way of paying, as the shop's backend takes it. */
export function chosenOptions(way) {
  const said = (ask) => {
    if (ask === "pay_channel_id") return Number(choices[ask]);
    return ask === "auth_code" ? choices[ask].replaceAll(/\s/g, "") : choices[ask];
  };
  return Object.fromEntries(way.asks.map((ask) => [ask, said(ask)]));
}

/** A bar code is good for one payment. */
export function forgetBarCode() {
  choices.auth_code = "";
  const field = byId("auth-code");
  if (field) field.value = "";
}

function drawGateway(gateway, shop, chosen) {
  const ways = shop.methods.filter((way) => way.gateway === gateway.id);
  const id = `gateway-${gateway.id}`;
  return element(
    "div",
    { class: "gateway", role: "group", "aria-labelledby": id },
    element("p", { id, class: "gateway-name" }, pick(gateway.name)),
    ...ways.map((way) => drawMethod(way, way.type === chosen)),
  );
}

function drawMethod(way, checked) {
  return element(
    "label",
    { class: "choice method", "data-row": way.type },
    element("input", { type: "radio", name: "method", value: way.type, checked }),
    element("span", { class: "frame" }),
    element("span", { class: "icon", "data-method": way.type }),
    element(
      "span",
      { class: "what" },
      element("strong", {}, pick(way.name)),
      element("span", { class: "aside" }, pick(way.hint)),
      element("span", { class: "not-here", hidden: true }),
    ),
    element("span", { class: "currency" }, way.currency),
  );
}

function drawFold(shop) {
  const chosen = document.querySelector('[name="method"]:checked')?.value;
  for (const way of shop.methods) row(way.type).hidden = !(unfolded || way.usual || way.type === chosen);
  for (const heading of document.querySelectorAll(".gateway-name")) heading.hidden = !unfolded;
  const button = byId("all-methods");
  button.hidden = false;
  button.setAttribute("aria-expanded", String(unfolded));
  button.textContent = unfolded ? say("usual_methods") : say("all_methods", { count: shop.methods.length });
}

/** Says of each way that had better be taken elsewhere why that is so; `ruled-out` where it cannot work here at all. */
async function markPlaces(shop) {
  const picked = await pickedHere(shop.methods.map(({ type }) => type));
  for (const { type } of shop.methods) {
    const { fits = true, works = true, message } = picked.get(type) ?? {};
    const note = row(type).querySelector(".not-here");
    note.hidden = fits;
    note.classList.toggle("ruled-out", !works);
    note.textContent = fits ? "" : pick(message);
  }
}

const row = (type) => document.querySelector(`[data-row="${type}"]`);

const ASKS = {
  identity: (gateway) =>
    element(
      "div",
      { role: "radiogroup", "aria-label": say("identity") },
      option("radio", "identity", "session", choices.identity === "session", say("identity_session")),
      option(
        "radio",
        "identity",
        "gateway",
        choices.identity === "gateway",
        say("identity_gateway", { gateway: pick(gateway.name) }),
      ),
    ),
  op_return: () => option("checkbox", "op_return", null, choices.op_return, say("op_return")),
  split: () => option("checkbox", "split", null, choices.split, say("split")),
  pay_channel_id: () =>
    element(
      "label",
      { class: "field" },
      element("span", {}, say("pay_channel_id")),
      element("input", {
        type: "number",
        name: "pay_channel_id",
        min: 1,
        max: 999_999,
        required: true,
        value: choices.pay_channel_id,
      }),
    ),
  auth_code: drawTill,
};

function option(type, name, value, checked, text) {
  return element("label", { class: "option" }, element("input", { type, name, value, checked }), element("span", {}, text));
}

/** The till's scanner, which types what it reads; here a button stands in for it. */
function drawTill() {
  const field = element("input", {
    id: "auth-code",
    name: "auth_code",
    value: choices.auth_code,
    required: true,
    pattern: "\\s*(\\d\\s*){16,24}",
    inputmode: "numeric",
    autocomplete: "off",
    "aria-describedby": "auth-code-hint",
  });
  const scan = element("button", { type: "button", class: "quiet" }, say("scan"));
  scan.addEventListener("click", () => {
    field.value = choices.auth_code = someBarCode();
    field.focus();
  });
  return element(
    "div",
    { class: "till" },
    element("label", { for: "auth-code" }, say("auth_code")),
    element("div", { class: "scanner" }, field, scan),
    element("p", { id: "auth-code-hint", class: "aside" }, say("auth_code_hint")),
  );
}

/** As a WeChat payer's phone would show it: 18 digits that begin with 10 to 15. */
function someBarCode() {
  const digits = crypto.getRandomValues(new Uint8Array(14));
  return `1388${Array.from(digits, (byte) => byte % 10).join("")}`;
}
