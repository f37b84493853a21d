/** Elements and drawings, made without markup: nothing that a text could break out of, and nothing inline. */

const SVG = "http://www.w3.org/2000/svg";

/** Lines on a square of 24. */
const ICONS = {
  done: "M5 12.5l4.5 4.5L19 7.5",
  cross: "M7 7l10 10M17 7L7 17",
  clock: "M12 7v5l3.5 2M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18",
  mark: "M12 4.5v9M12 18.5v.4",
  back: "M9 6L4.5 10.5L9 15M4.5 10.5H14a5 5 0 0 1 0 9.5h-3",
  search: "M10.5 4.5a6 6 0 1 0 0 12a6 6 0 1 0 0-12M15 15l4.5 4.5",
  link: "M10 14l4-4M9 9.5L6.2 12.3a3.9 3.9 0 0 0 5.5 5.5L14.5 15M9.5 9l2.8-2.8a3.9 3.9 0 0 1 5.5 5.5L15 14.5M4 4l16 16",
  shield: "M12 3.5l7 2.5v5.5c0 4.5-3 7.5-7 9c-4-1.5-7-4.5-7-9V6zM9 11.8l2.2 2.2L15.2 10",
  open: "M13 4.5h6.5V11M19.5 4.5L11 13M17 14v5.5H4.5V7H10",
  till: "M4 6v12M8 6v12M11 6v12M15 6v12M17.5 6v12M20.5 6v12",
  phone: "M8 3.5h8a1.5 1.5 0 0 1 1.5 1.5v14a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 19V5A1.5 1.5 0 0 1 8 3.5M11 17.5h2",
};

export function make(name, className, attributes = {}, ...children) {
  const element = document.createElement(name);
  element.className = className;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((child) => child != null));
  return element;
}

export function draw(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Beside words that say the same; so it is not read out. */
export function icon(name) {
  return make("span", "countersign-icon", { "aria-hidden": "true" }, lines(name));
}

export function lines(name) {
  const pen = { fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round" };
  return draw("svg", { viewBox: "0 0 24 24", ...pen }, draw("path", { d: ICONS[name] ?? ICONS.mark }));
}

/** A place that is kept free while the words for it are on their way. */
export function bar(what) {
  return make("span", "countersign-bar", { "data-bar": what, "aria-hidden": "true" });
}

export function paragraph(className, text) {
  return make("p", className, {}, text);
}

export function link(className, { url, label }) {
  return make("a", className, { href: url }, label);
}

/** A link to the page it is on leads nowhere, and neither does one that is no address. */
export function isHere(url) {
  try {
    const there = new URL(url, location.href);
    return there.origin === location.origin && there.pathname === location.pathname && there.search === location.search;
  } catch {
    return true;
  }
}
