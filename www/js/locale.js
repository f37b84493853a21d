// The page's language: remembered, else the browser's, and switched in place.

import { words } from "./words.js";

const KEY = "shop.locale";
const listeners = new Set();
let current = remembered() ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en");

/** The language in use, "en" or "zh-CN". */
export function locale() {
  return current;
}

/** A sentence of the shop in the language in use. */
export function say(key, values = {}) {
  return words[current][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Whether the shop has a sentence of this name. */
export function canSay(key) {
  return key in words[current];
}

/** Picks from a text of the shop's backend, {en, zh}. */
export function pick(text) {
  return current === "en" ? text.en : text.zh;
}

/** A time of day with its date, short. */
export function sayTime(iso) {
  const format = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" };
  return new Intl.DateTimeFormat(current, { ...format, hourCycle: "h23" }).format(new Date(iso));
}

/** A time of day to the millisecond, for what happens within one second. */
export function sayClock(iso) {
  const format = { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 };
  return new Intl.DateTimeFormat(current, { ...format, hourCycle: "h23" }).format(new Date(iso));
}

/** Calls back now and whenever the language changes. */
export function onLocale(listener) {
  listeners.add(listener);
  listener();
}

/** Fills the page's fixed sentences in and makes its language buttons work. */
export function startLocale() {
  for (const button of document.querySelectorAll("[data-lang]")) {
    button.addEventListener("click", () => switchTo(button.dataset.lang));
  }
  onLocale(translatePage);
}

function switchTo(wanted) {
  current = wanted;
  try {
    localStorage.setItem(KEY, wanted);
  } catch {
    // Storage may be switched off; the choice then lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

function translatePage() {
  document.documentElement.lang = current;
  document.title = say("shop_name");
  for (const element of document.querySelectorAll("[data-words]")) {
    element.textContent = say(element.dataset.words);
  }
  for (const element of document.querySelectorAll("[data-words-label]")) {
    element.setAttribute("aria-label", say(element.dataset.wordsLabel));
  }
  for (const button of document.querySelectorAll("[data-lang]")) {
    button.setAttribute("aria-pressed", String(button.dataset.lang === current));
  }
}

function remembered() {
  try {
    const kept = localStorage.getItem(KEY);
    return Object.hasOwn(words, kept) ? kept : null;
  } catch {
    return null;
  }
}
