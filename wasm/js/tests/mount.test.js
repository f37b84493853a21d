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
const status = (page) => page.getAttribute(hook("root"), "data-status");
const text = (page, name) => page.textContent(hook(name));

const soon = () => new Date(Date.now() + 90_000).toISOString();
const QR = () => ({ type: "qr_code", text: "https://qr.alipay.com/bax00", expires_at: soon() });
const CONSENT = (redirect_uri) => ({ type: "dotwallet_set_pay_config", page_url: `${shop.url}/wallet`, app_id: "a1", redirect_uri });
const REFUSED = { code: "consent_missing", gateway_code: "10041", message: { en: "Balance too low.", zh: "余额不足。" }, class: "reauthorize" };

test("pays by a code under a strict policy, with nothing refused by it", async () => {
  signer.confirm = () => signer.move({ status: "requires_action", next_action: QR() });
  const page = await shop.page();
  await mount(page, options());
  assert.equal(await text(page, "pay"), "Pay CN¥10.00");
  await page.click(hook("pay"));
  const svg = page.locator(`${hook("qr")} svg`);
  await svg.waitFor();
  assert.equal(await svg.getAttribute("aria-label"), "QR code to pay CN¥10.00 with Alipay");
  assert.match(await page.textContent('[role="timer"]'), /^Time left: 1:\d\d$/);
  assert.equal(await status(page), "requires_action");
  signer.move({ status: "succeeded", next_action: null });
  await page.waitForSelector(`${hook("root")}[data-status="succeeded"]`);
  assert.match(await text(page, "outcome"), /Paid.*CN¥10\.00 was paid/s);
  assert.deepEqual(await page.evaluate(() => window.outcomes), ["succeeded"]);
  assert.deepEqual(page.refused, []);
  const styled = await page.evaluate(() => getComputedStyle(document.querySelector(".countersign")).borderRadius);
  assert.equal(styled, "14px", "the style sheet came with it");
});

test("speaks Chinese, and changes the language in the middle", async () => {
  const page = await shop.page();
  await mount(page, options({ locale: "zh-CN" }));
  assert.equal(await text(page, "pay"), "支付 ¥10.00");
  assert.equal(await page.getAttribute(hook("root"), "lang"), "zh-CN");
  await page.evaluate(() => window.mounted.setLocale("en"));
  assert.equal(await text(page, "pay"), "Pay CN¥10.00");
});

test("can be used by keyboard alone, and the focus is not lost with a button", async () => {
  signer.confirm = () => new Promise((resolve) => setImmediate(resolve)).then(() => signer.move({ status: "failed", failure: { ...REFUSED, class: "payer" } }));
  const page = await shop.page();
  await mount(page, options());
  await page.waitForSelector(hook("pay"));
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.countersign), "pay");
  await page.keyboard.press("Enter");
  await page.waitForSelector(hook("retry"));
  assert.ok(await page.evaluate(() => document.querySelector(".countersign").contains(document.activeElement)));
  assert.match(await text(page, "outcome"), /Balance too low\..*No money was taken\./s);
  assert.equal(await page.getAttribute(hook("status"), "aria-live"), "polite");
});

test("a refused payment can be tried again", async () => {
  signer.confirm = () => signer.move({ status: "failed", failure: { ...REFUSED, class: "retry" } });
  const page = await shop.page();
  await mount(page, options());
  await page.click(hook("pay"));
  await page.waitForSelector(hook("retry"));
  signer.confirm = () => signer.move({ status: "succeeded", failure: null });
  await page.click(hook("retry"));
  await page.waitForSelector(`${hook("root")}[data-status="succeeded"]`);
  assert.deepEqual(await page.evaluate(() => window.outcomes), ["failed", "succeeded"]);
});

test("is taken up after a redirect, on a page that knows nothing of the payment", async () => {
  signer.confirm = () => signer.move({ status: "requires_action", next_action: { type: "redirect", purpose: "pay", url: `${shop.url}/gateway` } });
  const page = await shop.page();
  await mount(page, options({ locale: "zh-CN" }));
  await page.click(hook("pay"));
  await page.waitForURL(`${shop.url}/gateway`);
  await page.goto(`${shop.url}/done`);
  signer.returned = () => signer.move({ status: "processing", next_action: null });
  await mount(page, { resume: true });
  await page.waitForSelector(`${hook("root")}[data-status="processing"]`);
  signer.move({ status: "succeeded" });
  await page.waitForSelector(`${hook("root")}[data-status="succeeded"]`);
  assert.match(await text(page, "outcome"), /支付成功/, "in the language the payer left in");
  assert.ok(signer.asked.every(({ path }) => !path.includes(SECRET)));
  assert.ok(!page.url().includes(SECRET));
});

