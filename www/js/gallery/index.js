/** Shows every state by the very code that shows it to payers. What is chosen stands in the address, to be passed on. */
import { Screen } from "/checkout/screen.js";
import init, { panel } from "/checkout/checkout_ui.js";

import { GROUPS } from "./states.js";
import { wear } from "./theme.js";

const CHOICES = { lang: ["en", "zh-CN"], appearance: ["auto", "light", "dark"], width: ["400", "320"] };

const chosen = Object.fromEntries(Object.entries(CHOICES).map(([name, [first]]) => [name, first]));
for (const [name, value] of new URLSearchParams(location.search)) {
  if (CHOICES[name]?.includes(value)) chosen[name] = value;
}

/** What is on the wall: a screen for each state. */
const hung = [];

await init({ module_or_path: "/checkout/checkout_ui_bg.wasm" });
hang(document.querySelector("#states"));
for (const group of document.querySelectorAll("[data-choice]")) {
  group.addEventListener("change", ({ target }) => choose(group.dataset.choice, target.value));
}
wear(document.querySelector("#theme"));
showChoice();
document.documentElement.dataset.ready = "";
// The place that the address names was not there when the page was loaded.
document.getElementById(location.hash.slice(1))?.scrollIntoView();

function hang(wall) {
  for (const [title, states] of GROUPS) {
    const group = element("section", "wing", element("h2", "", title));
    const room = element("div", "room");
    for (const each of states) room.append(frame(each));
    group.append(room);
    wall.append(group);
  }
}

function frame({ name, when, state }) {
  const anchor = element("a", "", name.replaceAll("_", " "));
  anchor.href = `#${name}`;
  const place = element("div", "place");
  const figure = element("article", "piece", element("h3", "", anchor), element("p", "aside", when), place);
  figure.id = name;
  hung.push({ screen: new Screen(place), state: state() });
  return figure;
}

function choose(name, value) {
  chosen[name] = value;
  const address = new URL(location.href);
  address.searchParams.set(name, value);
  history.replaceState(null, "", address);
  showChoice();
}

function showChoice() {
  const { lang, appearance, width } = chosen;
  document.documentElement.dataset.appearance = appearance;
  document.documentElement.dataset.width = width;
  for (const { screen, state } of hung) {
    screen.setAppearance(appearance);
    screen.show(panel({ ...state, locale: lang }));
  }
  for (const input of document.querySelectorAll("[data-choice] input")) input.checked = chosen[input.name] === input.value;
}

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}
