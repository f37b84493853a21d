import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { dist, until } from "./page.js";

const { invoke, resultOf } = await import(new URL("bridge.js", dist));
const { invokeBridge } = await import(new URL("index.js", dist));

const PAYLOAD = { appId: "wx1", timeStamp: "1704067200", nonceStr: "n1", package: "prepay_id=1", signType: "MD5", paySign: "AB" };
const JSAPI = { type: "wechat_jsapi", payload: PAYLOAD };
const CONFIG = { beta: true, appId: "wx1", timestamp: 1704067200, nonceStr: "n2", signature: "s", jsApiList: ["getH5PrepayRequest"] };
const HK = { type: "wechat_hk_jsapi", payload: { ...PAYLOAD, signType: "SHA1" }, config: CONFIG };

beforeEach(() => {
  globalThis.document = new EventTarget();
  mock.method(console, "warn", () => {});
});
afterEach(() => {
  mock.restoreAll();
  for (const name of ["document", "WeixinJSBridge", "wx"]) delete globalThis[name];
});

/** WeChat's bridge: keeps its calls, answers when told to. */
function weixin() {
  const calls = [];
  return { calls, invoke: (name, parameters, answer) => calls.push({ name, parameters, answer }) };
}

/** WeChat's script, as far as it is used. */
function jweixin({ verdict = "ready" } = {}) {
  const wx = { ...weixin(), configs: [], readies: [], errors: [] };
  wx.config = (config) => {
    wx.configs.push(config);
    // It calls "ready" after a refusal, too.
    setImmediate(() => {
      if (verdict === "error") for (const refuse of wx.errors) refuse({ errMsg: "config:invalid signature" });
      if (verdict !== "silent") for (const accept of wx.readies) accept();
    });
  };
  wx.ready = (call) => wx.readies.push(call);
  wx.error = (call) => wx.errors.push(call);
  return wx;
}

test("reads every way in which a bridge says how it went", () => {
  const cases = [
    ["get_brand_wcpay_request:ok", "ok"],
    ["getH5PrepayRequest:ok", "ok"],
    ["get_brand_wcpay_request: OK ", "ok"],
    ["ok", "ok"],
    ["get_brand_wcpay_request:cancel", "cancel"],
    ["get_brand_wcpay_request:cancel, by user", "cancel"],
    ["requestPayment:fail cancel", "cancel"],
    ["get_brand_wcpay_request:fail", "fail"],
    ["get_brand_wcpay_request:fail_invalid token", "fail"],
    ["get_brand_wcpay_request:fail, missing parameter total_fee", "fail"],
    ["get_brand_wcpay_request:okay", "fail"],
    ["system:access_denied", "fail"],
    ["", "unknown"],
  ];
  for (const [message, result] of cases) {
    assert.equal(resultOf({ err_msg: message }), result, message);
    assert.equal(resultOf({ errMsg: message }), result, message);
    assert.equal(resultOf(message), result, message);
  }
  for (const nothing of [undefined, null, {}, { err_msg: 0 }, 7, []]) assert.equal(resultOf(nothing), "unknown");
  assert.equal(resultOf({ err_msg: "get_brand_wcpay_request:ok", errMsg: "x:fail" }), "ok");
});

test("gives the bridge that is there the payload exactly as it came", async () => {
  globalThis.WeixinJSBridge = weixin();
  const result = invokeBridge(JSAPI);
  await until(() => globalThis.WeixinJSBridge.calls.length === 1);
  const [{ name, parameters, answer }] = globalThis.WeixinJSBridge.calls;
  assert.equal(name, "getBrandWCPayRequest");
  assert.deepEqual(parameters, PAYLOAD);
  assert.deepEqual(Object.keys(parameters), Object.keys(PAYLOAD));
  answer({ err_msg: "get_brand_wcpay_request:ok" });
  assert.equal(await result, "ok");
});

test("what the bridge adds to the payload does not reach the next try", async () => {
  const bridge = weixin();
  globalThis.WeixinJSBridge = bridge;
  await invoke(JSAPI, () => {});
  bridge.calls[0].parameters.verifyAppId = "wx1";
  await invoke(JSAPI, () => {});
  assert.deepEqual(bridge.calls[1].parameters, PAYLOAD);
});

