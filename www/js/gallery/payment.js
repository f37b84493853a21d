/** The payment that the gallery shows, as a signer would describe it, and what a page knows beside it. */

const MINUTE_MS = 60_000;

const inMinutes = (minutes) => new Date(Date.now() + minutes * MINUTE_MS).toISOString();

/** A payment; `method` and `action` in short. */
export function payment({ method = "jubao_wechat_h5", action = null, ...more } = {}) {
  return {
    id: "pay_1", order_id: "A20261122001",
    amount: { value: 12_800, currency: "CNY" }, subject: "Wuyi rock tea, two boxes",
    method: { type: method }, status: action ? "requires_action" : "created", revision: 1,
    next_action: action, failure: null,
    return_url: "https://shop.example/done", expires_at: inMinutes(14.5), livemode: true,
    ...more,
  };
}

/** What `panel` is asked with; whatever is not given is as on a desktop where all is well. */
export function state({ view = payment(), ...more } = {}) {
  return {
    environment: "desktop", view, step: "ready", connected: true, online: true, place: null,
    pageUrl: "https://shop.example/pay/A20261122001", inMiniProgram: false,
    renewable: false, renewing: false, over: null, ...more,
  };
}

export const REDIRECT = { type: "redirect", purpose: "pay", url: "https://gateway.example/pay" };
export const LOGIN = { type: "redirect", purpose: "login", url: "https://gateway.example/login" };
export const CONSENT = {
  type: "dotwallet_set_pay_config", page_url: "https://wallet.example/set_pay_config", app_id: "a1", redirect_uri: "https://pay.example/back",
};
export const BRIDGE = { type: "wechat_jsapi", payload: {} };
export const NATIVE = { type: "native_app", platform: "wechat", payload: {} };

export const code = (text = "https://qr.alipay.com/bax08861ovlhwkkmfwfh5508") => ({ type: "qr_code", text, expires_at: inMinutes(4.5) });

export function failure(reason, message = ["The balance is too low.", "余额不足。"], code = "refused") {
  return { code, gateway_code: "10041", message: { en: message[0], zh: message[1] }, class: reason };
}
