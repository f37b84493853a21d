/** What is on the screen: the elements for a panel. */

import { countDown } from "./countdown.js";
import { bar, draw, icon, isHere, lines, link, make, paragraph } from "./elements.js";

const POLITE = { role: "status", "aria-live": "polite", "aria-atomic": "true" };

/** The elements. Each part is made anew only when it changes, so that focus and announcements stay in place. */
export class Screen {
  constructor(element, appearance) {
    /** What a button does, and the end of a countdown. */
    this.act = () => {};
    this.sandbox = make("p", "countersign-sandbox");
    this.summary = make("div", "countersign-summary");
    this.progress = make("div", "countersign-progress");
    this.status = make("div", "countersign-status", { ...POLITE, "data-countersign": "status", tabindex: "-1" });
    this.picture = make("div", "countersign-picture");
    this.countdown = make("p", "countersign-countdown", { role: "timer" });
    this.address = make("div", "countersign-address");
    this.actions = make("div", "countersign-actions");
    /** What is only heard. */
    this.said = make("p", "countersign-unseen", POLITE);
    this.root = make("section", "countersign", { "data-countersign": "root" }, this.sandbox, this.summary, this.progress,
      this.status, this.picture, this.countdown, this.address, this.actions, this.said);
    this.shown = new Map();
    this.clock = null;
    this.hasEnded = false;
    this.setAppearance(appearance);
    element.append(this.root);
  }

  setAppearance(appearance = "auto") {
    this.root.dataset.appearance = appearance;
  }

  show(panel) {
    const { root } = this;
    const hadFocus = root.contains(this.focused());
    root.dataset.status = panel.status;
    root.dataset.panel = panel.name;
    root.dataset.tone = panel.tone ?? "";
    root.lang = panel.language;
    root.setAttribute("aria-label", panel.region);
    root.setAttribute("aria-busy", String(panel.busy));
    const isLoading = panel.name === "loading";
    this.part(this.sandbox, panel.sandbox, (text) => [text]);
    this.part(this.summary, [isLoading, panel.subject, panel.amount], summary);
    this.part(this.progress, isLoading || panel.progress, progress);
    this.part(this.status, [isLoading, panel.busy, panel.icon, panel.outcome, panel.title, panel.hint, panel.instructions, panel.trouble], status);
    this.part(this.picture, [panel.qr, panel.walletLink], picture);
    this.part(this.countdown, isLoading || panel.countdown, (countdown) => (isLoading ? [bar("countdown")] : this.tick(countdown)));
    this.part(this.address, panel.address, (parts) => this.copying(parts));
    this.part(this.actions, [isLoading, panel.button, panel.second, panel.backLink], (parts) => this.buttons(parts));
    this.keepFocus(hadFocus, panel);
  }

  /** Focus is never lost with a button: it goes to the words, and at the end to what came out. */
  keepFocus(hadFocus, { outcome }) {
    const endsNow = outcome != null && !this.hasEnded;
    this.hasEnded = outcome != null;
    if (!hadFocus) return;
    if (endsNow) this.status.querySelector(".countersign-title").focus();
    else if (!this.root.contains(this.focused())) this.status.focus();
  }

  /** In a shadow tree, the document only knows its host. */
  focused() {
    return this.root.getRootNode().activeElement ?? null;
  }

  remove() {
    this.clock?.stop();
    this.root.remove();
  }

  say(words) {
    this.said.textContent = words;
  }

  part(element, content, make) {
    const text = JSON.stringify(content ?? null);
    if (this.shown.get(element) === text) return;
    this.shown.set(element, text);
    if (element === this.countdown) this.clock?.stop();
    const children = content == null || content === false ? [] : make(content);
    element.replaceChildren(...children.filter((child) => child != null));
    element.hidden = element.childNodes.length === 0;
  }

