// "What just happened": who said what to whom about an order, for whoever wants to learn how a payment goes.
//
// The lines come from the shop's backend, and from this browser's own measurements of what the page asked of the signer.
// A line names the call and how it was answered; nothing of a message's content is known here.

import { readHappenings } from "./api.js";
import { element } from "./dom.js";
import { onLocale, say, sayClock } from "./locale.js";
import { observeSigner, observedOf } from "./observed.js";
import { redraw } from "./redraw.js";
import { explain } from "./sentences.js";
import { sayStatus } from "./status.js";

/** From left to right as the money's word travels. */
const LANES = ["payer", "page", "shop", "signer", "gateway"];

/** The panel in one place of the page, about one order at a time. */
export class HappeningsPanel {
  #place;
  #order = null;
  #lines = [];
  #shown = -1;
  #isReading = false;
  #hidden = new Set();
  #fold;

  /** With `data-open` on the place the panel is unfolded from the beginning. */
  constructor(place) {
    this.#place = place;
    const list = element("div", { class: "happenings" });
    this.#fold = element("details", { class: "happened", open: "open" in place.dataset }, element("summary"), list);
    this.#fold.addEventListener("toggle", () => this.#read());
    place.replaceChildren(this.#fold);
    observeSigner(() => this.#draw());
    onLocale(() => this.#draw());
  }

  /** Shows what happened to this order, or with null nothing. */
  show(order) {
    this.#order = order;
    this.#lines = [];
    this.#shown = -1;
    this.#place.hidden = !order;
    this.#draw();
    this.#read();
  }

  /** The page has heard of orders, the shown one among them or not. */
  hear(orders) {
    const news = orders.find(({ order_id }) => order_id === this.#order?.order_id);
    if (!news) return;
    this.#order = news;
    this.#read();
  }

  // One at a time; what happened meanwhile is read right after.
  async #read() {
    const { order_id: orderId, happened = 0 } = this.#order ?? {};
    if (!orderId || !this.#fold.open || this.#isReading || this.#shown === happened) return;
    this.#isReading = true;
    const lines = await readHappenings(orderId).catch(() => null);
    this.#isReading = false;
    if (orderId === this.#order?.order_id) {
      // Without an answer this is asked again when something else happens.
      this.#shown = happened;
      this.#lines = lines ?? this.#lines;
      this.#draw();
    }
    this.#read();
  }

  #draw() {
    const [summary, list] = this.#fold.children;
    summary.textContent = say("happened");
    if (!this.#order) return list.replaceChildren();
    const all = [...this.#lines, ...observedOf(this.#order.payment_id)].sort((one, other) => moment(one) - moment(other));
    const wanted = all.filter(({ from, to }) => !this.#hidden.has(from) && !this.#hidden.has(to));
    redraw(list, [
      element("p", { class: "aside" }, say("happened_note")),
      this.#drawLanes(),
      element("ol", { class: "talk" }, ...joined(wanted).map(drawLine)),
      wanted.length === 0 ? element("p", { class: "aside" }, say("happened_none")) : null,
    ].filter(Boolean));
  }

  #drawLanes() {
    const buttons = LANES.map((lane) => {
      const pressed = String(!this.#hidden.has(lane));
      const properties = { type: "button", class: "lane", "data-lane": lane, "data-keep": `lane-${lane}` };
      const button = element("button", { ...properties, "aria-pressed": pressed }, say(`lane_${lane}`));
      button.addEventListener("click", () => this.#toggle(lane));
      return button;
    });
    return element("div", { class: "lanes", role: "group", "aria-label": say("lanes") }, ...buttons);
  }

  #toggle(lane) {
    if (!this.#hidden.delete(lane)) this.#hidden.add(lane);
    this.#draw();
  }
}

const moment = ({ at }) => new Date(at).getTime();

/** The same line several times in a row, such as the signer's looks at the gateway, is one with a count. */
function joined(lines) {
  const runs = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last && isSame(last, line)) last.count += 1;
    else runs.push({ ...line, count: 1 });
  }
  return runs;
}

const isSame = (one, other) =>
  ["from", "to", "kind", "what", "http_status", "outcome", "revision"].every((name) => one[name] === other[name]);

function drawLine(line) {
  const { at, from, to, kind, what, outcome, count } = line;
  const name = kind === "status" ? sayStatus(what) : what;
  return element(
    "li",
    { class: "line", "data-from": from, "data-to": to, "data-kind": kind, "data-outcome": outcome },
    element("time", { class: "aside", datetime: at }, sayClock(at)),
    drawWay(from, to),
    element(
      "div",
      { class: "said" },
      element("span", { class: "who" }, from === to ? say(`lane_${from}`) : `${say(`lane_${from}`)} → ${say(`lane_${to}`)}`),
      name && element("code", {}, name),
      count > 1 ? element("span", { class: "times" }, `×${count}`) : null,
      drawAnswer(line),
      element("p", { class: "aside" }, explain(line)),
    ),
  );
}

function drawAnswer({ kind, http_status: status, outcome, revision }) {
  const words = [];
  if (kind !== "status" && kind !== "paid") words.push(status ? `HTTP ${status}` : say("no_answer"));
  if (revision != null) words.push(say("webhook_line", { revision }));
  if (outcome !== "accepted" || kind === "webhook" || kind === "notification") words.push(say(`line_${outcome}`));
  return words.length > 0 ? element("span", { class: "answer" }, words.join(" · ")) : null;
}

/** A small picture of the lanes with the way of this line in it; the words beside it say the same. */
function drawWay(from, to) {
  const [start, end] = [LANES.indexOf(from), LANES.indexOf(to)];
  const [low, high] = [Math.min(start, end), Math.max(start, end)];
  const dots = LANES.map((lane) => element("i", { class: "dot", "data-lane": lane }));
  const arrow = element("i", { class: "arrow", "data-low": low, "data-high": high, "data-way": Math.sign(end - start) });
  return element("span", { class: "way", "aria-hidden": "true" }, ...dots, low === high ? null : arrow);
}