test("the back button finds the page as it was left, and it follows on", async () => {
  signer.confirm = () => signer.move({ status: "requires_action", next_action: { type: "redirect", purpose: "pay", url: `${shop.url}/gateway` } });
  const page = await shop.page();
  await mount(page, options());
  await page.click(hook("pay"));
  await page.waitForURL(`${shop.url}/gateway`);
  await page.goBack();
  if (await page.locator(hook("root")).count() === 0) {
    // Not every browser keeps every page; then the shop mounts again, as on any load.
    await mount(page, options());
  }
  await until(() => signer.count(/POST .*returned/) === 1);
  await page.waitForSelector(hook("continue"));
  signer.move({ status: "succeeded", next_action: null });
  await page.waitForSelector(`${hook("root")}[data-status="succeeded"]`);
});

test("asks before it sends the payer away for consent, and shows the reason when it was not given", async () => {
  signer = Object.assign(signer, { view: { ...signer.view, method: { type: "dotwallet_autopay" }, amount: { value: 546, currency: "BSV" } } });
  signer.confirm = () => signer.move({ status: "requires_action", next_action: CONSENT(`${shop.url}/done`), failure: REFUSED });
  const page = await shop.page();
  await mount(page, options());
  assert.equal(await text(page, "pay"), "Pay 0.00000546 BSV");
  await page.click(hook("pay"));
  await page.click(hook("consent"));
  await page.waitForURL(/\/wallet\?app_id=a1&redirect_uri=/);
  await page.goto(`${shop.url}/done`);
  await mount(page, { resume: true });
  await page.waitForSelector(`${hook("outcome")}[data-outcome="failed"]`);
  assert.match(await text(page, "outcome"), /Balance too low\./);
  assert.equal(signer.count(/confirm/), 2, "once before and once after, and no more");
  await page.click(hook("consent"));
  await page.waitForURL(/\/wallet\?app_id=a1/);
});

test("confirms by itself when asked to", async () => {
  signer.confirm = () => signer.move({ status: "succeeded" });
  const page = await shop.page();
  await mount(page, options({ autoConfirm: true }));
  await page.waitForSelector(`${hook("root")}[data-status="succeeded"]`);
});

test("a page loaded again in the middle shows the code again", async () => {
  signer.move({ status: "requires_action", next_action: QR() });
  const page = await shop.page();
  await mount(page, options());
  await page.waitForSelector(`${hook("qr")} svg`);
  assert.equal(signer.count(/confirm/), 0);
});

test("a code that was shown is found again by a page that knows nothing of the payment", async () => {
  signer.confirm = () => signer.move({ status: "requires_action", next_action: QR() });
  const page = await shop.page();
  await mount(page, options());
  await page.click(hook("pay"));
  const drawn = () => page.getAttribute(`${hook("qr")} path:last-child`, "d");
  await page.waitForSelector(`${hook("qr")} svg`);
  const before = await drawn();
  await page.goto(`${shop.url}/elsewhere`);
  await page.goBack();
  if (await page.locator(hook("root")).count() === 0) await mount(page, { resume: true });
  await page.waitForSelector(`${hook("qr")} svg`);
  assert.equal(await drawn(), before);
  await page.reload();
  await mount(page, { resume: true });
  await page.waitForSelector(`${hook("qr")} svg`);
  assert.match(await page.textContent('[role="timer"]'), /^Time left: 1:\d\d$/);
  assert.equal(signer.count(/confirm/), 1);
  signer.move({ status: "succeeded", next_action: null });
  await page.waitForSelector(`${hook("root")}[data-status="succeeded"]`);
});

test("too low a balance is said with the way to raise it, and a refusal there ends in a button", async () => {
  signer.view.method = { type: "dotwallet_autopay" };
  const failure = { ...REFUSED, code: "insufficient_funds" };
  signer.confirm = () => signer.move({ status: "requires_action", next_action: CONSENT(`${shop.url}/done`), failure });
  const page = await shop.page();
  await mount(page, options());
  await page.click(hook("pay"));
  await page.waitForSelector(hook("consent"));
  assert.match(await text(page, "status"), /DotWallet cannot pay this yet.*Balance too low\..*Top up your balance or raise your limits/s);
  assert.equal(await text(page, "consent"), "Top up or raise limits in DotWallet");
  await page.click(hook("consent"));
  await page.waitForURL(/\/wallet/);
  await page.goto(`${shop.url}/done`);
  await mount(page, { resume: true });
  await page.waitForSelector(`${hook("outcome")}[data-outcome="failed"]`);
  assert.equal(await text(page, "consent"), "Top up or raise limits in DotWallet");
  assert.equal(page.url().split("?")[0], `${shop.url}/done`);
});

