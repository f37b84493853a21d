/** The interface inside WeChat and outside it: its bridge, the Hong Kong wallet, and the way from one place to the other. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { PHONE, WECHAT, mount, openShop, putBridge } from "./shop.js";
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

const PAYLOAD = { appId: "wx1", timeStamp: "1704067200", nonceStr: "n1", package: "prepay_id=1", signType: "MD5", paySign: "AB" };
const CONFIG = { beta: true, appId: "wx1", timestamp: 1704067200, nonceStr: "n2", signature: "s", jsApiList: ["getH5PrepayRequest"] };

const options = (more) => ({ signer: signer.url, paymentId: "pay_1", clientSecret: SECRET, ...more });
const hook = (name) => `[data-countersign="${name}"]`;
const text = (page, name) => page.textContent(hook(name));
const told = () => signer.asked.filter(({ path }) => path.endsWith("/returned")).map(({ body }) => JSON.parse(body).result);
const calls = (page) => page.evaluate(() => window.wallet.calls.map(({ name, parameters }) => ({ name, parameters })));
const says = (page, nth, message) => page.evaluate(([nth, message]) => window.wallet.says(nth, message), [nth, message]);
const called = (page, times) => page.waitForFunction((times) => window.wallet.calls.length === times, times);
const paid = (page) => page.waitForSelector(`${hook("root")}[data-status="succeeded"]`);

function jsapi(next_action = { type: "wechat_jsapi", payload: PAYLOAD }, method = "blueocean_wechat_jsapi") {
  signer.view.method = { type: method };
  signer.confirm = () => signer.view.status === "created" && signer.move({ status: "requires_action", next_action });
}

const inWechat = (more) => shop.page({ userAgent: WECHAT, prepare: putBridge, ...more });

test("pays through WeChat's bridge under a strict policy, and believes only the signer", async () => {
  jsapi();
  const page = await inWechat();
  await mount(page, options());
  await page.click(hook("pay"));
  await called(page, 1);
  assert.deepEqual(await calls(page), [{ name: "getBrandWCPayRequest", parameters: PAYLOAD }]);
  assert.match(await text(page, "status"), /Confirm the payment in WeChat Pay/);
  await says(page, 0, "get_brand_wcpay_request:ok");
  await until(() => told().length === 1);
  await page.waitForFunction(() => /Waiting for confirmation/.test(document.querySelector('[data-countersign="status"]').textContent));
  assert.deepEqual(await page.evaluate(() => window.outcomes), []);
  signer.move({ status: "succeeded", next_action: null });
  await paid(page);
  assert.deepEqual(told(), ["ok"]);
  assert.deepEqual(page.refused, []);
  assert.equal(JSON.parse(signer.asked.find(({ path }) => path.endsWith("/confirm")).body).environment, "wechat");
});

test("waits for a bridge that comes late", async () => {
  jsapi();
  const page = await inWechat({ prepare: (page) => putBridge(page, { late: true }) });
  await mount(page, options());
  await page.click(hook("pay"));
  await page.waitForSelector(`${hook("root")}[data-status="requires_action"]`);
  await page.evaluate(() => window.appear());
  await called(page, 1);
});

test("after a cancel the same payload is given once more, and an ok of the first call still counts", async () => {
  jsapi();
  const page = await inWechat();
  await mount(page, options());
  await page.click(hook("pay"));
  await called(page, 1);
  await says(page, 0, "get_brand_wcpay_request:cancel");
  await page.waitForSelector(hook("continue"));
  assert.match(await text(page, "status"), /You left WeChat Pay.*If you have paid/s);
  await page.click(hook("continue"));
  await called(page, 2);
  assert.deepEqual((await calls(page))[1].parameters, PAYLOAD);
  await says(page, 0, "get_brand_wcpay_request:ok");
  await until(() => told().length === 2);
  assert.deepEqual(told(), ["cancel", "ok"]);
  assert.equal(signer.count(/confirm/), 1);
  signer.move({ status: "succeeded", next_action: null });
  await paid(page);
});

test("a wallet that never calls back is found out by watching", async () => {
  jsapi();
  const page = await inWechat();
  await mount(page, options());
  await page.click(hook("pay"));
  await called(page, 1);
  signer.move({ status: "succeeded", next_action: null });
  await paid(page);
  assert.deepEqual(told(), []);
});

test("a page loaded again in the middle opens no wallet by itself, and one at a press", async () => {
  jsapi();
  const page = await inWechat();
  await mount(page, options());
  await page.click(hook("pay"));
  await called(page, 1);
  await page.reload();
  await mount(page, { resume: true });
  await page.waitForSelector(hook("continue"));
  assert.deepEqual([await text(page, "continue"), (await calls(page)).length], ["Open WeChat Pay", 0]);
  await page.click(hook("continue"));
  await called(page, 1);
});

test("configures the Hong Kong wallet through WeChat's script, and tells the signer which page it is", async () => {
  jsapi({ type: "wechat_hk_jsapi", payload: PAYLOAD, config: CONFIG }, "blueocean_wechat_hk_jsapi");
  const page = await inWechat();
  await page.goto(`${shop.url}/buy?tea=1#payment`);
  await mount(page, options({ jweixinUrl: "/jweixin.js" }));
  await page.click(hook("pay"));
  await called(page, 1);
  assert.deepEqual(await calls(page), [{ name: "getH5PrepayRequest", parameters: PAYLOAD }]);
  assert.deepEqual(await page.evaluate(() => window.wallet.configs), [CONFIG]);
  const confirm = signer.asked.find(({ path }) => path.endsWith("/confirm"));
  assert.equal(confirm.referer, `${shop.url}/buy?tea=1`);
  assert.ok(signer.asked.filter((asked) => asked !== confirm).every(({ referer }) => referer !== confirm.referer));
  await says(page, 0, "");
  await until(() => told().length === 1);
  assert.deepEqual(told(), ["unknown"]);
  signer.move({ status: "succeeded", next_action: null });
  await paid(page);
});

test("without WeChat's script the payer is told that nothing opened, and may try again", async () => {
  jsapi({ type: "wechat_hk_jsapi", payload: PAYLOAD, config: CONFIG }, "blueocean_wechat_hk_jsapi");
  const page = await inWechat();
  await mount(page, options());
  await page.click(hook("pay"));
  await page.waitForSelector(`${hook("outcome")}[data-outcome="unsupported"]`);
  assert.match(await text(page, "outcome"), /WeChat Pay did not open.*try again/s);
  await page.addScriptTag({ url: "/jweixin.js" });
  await page.click(hook("retry"));
  await called(page, 1);
  signer.move({ status: "succeeded", next_action: null });
  await paid(page);
});

test("inside WeChat an H5 payment is shown the way to the browser, before anything is submitted", async () => {
  signer.view.method = { type: "jubao_wechat_h5" };
  const page = await shop.page({ userAgent: WECHAT, permissions: ["clipboard-read", "clipboard-write"] });
  await mount(page, options({ autoConfirm: true, pageUrl: "https://shop.example/orders/7" }));
  await page.waitForSelector('[data-panel="elsewhere"]');
  assert.match(await text(page, "status"), /Open this page in your browser.*Tap ··· in the top right corner/s);
  assert.equal(await page.inputValue(hook("address")), "https://shop.example/orders/7");
  assert.equal(await page.locator(`${hook("pay")}, ${hook("page")}`).count(), 0);
  await page.click(hook("copy"));
  await page.waitForFunction(() => document.querySelector('[data-countersign="copy"]').textContent === "Copied");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "https://shop.example/orders/7");
  assert.equal(signer.count(/confirm/), 0);
  signer.move({ status: "succeeded" });
  await paid(page);
  assert.deepEqual(page.refused, []);
});

test("outside WeChat its own payment is shown the way in: a code on a computer, an address on a phone", async () => {
  signer.view.method = { type: "blueocean_wechat_jsapi" };
  const desktop = await shop.page();
  await mount(desktop, options());
  await desktop.waitForSelector(`${hook("page")} svg`);
  assert.match(await text(desktop, "status"), /Open this page in WeChat/);
  assert.equal(await desktop.inputValue(hook("address")), desktop.url());
  const phone = await shop.page({ userAgent: PHONE });
  await mount(phone, options({ locale: "zh-CN" }));
  await phone.waitForSelector(hook("address"));
  assert.match(await text(phone, "status"), /请在微信中打开本页/);
  assert.equal(await phone.locator(hook("page")).count(), 0);
  assert.equal(signer.count(/confirm/), 0);
});

test("the signer's own ruling ends in that hint and not in an error", async () => {
  signer.view.method = { type: "jubao_channel" };
  const page = await shop.page({ userAgent: WECHAT });
  await mount(page, options());
  await page.waitForSelector(hook("pay"));
  signer.faults = [{ status: 422, body: { code: "invalid_request", errors: [{ field: "environment", code: "unsuitable", detail: "" }] } }];
  await page.click(hook("pay"));
  await page.waitForSelector('[data-panel="elsewhere"]');
  assert.deepEqual(await page.evaluate(() => window.outcomes), ["wrong_environment"]);
  signer.move({ status: "succeeded" });
  await paid(page);
  assert.deepEqual(await page.evaluate(() => window.outcomes), ["wrong_environment", "succeeded"]);
});

test("in a mini program the payer is sent back to it, and its shell is given the payload", async () => {
  jsapi();
  const page = await inWechat({ userAgent: `${WECHAT} miniProgram/wx0000000000000001` });
  await mount(page, options());
  await page.click(hook("pay"));
  await page.waitForSelector(`${hook("outcome")}[data-outcome="unsupported"]`);
  assert.match(await text(page, "outcome"), /Continue in the mini program/);
  assert.equal((await calls(page)).length, 0);
});

test("a payment for the shop's own app is explained in both languages, and watched at a press", async () => {
  const next_action = { type: "native_app", platform: "wechat", payload: { prepayid: "1" } };
  signer.view.method = { type: "blueocean_wechat_app" };
  signer.confirm = () => signer.move({ status: "requires_action", next_action });
  const page = await shop.page({ userAgent: PHONE });
  await mount(page, options());
  await page.click(hook("pay"));
  await page.waitForSelector(`${hook("outcome")}[data-outcome="unsupported"]`);
  assert.match(await text(page, "outcome"), /Pay in the shop's own app.*a web page cannot do/s);
  await page.evaluate(() => window.mounted.setLocale("zh-CN"));
  assert.match(await text(page, "outcome"), /请在商家App中支付/);
  await page.click(hook("retry"));
  signer.move({ status: "succeeded", next_action: null });
  await paid(page);
});

test("what the till scans is watched, with nothing to press", async () => {
  signer.view.method = { type: "blueocean_micropay" };
  const page = await shop.page({ userAgent: PHONE });
  await mount(page, options({ autoConfirm: true }));
  await page.waitForSelector('[data-panel="till"]');
  assert.equal(await page.locator("button").count(), 0);
  signer.move({ status: "processing" });
  await page.waitForSelector(`${hook("root")}[data-status="processing"]`);
  signer.move({ status: "succeeded" });
  await paid(page);
  assert.equal(signer.count(/confirm/), 0);
});

test("being offline is told at once, and being back asks at once", async () => {
  signer.move({ status: "processing" });
  const page = await shop.page();
  await mount(page, options());
  await until(() => signer.waiting.size === 1);
  await page.context().setOffline(true);
  await page.waitForFunction(() => /You are offline/.test(document.querySelector('[data-countersign="status"]').textContent));
  signer.move({ status: "succeeded" });
  await page.context().setOffline(false);
  await paid(page);
});
