/** Codes whose time runs out, and payments that take the place of another. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { openShop } from "./shop.js";
import { until } from "./page.js";
import { SECRET, startSigner } from "./signer.js";

let shop;
let signer;
let next;

before(async () => {
  shop = await openShop();
});
after(() => shop.close());
beforeEach(async () => {
  signer = await startSigner();
  next = await startSigner({ subject: "More tea" });
});
afterEach(() => {
  signer.close();
  next.close();
});

const hook = (name) => `[data-countersign="${name}"]`;
const ROOT = hook("root");
const at = (panel) => `${ROOT}[data-panel="${panel}"]`;

const code = (seconds) => ({ type: "qr_code", text: "https://qr.alipay.com/bax00", expires_at: new Date(Date.now() + seconds * 1000).toISOString() });

/** Mounts with a shop that gives out the payment at `next`; `answers` are what it says first: `"throw"` or `"nonsense"`. */
function mountRenewable(page, { answers = [], ...more } = {}) {
  const options = { signer: signer.url, paymentId: "pay_1", clientSecret: SECRET, ...more };
  const renewal = { signer: next.url, paymentId: "pay_1", clientSecret: SECRET };
  return page.evaluate(async ({ options, renewal, answers }) => {
    const { mount } = await import("/checkout/index.js");
    window.outcomes = [];
    window.renewals = 0;
    const renew = async () => {
      window.renewals += 1;
      await window.held;
      const answer = answers.shift();
      if (answer === "throw") throw new Error("the shop is closed");
      return answer === "nonsense" ? {} : renewal;
    };
    const onOutcome = ({ status }) => window.outcomes.push(status);
    window.mounted = await mount(document.querySelector("#checkout"), { ...options, renew, onOutcome });
  }, { options, renewal, answers });
}

test("a code is announced now and then, and covered when its time is up", async () => {
  signer.view.next_action = code(330);
  signer.view.status = "requires_action";
  const page = await shop.page({ prepare: (page) => page.clock.install() });
  await mountRenewable(page);
  await page.waitForSelector(`${hook("qr")} svg`);
  const said = () => page.textContent(".countersign-unseen");
  assert.equal(await said(), "", "not every second");
  await page.clock.runFor(35_000);
  assert.equal(await said(), "5 minutes left to pay");
  await page.clock.runFor(240_000);
  assert.equal(await said(), "1 minute left to pay");
  await page.clock.runFor(60_000);
  await page.waitForSelector(at("qr_over"));
  assert.match(await page.textContent(hook("status")), /This code has run out.*If you have paid/s);
  assert.equal(await page.locator(`${hook("qr")} .countersign-cover`).count(), 1);
  assert.deepEqual(await page.evaluate(() => window.outcomes), [], "it is no end");
  signer.move({ status: "succeeded", next_action: null });
  await page.waitForSelector(`${ROOT}[data-status="succeeded"]`);
});

test("a code over whose time is up can be asked about, and a new one is shown without another press", async () => {
  signer.view.next_action = code(3);
  signer.view.status = "requires_action";
  next.confirm = () => next.move({ status: "requires_action", next_action: { ...code(300), text: "https://qr.alipay.com/bax01" } });
  const page = await shop.page();
  await mountRenewable(page);
  const drawn = () => page.getAttribute(`${hook("qr")} path:last-child`, "d");
  await page.waitForSelector(at("qr"));
  const before = await drawn();
  await page.waitForSelector(at("qr_over"));
  const asked = signer.count(/GET/);
  await page.click(hook("check"));
  await until(() => signer.count(/GET/) > asked);
  assert.deepEqual(await page.evaluate(() => window.outcomes), [], "asking anew is no end");
  await page.click(hook("renew"));
  await page.waitForSelector(at("qr"));
  assert.notEqual(await drawn(), before);
  assert.equal(next.count(/POST .*confirm/), 1);
  await until(() => signer.waiting.size === 0);
  next.move({ status: "succeeded", next_action: null });
  await page.waitForSelector(`${ROOT}[data-status="succeeded"]`);
  assert.deepEqual(await page.evaluate(() => window.outcomes), ["succeeded"]);
});

test("a clock that is wrong hides no code", async () => {
  signer.view.next_action = code(-30);
  signer.view.status = "requires_action";
  const page = await shop.page();
  await mountRenewable(page);
  await page.waitForSelector(at("qr"));
  assert.equal(await page.locator(".countersign-countdown").isVisible(), false);
});