test("a payment that is still to be submitted when the payer is back can be paid there", async () => {
  signer.confirm = () => signer.move({ status: "requires_action", next_action: { type: "redirect", purpose: "pay", url: `${shop.url}/gateway` } });
  const page = await shop.page();
  await mount(page, options());
  await page.click(hook("pay"));
  await page.waitForURL(`${shop.url}/gateway`);
  await page.goto(`${shop.url}/done`);
  signer.returned = () => signer.move({ status: "created", next_action: null });
  signer.confirm = () => signer.move({ status: "succeeded", next_action: null });
  await mount(page, { resume: true });
  await page.click(hook("pay"));
  await page.waitForSelector(`${hook("root")}[data-status="succeeded"]`);
  assert.deepEqual(await page.evaluate(() => window.outcomes), ["succeeded"]);
});

test("a dead link says so and offers no button", async () => {
  const page = await shop.page();
  await mount(page, options({ clientSecret: "cs_wrong" }));
  await page.waitForSelector(`${hook("root")}[data-status="error"]`);
  assert.match(await text(page, "outcome"), /no longer valid/);
  assert.deepEqual(await page.evaluate(() => window.outcomes), ["unauthorized"]);
  assert.equal(await page.locator("button").count(), 0);
});

test("a page with nothing to take up says so to the shop", async () => {
  const page = await shop.page();
  await assert.rejects(mount(page, { resume: true }), /not sent away/);
  assert.equal(await page.locator(hook("root")).count(), 0);
});

test("a payer whose page forbids WebAssembly is told, not left with an empty page", async () => {
  const page = await shop.page({ policy: "script-src 'self'; style-src 'self'; connect-src *" });
  await assert.rejects(mount(page, options()), /wasm-unsafe-eval/);
  assert.match(await page.textContent('[role="alert"]'), /could not be loaded/);
});

test("what the shop's own functions throw does not disturb the payer", async () => {
  signer.confirm = () => signer.move({ status: "succeeded" });
  const page = await shop.page();
  await page.evaluate(async (options) => {
    const { mount } = await import("/checkout/index.js");
    const mine = () => {
      throw new Error("mine");
    };
    await mount(document.querySelector("#checkout"), { ...options, onChange: mine, onOutcome: mine });
  }, options());
  await page.click(hook("pay"));
  await page.waitForSelector(`${hook("outcome")}[data-outcome="succeeded"]`);
});

test("unmounting removes everything and stops asking", async () => {
  signer.move({ status: "processing" });
  const page = await shop.page();
  await mount(page, options());
  await until(() => signer.waiting.size === 1);
  await page.evaluate(() => window.mounted.unmount());
  assert.equal(await page.locator(hook("root")).count(), 0);
  await until(() => signer.waiting.size === 0);
});

test("a policy without wasm-unsafe-eval is named in the error", async () => {
  const page = await shop.page({ policy: "script-src 'self'; connect-src *" });
  const error = await page.evaluate(async () => {
    const { load } = await import("/checkout/index.js");
    return load().then(() => null, ({ code, message }) => ({ code, message }));
  });
  assert.equal(error.code, "wasm_blocked");
  assert.match(error.message, /wasm-unsafe-eval/);
});

test("a code is an image of its own, drawn here", async () => {
  const page = await shop.page();
  const svg = await page.evaluate(async () => (await import("/checkout/index.js")).qrSvg("https://qr.alipay.com/bax00"));
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 37 37"/);
  assert.ok(!svg.includes("style"));
});

test("motion stops for those who asked for less of it", async () => {
  signer.move({ status: "processing" });
  const page = await shop.page({ reducedMotion: "reduce" });
  await mount(page, options());
  await page.waitForSelector(".countersign-spinner");
  const animation = () => page.$eval(".countersign-spinner", (spinner) => getComputedStyle(spinner).animationName);
  assert.equal(await animation(), "none");
  await page.emulateMedia({ reducedMotion: "no-preference" });
  assert.equal(await animation(), "countersign-turn");
});