  buttons([isLoading, first, second, backLink]) {
    if (isLoading) return [bar("button")];
    const button = ({ hook, does, label }, className) => {
      const element = make("button", className, { type: "button", "data-countersign": hook }, label);
      element.addEventListener("click", () => this.act(does));
      return element;
    };
    return [
      first && button(first, "countersign-button"),
      second && button(second, "countersign-button countersign-second"),
      backLink && !isHere(backLink.url) ? link("countersign-link", backLink) : null,
    ];
  }

  tick(countdown) {
    const over = () => {
      this.act("over", countdown.until);
      if (!this.countdown.hidden) this.say(countdown.over);
    };
    this.clock = countDown(countdown, { language: this.root.lang, say: (words) => this.say(words), over });
    return this.clock === null ? [] : [this.clock.text];
  }

  /** The address stands in a field, so that it can be selected by hand where copying is forbidden. */
  copying({ url, label, copy, copied }) {
    const field = make("input", "countersign-url", { readonly: "", "aria-label": label, "data-countersign": "address" });
    field.value = url;
    field.addEventListener("focus", () => field.select());
    const button = make("button", "countersign-button", { type: "button", "data-countersign": "copy" }, copy);
    button.addEventListener("click", async () => {
      if (!(await isCopied(field))) return;
      button.textContent = copied;
      this.say(copied);
    });
    return [field, button];
  }
}

function summary([isLoading, subject, amount]) {
  if (isLoading) return [bar("subject"), bar("amount")];
  return [subject ? paragraph("countersign-subject", subject) : null, amount ? paragraph("countersign-amount", amount) : null];
}

function progress(content) {
  if (content === true) return [bar("progress")];
  const { label, steps, at } = content;
  const list = make("ol", "countersign-steps", { "aria-label": label });
  linesOf(steps).forEach((step, index) => {
    const where = index < at ? "done" : index === at ? "now" : "ahead";
    const item = make("li", "countersign-step", { "data-step": where }, step);
    if (where === "now") item.setAttribute("aria-current", "step");
    list.append(item);
  });
  return [list];
}

function status([isLoading, busy, drawing, outcome, title, hint, instructions, trouble]) {
  const troubled = trouble ? paragraph("countersign-trouble", trouble) : null;
  if (isLoading) return [paragraph("countersign-unseen", title), bar("title"), bar("hint"), troubled];
  const heading = { role: "heading", "aria-level": "2", tabindex: "-1" };
  const words = [
    busy ? make("span", "countersign-spinner", { "aria-hidden": "true" }) : drawing ? icon(drawing) : null,
    make("p", "countersign-title", heading, title),
    ...linesOf(hint).map((line) => paragraph("countersign-hint", line)),
    instructions
      ? make("ol", "countersign-instructions", {}, ...linesOf(instructions).map((line) => make("li", "", {}, line)))
      : null,
    troubled,
  ];
  if (!outcome) return words;
  return [make("div", "countersign-outcome", { "data-countersign": "outcome", "data-outcome": outcome }, ...words)];
}

function linesOf(text) {
  return (text ?? "").split("\n").filter(Boolean);
}

function picture([qr, walletLink]) {
  return [walletLink ? link("countersign-button countersign-wallet", walletLink) : null, qr ? code(qr) : null];
}

/** A code that must not be scanned any more is greyed, and so much of it covered that nothing can read it. */
function code({ hook, code: { size, path }, label, covered }) {
  const box = make("div", "countersign-qr", { "data-countersign": hook });
  const image = { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label, "shape-rendering": "crispEdges" };
  const white = draw("path", { fill: "#fff", d: `M0 0h${size}v${size}H0z` });
  box.append(draw("svg", image, white, draw("path", { fill: covered ? "#d5d9de" : "#000", d: path })));
  if (covered) box.append(make("span", "countersign-cover", { "aria-hidden": "true" }, lines("clock")));
  return box;
}

async function isCopied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // Wallets' own browsers often have the old way only.
    field.select();
    return document.execCommand("copy");
  }
}