test("a payload that came as text is read, since the bridge takes none", async () => {
  globalThis.WeixinJSBridge = weixin();
  await invoke({ ...JSAPI, payload: JSON.stringify(PAYLOAD) }, () => {});
  assert.deepEqual(globalThis.WeixinJSBridge.calls[0].parameters, PAYLOAD);
});

test("waits for the bridge by its event", async () => {
  const result = invokeBridge(JSAPI);
  setImmediate(() => {
    globalThis.WeixinJSBridge = { invoke: (name, parameters, answer) => answer({ err_msg: `${name}:cancel` }) };
    globalThis.document.dispatchEvent(new Event("WeixinJSBridgeReady"));
  });
  assert.equal(await result, "cancel");
});

test("finds a bridge whose event was over before anybody listened", async () => {
  const result = invokeBridge(JSAPI);
  setImmediate(() => {
    globalThis.WeixinJSBridge = { invoke: (name, parameters, answer) => answer({ err_msg: `${name}:fail` }) };
  });
  assert.equal(await result, "fail");
});

test("a bridge that never comes is missing, after a while and not for ever", async () => {
  assert.equal(await invokeBridge(JSAPI, { readyMs: 30 }), "missing");
  globalThis.WeixinJSBridge = { on: () => {} };
  assert.equal(await invokeBridge(JSAPI, { readyMs: 30 }), "missing", "one that takes no calls is none");
});

test("a bridge that throws has failed", async () => {
  globalThis.WeixinJSBridge = {
    invoke() {
      throw new Error("no permission");
    },
  };
  assert.equal(await invokeBridge(JSAPI), "fail");
});

test("an action without a payload calls nothing", async () => {
  globalThis.WeixinJSBridge = weixin();
  assert.equal(await invokeBridge({ type: "wechat_jsapi", payload: null }), "missing");
  assert.equal(globalThis.WeixinJSBridge.calls.length, 0);
});

test("cancel first and ok afterwards are both heard", async () => {
  const bridge = weixin();
  globalThis.WeixinJSBridge = bridge;
  const heard = [];
  const first = invokeBridge(JSAPI, { onResult: (result) => heard.push(result) });
  await until(() => bridge.calls.length === 1);
  bridge.calls[0].answer({ err_msg: "get_brand_wcpay_request:cancel" });
  bridge.calls[0].answer({ err_msg: "get_brand_wcpay_request:ok" });
  assert.equal(await first, "cancel");
  assert.deepEqual(heard, ["cancel", "ok"]);
});

test("configures the page's script for Hong Kong, and invokes when it is ready", async () => {
  const wx = jweixin();
  globalThis.wx = wx;
  const result = invokeBridge(HK);
  await until(() => wx.calls.length === 1);
  assert.deepEqual(wx.configs, [CONFIG]);
  assert.equal(wx.calls[0].name, "getH5PrepayRequest");
  assert.deepEqual(wx.calls[0].parameters, HK.payload);
  wx.calls[0].answer({ errMsg: "getH5PrepayRequest:ok" });
  assert.equal(await result, "ok");
});

test("a configuration that WeChat refuses invokes nothing and has failed", async () => {
  globalThis.wx = jweixin({ verdict: "error" });
  assert.equal(await invokeBridge(HK), "fail");
  assert.equal(globalThis.wx.calls.length, 0);
});

test("a configuration that WeChat never answers is missing", async () => {
  globalThis.wx = jweixin({ verdict: "silent" });
  assert.equal(await invokeBridge(HK, { readyMs: 30 }), "missing");
  assert.equal(globalThis.wx.calls.length, 0);
});

test("a page that configures for itself is not configured again", async () => {
  const wx = jweixin();
  globalThis.wx = wx;
  const result = invokeBridge({ ...HK, config: null });
  await until(() => wx.readies.length === 1);
  wx.readies[0]();
  await until(() => wx.calls.length === 1);
  wx.calls[0].answer({});
  assert.equal(await result, "unknown");
  assert.deepEqual(wx.configs, []);
});

test("a page that needs no configuration is not waited for for ever", async () => {
  globalThis.wx = jweixin({ verdict: "silent" });
  invokeBridge({ ...HK, config: null }, { readyMs: 30 });
  await until(() => globalThis.wx.calls.length === 1);
});

test("without WeChat's script nothing is called and nothing is loaded", async () => {
  assert.equal(await invokeBridge(HK, { readyMs: 30 }), "missing");
  assert.match(console.warn.mock.calls[0].arguments[0], /jweixinUrl/);
});
