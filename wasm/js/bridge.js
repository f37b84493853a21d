/**
 * WeChat's two bridges into the page: `getBrandWCPayRequest` of WeChat itself, and `getH5PrepayRequest` of the Hong
 * Kong wallet, which goes through WeChat's script `jweixin`. Loaded when a payment needs one.
 *
 * Source: the Jubao document, its section on WeChat payment in official accounts, "香港钱包公众号支付".
 */

/** What the document names, by https. */
const JWEIXIN_URL = "https://res.wx.qq.com/open/js/jweixin-1.2.0.js";

const READY_MS = 10_000;
const LOOK_MS = 100;
/** A page without a `config` of ours may have made its own, or may need none. */
const OWN_CONFIG_MS = 3_000;

const scripts = new Map();

/**
 * Performs a `wechat_jsapi` or `wechat_hk_jsapi` action. `report` hears `"ok"`, `"cancel"`, `"fail"` or `"unknown"`, as
 * often as the bridge speaks, or once `"missing"` when nothing could be called. No word of it proves a payment.
 */
export async function invoke(action, report, { jweixinUrl, readyMs = READY_MS } = {}) {
  try {
    const payload = payloadOf(action);
    const answered = (response) => report(resultOf(response));
    if (action.type === "wechat_hk_jsapi") {
      await invokeHongKong(action.config, payload, answered, report, { jweixinUrl, readyMs });
    } else {
      const bridge = await present(() => callable(globalThis.WeixinJSBridge), readyMs, "WeixinJSBridgeReady");
      bridge.invoke("getBrandWCPayRequest", payload, answered);
    }
  } catch (error) {
    console.warn(`checkout: ${error.message}`);
    report(error instanceof Missing ? "missing" : "fail");
  }
}

/** What a bridge's answer comes to. The message is in `err_msg` or `errMsg`, and may have details behind its word. */
export function resultOf(response) {
  const message = typeof response === "string" ? response : (response?.err_msg ?? response?.errMsg);
  if (typeof message !== "string" || message.trim() === "") return "unknown";
  // "get_brand_wcpay_request:fail_invalid token" has an "ok" in it, so only what follows the name is read.
  const word = message.slice(message.indexOf(":") + 1).trim().toLowerCase();
  if (/^ok(?![a-z])/.test(word)) return "ok";
  if (/^(fail[ _:,]*)?cancel/.test(word)) return "cancel";
  return "fail";
}

/** Nothing could be called, so no money can have moved. */
class Missing extends Error {}

async function invokeHongKong(config, payload, answered, report, { jweixinUrl, readyMs }) {
  const wx = await jweixin(jweixinUrl, readyMs);
  const isReady = await configured(wx, config, readyMs);
  if (!isReady) return report("fail");
  wx.invoke("getH5PrepayRequest", payload, answered);
}

/** The page's own script, or the one at the address that the page gave. */
async function jweixin(url, readyMs) {
  const found = () => callable(globalThis.wx) ?? callable(globalThis.jWeixin);
  if (found() === undefined && url !== undefined && url !== false) {
    await script(url === true ? JWEIXIN_URL : String(url), readyMs);
  }
  if (found() === undefined) {
    throw new Missing("the page has no jweixin script: load it, or give its address as jweixinUrl");
  }
  return found();
}

function script(url, readyMs) {
  if (!scripts.has(url)) {
    const loading = new Promise((resolve, reject) => {
      const element = document.createElement("script");
      const failed = () => reject(new Missing(`${url} could not be loaded; does the page's script-src allow it?`));
      element.onload = resolve;
      element.onerror = failed;
      setTimeout(failed, readyMs);
      element.src = url;
      document.head.append(element);
    });
    // The next try loads it afresh.
    loading.catch(() => scripts.delete(url));
    scripts.set(url, loading);
  }
  return scripts.get(url);
}

/** Whether the wallet accepted the page. The script calls `ready` after a refusal too, but `error` before it. */
function configured(wx, config, readyMs) {
  return new Promise((resolve, reject) => {
    const give = setTimeout(
      () => (config == null ? resolve(true) : reject(new Missing("wx.config was answered by neither ready nor error"))),
      config == null ? Math.min(OWN_CONFIG_MS, readyMs) : readyMs,
    );
    const end = (isReady) => {
      clearTimeout(give);
      resolve(isReady);
    };
    if (config != null) wx.config(structured(config));
    wx.error?.((response) => {
      console.warn("checkout: wx.config was refused", response);
      end(false);
    });
    wx.ready(() => end(true));
  });
}

/** Waits until something is there; the event may have come before, or may never come. */
function present(find, readyMs, event) {
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = find();
      if (found === undefined) return;
      stop();
      resolve(found);
    };
    const stop = () => {
      clearInterval(looking);
      clearTimeout(over);
      document.removeEventListener(event, look);
    };
    const looking = setInterval(look, Math.min(LOOK_MS, readyMs));
    const over = setTimeout(() => {
      stop();
      reject(new Missing("there is no WeixinJSBridge: is this page open in WeChat?"));
    }, readyMs);
    document.addEventListener(event, look);
    look();
  });
}

function callable(bridge) {
  return typeof bridge?.invoke === "function" ? bridge : undefined;
}

/** A copy: the bridge adds fields to what it is given, and the next try must give the same as the first. */
function payloadOf({ payload }) {
  const given = typeof payload === "string" ? JSON.parse(payload) : payload;
  if (given === null || typeof given !== "object") throw new Missing("the action has no payload");
  return structured(given);
}

function structured(value) {
  return JSON.parse(JSON.stringify(value));
}
