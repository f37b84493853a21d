/** The frame of the interface: there at once, dressed by the page's own variables, and gone without a trace. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { mount, openShop } from "./shop.js";
import { until } from "./page.js";
import { SECRET, startSigner } from "./signer.js";

let shop;
let signer;

before(async () => {
  shop = await openShop();
});
after(() => shop.close());
beforeEach(async () => {
  signer = await startSigner();
});
afterEach(() => signer.close());

const options = (more) => ({ signer: signer.url, paymentId: "pay_1", clientSecret: SECRET, ...more });
const hook = (name) => `[data-countersign="${name}"]`;
const ROOT = hook("root");

/** Holds the modules back until the returned function is called. */
async function holdModules(page) {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route("**/*.wasm", async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

/** Mounts without waiting for it; how it ends stands in `window.ended`. */
function begin(page, options) {
  return page.evaluate(async (options) => {
    const { mount } = await import("/checkout/index.js");
    window.giveUp = new AbortController();
    mount(document.querySelector("#checkout"), { ...options, signal: window.giveUp.signal }).then(
      (mounted) => (window.ended = mounted),
      ({ name }) => (window.ended = name),
    );
  }, options);
}

const look = (page) =>
  page.$eval(ROOT, (root) => ({
    busy: root.getAttribute("aria-busy"), label: root.ariaLabel, lang: root.lang, panel: root.dataset.panel,
    words: root.querySelector('[data-countersign="status"]').textContent, height: root.getBoundingClientRect().height,
  }));

for (const [locale, words] of [["en", "Loading your payment…"], ["zh-CN", "正在加载支付信息…"]]) {
  test(`stands there before the modules are, says so in ${locale}, and does not jump when they come`, async () => {
    const page = await shop.page();
    const release = await holdModules(page);
    let answer;
    await page.route(`${signer.url}/**`, (route) => (answer = () => route.continue()));
    await begin(page, options({ locale }));
    await page.waitForSelector(ROOT);
    const first = await look(page);
    assert.deepEqual([first.panel, first.busy, first.lang, first.words], ["loading", "true", locale, words]);
    release();
    await until(() => answer);
    assert.deepEqual(await look(page), first, "the modules say the same: there is one catalogue");
    answer();
    await page.waitForSelector(hook("pay"));
    const ready = await look(page);
    assert.equal(ready.busy, "false");
    // This method has no line on where the button leads.
    assert.ok(Math.abs(ready.height - first.height) < 30, `${first.height} and then ${ready.height}`);
  });
}

test("keeps the height of the panel of a payment by redirect", async () => {
  signer.view.method = { type: "jubao_wechat_h5" };
  const page = await shop.page();
  const release = await holdModules(page);
  await begin(page, options());
  await page.waitForSelector(ROOT);
  const { height } = await look(page);
  release();
  await page.waitForSelector(hook("pay"));
  const ready = await look(page);
  assert.ok(Math.abs(ready.height - height) <= 1, `${height} and then ${ready.height}`);
});

test("given up while it loads, it leaves nothing behind", async () => {
  const page = await shop.page();
  const release = await holdModules(page);
  await begin(page, options());
  await page.waitForSelector(ROOT);
  await page.evaluate(() => window.giveUp.abort());
  await page.waitForFunction(() => window.ended !== undefined);
  assert.equal(await page.evaluate(() => window.ended), "AbortError");
  release();
  await page.evaluate(() => import("/checkout/index.js").then(({ load }) => load()));
  assert.equal(await page.locator("#checkout > *").count(), 0);
  assert.deepEqual(signer.asked, []);
});

test("given up before it began, it does not begin", async () => {
  const page = await shop.page();
  const name = await page.evaluate(async (options) => {
    const { mount } = await import("/checkout/index.js");
    return mount(document.querySelector("#checkout"), { ...options, signal: AbortSignal.abort() }).catch(({ name }) => name);
  }, options());
  assert.equal(name, "AbortError");
  assert.equal(await page.locator("#checkout > *").count(), 0);
});

test("two in one element live and go each by itself", async () => {
  signer.confirm = () => signer.move({ status: "processing" });
  const page = await shop.page();
  await page.evaluate(async (options) => {
    const { mount } = await import("/checkout/index.js");
    const element = document.querySelector("#checkout");
    window.both = await Promise.all([mount(element, options), mount(element, options)]);
  }, options({ autoConfirm: true }));
  await page.waitForFunction(() => document.querySelectorAll('[data-status="processing"]').length === 2);
  assert.equal(signer.count(/POST .*confirm/), 2, "each submits, and the signer keeps that to one order");
  await page.evaluate(() => {
    window.both[0].unmount();
    window.both[0].unmount();
  });
  assert.equal(await page.locator(ROOT).count(), 1);
  signer.move({ status: "succeeded" });
  await page.waitForSelector(`${ROOT}[data-status="succeeded"]`);
  await page.evaluate(() => window.both[1].unmount());
  assert.equal(await page.locator("#checkout > *").count(), 0);
});

const background = (page, selector = `${ROOT} .countersign-button`) => page.$eval(selector, (element) => getComputedStyle(element).backgroundColor);

const wear = (page, rules) =>
  page.evaluate((rules) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    document.adoptedStyleSheets = [sheet, ...document.adoptedStyleSheets];
  }, rules);

test("takes its theme from the page's root, however early that was said", async () => {
  const page = await shop.page();
  await wear(page, ":root { --countersign-accent: rgb(1, 2, 3); --countersign-radius: 3px }");
  await mount(page, options());
  await page.waitForSelector(hook("pay"));
  assert.equal(await background(page), "rgb(1, 2, 3)");
  assert.equal(await page.$eval(ROOT, (root) => getComputedStyle(root).borderRadius), "3px");
  assert.equal(await page.locator("link[rel=stylesheet]").count(), 0, "and asks for no style sheet");
  assert.deepEqual(page.refused, []);
});

test("is light or dark as the device, as the shop says, or as it says later", async () => {
  const page = await shop.page({ colorScheme: "dark" });
  await mount(page, options());
  const scheme = () => page.$eval(ROOT, (root) => [getComputedStyle(root).colorScheme, getComputedStyle(root).backgroundColor]);
  const dark = ["dark", "rgb(26, 29, 34)"];
  const light = ["light", "rgb(255, 255, 255)"];
  assert.deepEqual(await scheme(), dark);
  await page.evaluate(() => window.mounted.setAppearance("light"));
  assert.deepEqual(await scheme(), light);
  await page.evaluate(() => window.mounted.setAppearance("auto"));
  assert.deepEqual(await scheme(), dark);
  await page.emulateMedia({ colorScheme: "light" });
  assert.deepEqual(await scheme(), light);
  await page.evaluate(() => window.mounted.setAppearance("dark"));
  assert.deepEqual(await scheme(), dark);
});

test("is dressed inside a shadow tree, and keeps the focus there", async () => {
  signer.confirm = () => signer.move({ status: "succeeded" });
  const page = await shop.page();
  await page.evaluate(async (options) => {
    const { mount } = await import("/checkout/index.js");
    window.tree = document.querySelector("#checkout").attachShadow({ mode: "open" });
    await mount(window.tree, options);
  }, options());
  await page.waitForSelector(hook("pay"));
  assert.equal(await background(page), "rgb(10, 93, 194)");
  await page.focus(hook("pay"));
  await page.keyboard.press("Enter");
  await page.waitForSelector(hook("outcome"));
  assert.equal(await page.evaluate(() => window.tree.activeElement.textContent), "Paid");
});

test("an old web view is given the style sheet by its address", async () => {
  const page = await shop.page({ prepare: (page) => page.addInitScript(() => delete Document.prototype.adoptedStyleSheets) });
  await mount(page, options());
  await page.waitForFunction(() => getComputedStyle(document.querySelector(".countersign")).display === "flex");
  assert.match(await page.getAttribute("link[rel=stylesheet]", "href"), /\/checkout\/checkout\.css$/);
  assert.deepEqual(page.refused, []);
});

test("a page that brings the style sheet, or wants none, is left as it is", async () => {
  const adopted = (page) => page.evaluate(() => document.adoptedStyleSheets.length);
  const plain = await shop.page();
  await mount(plain, options({ styles: false }));
  assert.equal(await adopted(plain), 0);
  const linked = await shop.page();
  await linked.addStyleTag({ url: "/checkout/checkout.css" });
  await mount(linked, options());
  assert.equal(await adopted(linked), 0);
  // A bundler gives it another name.
  const bundled = await shop.page();
  await wear(bundled, ".countersign { --countersign-sheet: 1 }");
  await mount(bundled, options());
  assert.equal(await adopted(bundled), 1);
});

test("a signer that answers with errors is checked again, in words that do not speak of failure", async () => {
  signer.move({ status: "processing" });
  const page = await shop.page();
  await mount(page, options());
  await until(() => signer.waiting.size === 1);
  signer.faults = Array.from({ length: 3 }, () => ({ status: 503, body: { code: "not_ready" } }));
  signer.move({});
  await page.waitForSelector(".countersign-trouble");
  const words = await page.textContent(hook("status"));
  assert.match(words, /Still checking… The payment service does not answer at the moment\./);
  assert.doesNotMatch(words, /fail|wrong/i);
  await until(() => signer.waiting.size === 1);
  signer.move({});
  await page.waitForSelector(".countersign-trouble", { state: "detached" });
});

/** Mounts, and keeps what the shop is told. */
const mountTold = (page, given) =>
  page.evaluate(async (given) => {
    const { mount } = await import("/checkout/index.js");
    window.told = [];
    const onOutcome = ({ status }) => window.told.push(status);
    const onError = ({ code, message }) => window.told.push(code ?? message);
    const tells = { onOutcome, onError };
    return mount(document.querySelector("#checkout"), { ...given, ...tells }).then(() => null, ({ name, code, message }) => ({ name, code, message }));
  }, given);

const told = (page) => page.evaluate(() => window.told);

test("an odd part of a payment is left out, and what it came to is shown and told", async () => {
  signer.confirm = () => signer.move({ status: "succeeded", failure: { code: "x" }, subject: 5, expires_at: 5, next_action: "none" });
  const page = await shop.page();
  await mountTold(page, options());
  await page.click(hook("pay"));
  await page.waitForSelector(`${hook("outcome")}[data-outcome="succeeded"]`);
  assert.deepEqual(await told(page), ["succeeded"]);
});

test("a payment without an amount cannot be shown, which is said, and what it came to is told all the same", async () => {
  signer.confirm = () => signer.move({ status: "succeeded", amount: undefined });
  const page = await shop.page();
  await mountTold(page, options());
  await page.click(hook("pay"));
  await page.waitForSelector(`${ROOT}[data-panel="trouble"]`);
  assert.deepEqual((await told(page)).at(-1), "succeeded");
});

test("what its author has to mend is said to the author, and puts no button before the payer", async () => {
  const page = await shop.page();
  const { signer: address, ...rest } = options();
  for (const [given, word] of [
    [rest, /"signer"/],
    [{ signer: address, payment_id: "pay_1", client_secret: SECRET }, /"paymentId"/],
    [options({ clientSecret: "" }), /"clientSecret"/],
  ]) {
    const { code, message } = await mountTold(page, given);
    assert.equal(code, "invalid_options");
    assert.match(message, word);
    assert.equal(await page.locator("#checkout > *").count(), 0);
  }
  const missing = await page.evaluate(async (options) => (await import("/checkout/index.js")).mount(null, options).catch(({ code }) => code), options());
  assert.equal(missing, "invalid_options");
  assert.equal(await mountTold(page, options({ signer: "pay.shop.example:8787" })), null);
  await page.waitForSelector(`${ROOT}[data-panel="trouble"]`);
  assert.deepEqual(await told(page), ["invalid_options"]);
  assert.equal(await page.locator(`${ROOT} button`).count(), 0);
});

test("a first look that takes its time is said to go on, and ends in words and a button", async () => {
  const page = await shop.page({ prepare: (page) => page.clock.install() });
  await page.route("**/v1/checkout/**", () => {});
  await mountTold(page, options());
  await page.clock.runFor(9_000);
  assert.match(await page.textContent(".countersign-trouble"), /Still checking/);
  await page.clock.runFor(60_000);
  await page.waitForSelector(hook("retry"));
  assert.deepEqual(await told(page), ["unreachable"]);
});

test("a signal that is aborted later takes the interface away", async () => {
  const page = await shop.page();
  await page.evaluate(async (options) => {
    const { mount } = await import("/checkout/index.js");
    window.giveUp = new AbortController();
    await mount(document.querySelector("#checkout"), { ...options, signal: window.giveUp.signal });
    window.giveUp.abort();
  }, options());
  assert.equal(await page.locator("#checkout > *").count(), 0);
});

test("a shop's own checkout.css does not pass for ours", async () => {
  const page = await shop.page();
  await page.evaluate(() => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: "/css/checkout-Bx12ab.css" });
    document.head.append(link);
  });
  await mount(page, options());
  assert.equal(await page.evaluate(() => document.adoptedStyleSheets.length), 1);
});
