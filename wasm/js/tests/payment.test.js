import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import * as checkout from "../../dist/index.js";
import { coreModule, standIn, until } from "./page.js";
import { SECRET, startSigner } from "./signer.js";

let page;
let signer;

before(async () => {
  await checkout.load({ wasmUrl: coreModule() });
});
beforeEach(async () => {
  page = standIn();
  signer = await startSigner();
});
afterEach(() => signer.close());
after(() => {
  delete globalThis.location;
  delete globalThis.sessionStorage;
});

const open = (more) => checkout.open({ signer: signer.url, paymentId: "pay_1", clientSecret: SECRET, ...more });

const QR = { type: "qr_code", text: "https://qr.alipay.com/bax00", expires_at: "2026-11-22T01:00:00Z" };
const REDIRECT = { type: "redirect", purpose: "pay", url: "https://gateway.example/pay?x=%3D" };
const CONSENT = {
  type: "dotwallet_set_pay_config",
  page_url: "https://wallet.example/openapi/set_pay_config",
  app_id: "0123456789abcdef0123456789abcdef",
  redirect_uri: "https://shop.example/done?a=1",
};
const REFUSED = {
  code: "consent_missing",
  gateway_code: "10041",
  message: { en: "Not allowed.", zh: "未授权。" },
  class: "reauthorize",
};

test("confirms, shows a code, and ends when it is paid", async () => {
  signer.confirm = () => signer.move({ status: "requires_action", next_action: QR });
  const payment = await open();
  assert.equal(payment.view.status, "created");
  const steps = [];
  const off = payment.on("change", (view, { step }) => steps.push(`${step} ${view.status}`));
  const ended = payment.confirm();
  await until(() => signer.waiting.size === 1);
  assert.deepEqual(payment.view.next_action, QR);
  signer.move({ status: "succeeded", next_action: null });
  const outcome = await ended;
  assert.equal(outcome.status, "succeeded");
  assert.equal(outcome.view.revision, 3);
  assert.equal("failure" in outcome, false);
  assert.deepEqual(steps, ["confirming created", "following requires_action", "closed succeeded"]);
  off();
  assert.deepEqual(JSON.parse(signer.asked[1].body), { environment: "desktop" });
});

test("the client secret travels in the header only", async () => {
  const payment = await open();
  signer.confirm = () => signer.move({ status: "succeeded" });
  await payment.confirm();
  assert.ok(signer.asked.every(({ path, body }) => !path.includes(SECRET) && !body.includes(SECRET)));
});

test("two presses and a follower share one submission and one end", async () => {
  signer.confirm = () => signer.move({ status: "succeeded" });
  const payment = await open();
  const ends = await Promise.all([payment.confirm(), payment.confirm(), payment.follow()]);
  assert.deepEqual(ends.map(({ status }) => status), ["succeeded", "succeeded", "succeeded"]);
  assert.equal(signer.count(/confirm/), 1);
});

test("a wrong secret rejects the opening", async () => {
  await assert.rejects(open({ clientSecret: "cs_wrong" }), { name: "CheckoutError", code: "unauthorized" });
});

test("a secret that stops working in the middle is an outcome", async () => {
  const payment = await open();
  signer.faults = [{ status: 401, body: { code: "unauthorized" } }];
  assert.equal((await payment.confirm()).status, "unauthorized");
});

test("missing options are named", async () => {
  await assert.rejects(checkout.open({ signer: "https://pay.example", paymentId: "pay_1" }), /clientSecret/);
  await assert.rejects(checkout.open(), { code: "invalid_options" });
});

test("a lost confirmation is repeated, and the trouble shows meanwhile", async () => {
  signer.confirm = () => signer.move({ status: "succeeded" });
  const payment = await open();
  const connected = [];
  payment.on("change", (_, state) => connected.push(state.connected));
  signer.faults = ["drop"];
  assert.equal((await payment.confirm()).status, "succeeded");
  assert.equal(signer.count(/confirm/), 2);
  assert.deepEqual(connected, [true, false, true]);
});

test("no error is ever a success", async () => {
  const answers = [
    "drop",
    { status: 500, body: "" },
    { status: 200, body: "<html>Please log in to the wireless network</html>" },
    { status: 200, body: { status: "succeeded", revision: 99 } },
    { status: 200, body: { id: "pay_other", status: "succeeded", revision: 99 } },
  ];
  for (const answer of answers) {
    const payment = await open();
    signer.faults = [answer];
    const ended = payment.confirm();
    await until(() => !payment.connected);
    assert.deepEqual([payment.step, payment.view.status], ["confirming", "created"]);
    payment.abort();
    assert.equal((await ended).status, "aborted");
  }
});

test("an unknown status is followed", async () => {
  signer.confirm = () => signer.move({ status: "paid_in_a_later_version" });
  const payment = await open();
  const ended = payment.confirm();
  await until(() => signer.waiting.size === 1);
  signer.move({ status: "failed", failure: REFUSED });
  const outcome = await ended;
  assert.equal(outcome.status, "failed");
  assert.deepEqual(outcome.failure, REFUSED);
});

