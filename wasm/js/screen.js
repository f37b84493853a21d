/** The elements of the ready-made interface: no inline styles, and no markup made from text. */

const SVG = "http://www.w3.org/2000/svg";

/** The elements. Each part is made anew only when it changes, so that focus and announcements stay in place. */
export class Screen {
  constructor(element, act) {
    this.act = act;
    this.root = make("section", "countersign", { "data-countersign": "root" });
    this.summary = make("div", "countersign-summary");
    this.sandbox = make("p", "countersign-sandbox");
    this.status = make("div", "countersign-status", {
      "data-countersign": "status", role: "status", "aria-live": "polite", "aria-atomic": "true", tabindex: "-1",
    });
    this.picture = make("div", "countersign-picture");
    this.address = make("div", "countersign-address");
    this.countdown = make("p", "countersign-countdown", { role: "timer" });
    this.actions = make("div", "countersign-actions");
    this.root.append(this.summary, this.sandbox, this.status, this.picture, this.address, this.countdown, this.actions);
    this.shown = new Map();
    this.clock = 0;
    element.append(this.root);
  }

  show(panel) {
    const hadFocus = this.root.contains(document.activeElement);
    const { root } = this;
    root.dataset.status = panel.status;
    root.dataset.panel = panel.name;
    root.lang = panel.language;
    root.setAttribute("aria-busy", String(panel.busy));
    this.part(this.summary, [panel.subject, panel.amount], summary);
    this.part(this.sandbox, panel.sandbox, (text) => [text]);
    this.part(this.status, [panel.busy, panel.outcome, panel.title, panel.hint, panel.trouble], status);
    this.part(this.picture, [panel.qr, panel.walletLink], picture);
    this.part(this.address, panel.address, address);
    this.part(this.countdown, panel.countdown, (countdown) => this.tick(countdown));
    this.part(this.actions, [panel.button, panel.backLink], (parts) => this.buttons(parts));
    if (hadFocus && !root.contains(document.activeElement)) {
      (this.actions.querySelector("button") ?? this.status).focus();
    }
  }

  remove() {
    clearInterval(this.clock);
    this.root.remove();
  }

  part(element, content, make) {
    const text = JSON.stringify(content ?? null);
    if (this.shown.get(element) === text) return;
    this.shown.set(element, text);
    if (element === this.countdown) clearInterval(this.clock);
    const children = content == null ? [] : make(content);
    element.replaceChildren(...children.filter((child) => child != null));
    element.hidden = element.childNodes.length === 0;
  }

  buttons([button, backLink]) {
    let main = null;
    if (button) {
      main = make("button", "countersign-button", { type: "button", "data-countersign": button.hook });
      main.textContent = button.label;
      main.addEventListener("click", () => this.act(button.does));
    }
    return [main, backLink && !isHere(backLink.url) ? link("countersign-link", backLink) : null];
  }

  /** Counts down in a text of its own; a timer is not announced every second. */
  tick({ until, template, over }) {
    const end = Date.parse(until);
    if (Number.isNaN(end)) return [];
    const text = document.createTextNode("");
    const show = () => {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      text.data = left === 0 ? over : template.replace("{time}", clock(left));
      if (left === 0) clearInterval(this.clock);
    };
    this.clock = setInterval(show, 1000);
    show();
    return [text];
  }
}

function summary([subject, amount]) {
  return [subject ? paragraph("countersign-subject", subject) : null, amount ? paragraph("countersign-amount", amount) : null];
}

function status([busy, outcome, title, hint, trouble]) {
  const words = [
    paragraph("countersign-title", title),
    ...(hint ?? "").split("\n").filter(Boolean).map((line) => paragraph("countersign-hint", line)),
  ];
  if (outcome) {
    const end = make("div", "countersign-outcome", { "data-countersign": "outcome", "data-outcome": outcome });
    end.append(...words);
    return [end];
  }
  const spinner = busy ? make("span", "countersign-spinner", { "aria-hidden": "true" }) : null;
  return [spinner, ...words, trouble ? paragraph("countersign-trouble", trouble) : null];
}

function picture([qr, walletLink]) {
  return [qr ? drawing(qr) : null, walletLink ? link("countersign-wallet", walletLink) : null];
}

function drawing({ hook, code, label }) {
  const box = make("div", "countersign-qr", { "data-countersign": hook });
  const svg = draw("svg", { viewBox: `0 0 ${code.size} ${code.size}`, role: "img", "aria-label": label, "shape-rendering": "crispEdges" });
  svg.append(draw("path", { fill: "#fff", d: `M0 0h${code.size}v${code.size}H0z` }), draw("path", { fill: "#000", d: code.path }));
  box.append(svg);
  return box;
}

/** The address stands in a field, so that it can be selected by hand where copying is forbidden. */
function address({ url, label, copy, copied }) {
  const field = make("input", "countersign-url", { readonly: "", "aria-label": label, "data-countersign": "address" });
  field.value = url;
  field.addEventListener("focus", () => field.select());
  const button = make("button", "countersign-button", { type: "button", "data-countersign": "copy" });
  button.textContent = copy;
  button.addEventListener("click", async () => {
    if (await isCopied(field)) button.textContent = copied;
  });
  return [field, button];
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

function make(name, className, attributes = {}) {
  const element = document.createElement(name);
  element.className = className;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function draw(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function paragraph(className, text) {
  const element = make("p", className);
  element.textContent = text;
  return element;
}

function link(className, { url, label }) {
  const element = make("a", className, { href: url });
  element.textContent = label;
  return element;
}

function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
}

/** A link to the page it is on leads nowhere. */
function isHere(url) {
  const there = new URL(url, location.href);
  return there.origin === location.origin && there.pathname === location.pathname && there.search === location.search;
}
