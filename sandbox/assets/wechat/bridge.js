// The bridge that the app puts into every page: `WeixinJSBridge`, and an event when it is there.

function invoke(call, payload, callback = () => {}) {
  const name = call === "getBrandWCPayRequest" ? "get_brand_wcpay_request" : call;
  if (name === call) return callback({ err_msg: `${call}:function_not_exist` });
  const say = (result, reason) => {
    const answer = { err_msg: `${name}:${result}` };
    if (reason) answer.err_desc = reason;
    callback(answer);
  };
  payment(call, payload, say).catch((error) => say("fail", String(error)));
}

function arrive() {
  window.WeixinJSBridge = { invoke, call() {}, on() {} };
  document.dispatchEvent(new Event("WeixinJSBridgeReady"));
}

if (inside && !window.WeixinJSBridge) setTimeout(arrive, APP.bridgeDelayMs);