test("an expired payment gives way to another one, however often the button is pressed", async () => {
  signer.view.status = "expired";
  const page = await shop.page();
  await mountRenewable(page);
  await page.waitForSelector(hook("renew"));
  await page.$eval(hook("renew"), (button) => {
    button.click();
    button.click();
  });
  await page.waitForSelector(hook("pay"));
  assert.match(await page.textContent(ROOT), /More tea/);
  assert.equal(await page.evaluate(() => window.renewals), 1);
  assert.equal(next.count(/POST/), 0, "the payer confirms it");
  next.confirm = () => next.move({ status: "succeeded" });
  await page.click(hook("pay"));
  await page.waitForSelector(`${ROOT}[data-status="succeeded"]`);
});

test("a shop that does not give out another payment is asked again when the payer wants", async () => {
  signer.view.status = "canceled";
  const page = await shop.page();
  await mountRenewable(page, { answers: ["throw", "nonsense"] });
  for (let tries = 1; tries <= 2; tries += 1) {
    await page.click(hook("renew"));
    await page.waitForSelector(at("trouble"));
    assert.match(await page.textContent(hook("status")), /The new payment is not ready/);
  }
  await page.click(hook("renew"));
  await page.waitForSelector(hook("pay"));
  assert.equal(await page.evaluate(() => window.renewals), 3);
});

test("what was paid in the last moment is not replaced", async () => {
  signer.view.next_action = code(3);
  signer.view.status = "requires_action";
  const page = await shop.page();
  await page.evaluate(() => {
    window.held = new Promise((resolve) => (window.letGo = resolve));
  });
  await mountRenewable(page);
  await page.waitForSelector(at("qr_over"));
  await page.click(hook("renew"));
  await page.waitForFunction(() => window.renewals === 1);
  signer.move({ status: "succeeded", next_action: null });
  await page.waitForFunction(() => window.outcomes.length === 1);
  await page.evaluate(() => window.letGo());
  await page.waitForSelector(at("good"));
  assert.deepEqual(next.asked, []);
});

test("the secret of a dead link can be replaced", async () => {
  const page = await shop.page();
  await mountRenewable(page, { clientSecret: "cs_wrong" });
  await page.click(hook("renew"));
  await page.waitForSelector(hook("pay"));
  assert.deepEqual(await page.evaluate(() => window.outcomes), ["unauthorized"]);
});

test("unmounted while the shop is asked, nothing comes back", async () => {
  signer.view.status = "expired";
  const page = await shop.page();
  await page.evaluate(() => {
    window.held = new Promise((resolve) => (window.letGo = resolve));
  });
  await mountRenewable(page);
  await page.click(hook("renew"));
  await page.evaluate(() => {
    window.mounted.unmount();
    window.letGo();
  });
  await page.waitForFunction(() => window.renewals === 1);
  assert.equal(await page.locator("#checkout > *").count(), 0);
  assert.deepEqual(next.asked, []);
});

test("a payment that moves while the shop is asked for another one is kept", async () => {
  signer.view.next_action = code(2);
  signer.view.status = "requires_action";
  const page = await shop.page();
  await page.evaluate(() => void (window.held = new Promise((resolve) => (window.release = resolve))));
  await mountRenewable(page);
  await page.waitForSelector(at("qr_over"));
  await page.click(hook("renew"));
  await page.waitForFunction(() => window.renewals === 1);
  await until(() => signer.waiting.size === 1);
  signer.move({ status: "processing", next_action: null });
  await page.waitForSelector(`${ROOT}[data-status="processing"]`);
  assert.match(await page.textContent(hook("status")), /do not pay again/);
  await page.evaluate(() => window.release());
  signer.move({ status: "succeeded" });
  await page.waitForSelector(`${hook("outcome")}[data-outcome="succeeded"]`);
  assert.equal(next.asked.length, 0, "nothing was asked of another payment");
  assert.deepEqual(await page.evaluate(() => window.outcomes), ["succeeded"]);
});

test("a shop that gives out nothing hides no payment, and is not waited for without end", async () => {
  signer.view.status = "expired";
  const page = await shop.page({ prepare: (page) => page.clock.install() });
  await page.evaluate(() => void (window.held = new Promise(() => {})));
  await mountRenewable(page);
  await page.click(hook("renew"));
  await page.clock.runFor(61_000);
  await page.waitForSelector(hook("renew"));
  assert.match(await page.textContent(hook("status")), /new payment/i);
});