test("a refusal that cannot pass rejects with the signer's code", async () => {
  const payment = await open();
  signer.faults = [{ status: 422, body: { code: "invalid_request" } }];
  await assert.rejects(payment.confirm(), { name: "CheckoutError", code: "invalid_request" });
  assert.equal(payment.step, "ready");
});

test("aborting ends the request under way", async () => {
  const payment = await open();
  const ended = payment.follow();
  await until(() => signer.waiting.size === 1);
  payment.abort();
  assert.equal((await ended).status, "aborted");
  await until(() => signer.waiting.size === 0);
});

test("a signal that was aborted before is honoured", async () => {
  await assert.rejects(open({ signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("what this page cannot perform is unsupported, and can be followed all the same", async () => {
  signer.confirm = () => signer.move({ status: "requires_action", next_action: { type: "native_app", platform: "wechat", payload: "x" } });
  const payment = await open();
  assert.equal((await payment.confirm()).status, "unsupported");
  const ended = payment.follow();
  signer.move({ status: "expired", next_action: null });
  assert.equal((await ended).status, "expired");
});

test("leaves for the gateway, verbatim, and is taken up when the payer is back", async () => {
  signer.confirm = () => signer.move({ status: "requires_action", next_action: REDIRECT });
  const payment = await open({ locale: "zh-CN" });
  assert.equal(checkout.resumable(), null);
  assert.equal((await payment.confirm()).status, "redirecting");
  assert.deepEqual(page.went, [REDIRECT.url]);
  assert.deepEqual(checkout.resumable(), { signer: signer.url, paymentId: "pay_1" });

  signer.returned = () => signer.move({ status: "processing", next_action: null });
  const back = await checkout.resume();
  assert.equal(back.view.status, "processing");
  assert.equal(back.locale, "zh-CN");
  assert.deepEqual(JSON.parse(signer.asked.at(-1).body || signer.asked.at(-2).body), { result: "unknown" });
  const ended = back.follow();
  signer.move({ status: "succeeded" });
  assert.equal((await ended).status, "succeeded");
  assert.equal(checkout.resumable(), null);
  assert.equal(await checkout.resume(), null);
});

test("back from consent it submits once more, and stops with the reason when refused again", async () => {
  signer.confirm = () => signer.move({ status: "requires_action", next_action: CONSENT, failure: REFUSED });
  const payment = await open();
  await payment.confirm();
  const there = new URL(page.went[0]);
  assert.equal(there.searchParams.get("app_id"), CONSENT.app_id);
  assert.equal(there.searchParams.get("redirect_uri"), CONSENT.redirect_uri);

  const back = await checkout.resume();
  const outcome = await back.follow();
  assert.equal(outcome.status, "failed");
  assert.equal(outcome.failure.message.en, "Not allowed.");
  assert.equal(outcome.view.status, "requires_action");
  assert.equal(signer.count(/confirm/), 2);
  assert.equal(page.went.length, 1);
  assert.equal(checkout.resumable(), null);
});

test("consent can be held until the payer agrees", async () => {
  signer.confirm = () => signer.move({ status: "requires_action", next_action: CONSENT });
  const payment = await open();
  const ended = payment.confirm({ holdConsent: true });
  await until(() => payment.step === "consent");
  assert.deepEqual(page.went, []);
  payment.proceed();
  assert.equal((await ended).status, "redirecting");
  assert.equal(page.went.length, 1);
});

test("a code is found again by the next page of this tab", async () => {
  signer.confirm = () => signer.move({ status: "requires_action", next_action: QR });
  const payment = await open();
  payment.confirm();
  await until(() => signer.waiting.size === 1);
  payment.abort();
  assert.deepEqual(checkout.resumable(), { signer: signer.url, paymentId: "pay_1" });
  const again = await checkout.resume();
  assert.deepEqual(again.view.next_action, QR);
  const ended = again.follow();
  signer.move({ status: "succeeded", next_action: null });
  assert.equal((await ended).status, "succeeded");
  assert.equal(checkout.resumable(), null);
});

test("after the login the payer is taken on to the gateway without pressing again, and from there only back", async () => {
  const login = { ...REDIRECT, purpose: "login", url: "https://gateway.example/login" };
  signer.confirm = () => signer.move({ status: "requires_action", next_action: login });
  await (await open()).confirm();
  assert.deepEqual(page.went, [login.url]);

  signer.confirm = () => signer.move({ status: "requires_action", next_action: REDIRECT });
  const back = await checkout.resume();
  await until(() => page.went.length === 2);
  assert.equal(page.went[1], REDIRECT.url);
  back.abort();

  const again = await checkout.resume();
  const ended = again.follow();
  await until(() => signer.waiting.size === 1);
  assert.equal(page.went.length, 2);
  signer.move({ status: "succeeded", next_action: null });
  assert.equal((await ended).status, "succeeded");
});

test("a login that was refused ends with the reason instead of a loop", async () => {
  const login = { ...REDIRECT, purpose: "login" };
  signer.confirm = () => signer.move({ status: "requires_action", next_action: login });
  await (await open()).confirm();
  const outcome = await (await checkout.resume()).follow();
  assert.deepEqual([outcome.status, outcome.view.status], ["failed", "requires_action"]);
  assert.equal(page.went.length, 1);
});

test("what does not work here is not submitted, and the outcome says where it does", async () => {
  signer.view.method = { type: "blueocean_wechat_jsapi" };
  const payment = await open();
  const outcome = await payment.confirm();
  assert.deepEqual([outcome.status, outcome.openIn], ["wrong_environment", "wechat"]);
  assert.equal(signer.count(/confirm/), 0);
  const ended = payment.follow();
  await until(() => signer.waiting.size === 1);
  signer.move({ status: "succeeded" });
  assert.equal((await ended).status, "succeeded");
});

test("the signer's own ruling on the environment is the same outcome and no error", async () => {
  const payment = await open();
  signer.faults = [{ status: 422, body: { code: "invalid_request", errors: [{ field: "environment", code: "unsuitable", detail: "…" }] } }];
  const outcome = await payment.confirm();
  assert.deepEqual([outcome.status, outcome.openIn, payment.step], ["wrong_environment", "browser", "ready"]);
});

test("what the till submits is followed and not submitted", async () => {
  signer.view.method = { type: "blueocean_micropay" };
  const payment = await open();
  assert.equal((await payment.confirm()).status, "unsupported");
  assert.equal(signer.count(/confirm/), 0);
  const ended = payment.follow();
  await until(() => signer.waiting.size === 1);
  signer.move({ status: "succeeded" });
  assert.equal((await ended).status, "succeeded");
});

test("a native shell hears of the payload through the change event", async () => {
  const action = { type: "native_app", platform: "alipay", payload: "app_id=1&sign=x%3D" };
  signer.view.method = { type: "blueocean_alipay_app" };
  signer.confirm = () => signer.move({ status: "requires_action", next_action: action });
  const payment = await open();
  const heard = [];
  payment.on("change", (view) => view.next_action && heard.push(view.next_action));
  const outcome = await payment.confirm();
  assert.equal(outcome.status, "unsupported");
  assert.deepEqual(heard.at(-1), action);
  assert.deepEqual(outcome.view.next_action, action);
});

test("nobody is sent to an address that runs a script", async () => {
  signer.confirm = () => signer.move({ status: "requires_action", next_action: { ...REDIRECT, url: "javascript:alert(1)" } });
  const payment = await open();
  assert.equal((await payment.confirm()).status, "unsupported");
  assert.deepEqual(page.went, []);
});

test("a storage that throws keeps nobody from paying", async () => {
  Object.defineProperty(globalThis, "sessionStorage", {
    configurable: true,
    get() {
      throw new Error("forbidden");
    },
  });
  signer.confirm = () => signer.move({ status: "requires_action", next_action: REDIRECT });
  try {
    const payment = await open();
    assert.equal((await payment.confirm()).status, "redirecting");
    assert.equal(checkout.resumable(), null);
  } finally {
    delete globalThis.sessionStorage;
  }
});

test("builds the addresses by themselves", () => {
  assert.equal(
    checkout.hicoinPaymentUrl({
      type: "hicoin_h5",
      page_url: "https://pay.example/hicoinfe/payment",
      app_id: "a1",
      time_stamp: "1704067200",
      nonce_str: "n1",
      package: "prepay_id%3D1000000000000000000001",
      sign_type: "HMAC-SHA256",
      pay_sign: "AB",
    }),
    "https://pay.example/hicoinfe/payment?appId=a1&nonceStr=n1&package=prepay_id%3D1000000000000000000001&signType=HMAC-SHA256&timeStamp=1704067200&paySign=AB",
  );
  assert.throws(() => checkout.hicoinPaymentUrl({ type: "hicoin_h5" }), { code: "invalid_options" });
  assert.throws(() => checkout.dotwalletSetPayConfigUrl({ ...CONSENT, page_url: "javascript:x" }), { code: "invalid_options" });
});

test("knows which method fits where", () => {
  assert.equal(checkout.methodFits("jubao_wechat_h5", "wechat"), false);
  assert.equal(checkout.methodFits("jubao_wechat_h5", "mobile"), true);
  assert.equal(checkout.methodFits("of_a_later_version", "mobile"), false);
  assert.deepEqual(checkout.betterPlace("jubao_wechat_h5", "wechat"), { open: "browser", required: true });
  assert.deepEqual(checkout.betterPlace("jubao_wechat_h5", "alipay"), { open: "browser", required: false });
  assert.deepEqual(checkout.betterPlace("blueocean_wechat_hk_jsapi"), { open: "wechat", required: true });
  assert.equal(checkout.betterPlace("blueocean_wechat_jsapi", "wechat"), null);
  assert.equal(checkout.betterPlace("of_a_later_version", "wechat"), null);
  assert.equal(checkout.inMiniProgram(), false);
});
