/**
 * Every state of the interface: its name, when it happens, which panel it must come out as (`data-panel`), and with which
 * outcome, if any (`data-outcome`). A test holds this list against the panels and outcomes that there are.
 */
import { BRIDGE, CONSENT, LOGIN, NATIVE, REDIRECT, code, failure, payment, state } from "./payment.js";

const alipay = (more) => payment({ method: "blueocean_alipay_qrcode", action: code(), ...more });
const wallet = (more) => payment({ method: "dotwallet_autopay", action: CONSENT, ...more });
const bridge = (more) => payment({ method: "blueocean_wechat_jsapi", action: BRIDGE, ...more });
const ended = (outcome, more) => state({ step: "closed", outcome, view: payment({ status: outcome, ...more }) });
const LONG = "A tasting set of four teas from the hills of Fujian, in portions of eight grams each, with a clay pot, two cups and Grandmother's-very-own-handwritten-brewing-instructions";

export const GROUPS = [
  ["Before paying", [
    { name: "loading", panel: "loading", when: "The payment is being looked up; the same frame stands there while the modules load.", state: () => state({ view: null, step: "opening" }) },
    { name: "loading_offline", panel: "loading", when: "The payer's device has no connection.", state: () => state({ view: null, step: "opening", online: false }) },
    { name: "ready", panel: "ready", when: "It can be paid; the payer is told where the button leads.", state: () => state() },
    { name: "ready_test", panel: "ready", when: "The signer runs in sandbox mode.", state: () => state({ view: payment({ livemode: false, method: "blueocean_mixed_qrcode" }) }) },
    { name: "ready_coin", panel: "ready", when: "An amount in a coin, to the last digit.", state: () => state({ view: payment({ method: "dotwallet_order", amount: { value: 546, currency: "BSV" } }) }) },
    { name: "ready_doubtful", panel: "ready", when: "The method may not work where the page is open.", state: () => state({ environment: "alipay", place: { open: "browser", required: false } }) },
    { name: "ready_long", panel: "ready", when: "A long subject.", state: () => state({ view: payment({ subject: LONG, livemode: false }) }) },
  ]],
  ["Under way", [
    { name: "confirming", panel: "working", when: "Submitted; the signer is talking to the gateway.", state: () => state({ step: "confirming" }) },
    { name: "confirming_unanswered", panel: "working", when: "The signer does not answer while a payment is under way.", state: () => state({ step: "confirming", connected: false }) },
    { name: "leaving", panel: "leaving", when: "The payer is on the way to another page.", state: () => state({ step: "leaving", view: payment({ action: REDIRECT }) }) },
    { name: "waiting", panel: "waiting", when: "The payer is back by the back button, or has another tab open.", state: () => state({ step: "following", view: payment({ action: REDIRECT }) }) },
    { name: "returning", panel: "working", when: "The payer is back from the gateway.", state: () => state({ step: "returning", view: payment({ action: REDIRECT }) }) },
    { name: "processing", panel: "working", when: "Sent, and the outcome is not known yet.", state: () => state({ step: "following", view: payment({ status: "processing" }) }) },
    { name: "processing_offline", panel: "working", when: "The payer's device has lost its connection.", state: () => state({ step: "following", online: false, view: payment({ status: "processing" }) }) },
    { name: "invoking", panel: "working", when: "WeChat's own sheet is open above the page.", state: () => state({ environment: "wechat", step: "invoking", view: bridge() }) },
    { name: "bridge_closed", panel: "waiting", when: "The page was loaded again before the wallet was used.", state: () => state({ environment: "wechat", step: "following", view: bridge() }) },
    { name: "bridge_canceled", panel: "waiting", when: "The payer closed the wallet.", state: () => state({ environment: "wechat", step: "following", bridge: "cancel", view: bridge() }) },
    { name: "bridge_refused", panel: "waiting", when: "The wallet said that it could not.", state: () => state({ environment: "wechat", step: "following", bridge: "fail", view: bridge() }) },
    { name: "native_watched", panel: "working", when: "A native application has taken it over.", state: () => state({ step: "following", view: payment({ method: "blueocean_wechat_app", action: NATIVE }) }) },
    { name: "till", panel: "till", when: "The till scans the payer's code.", state: () => state({ step: "following", view: payment({ method: "blueocean_micropay" }) }) },
  ]],
  ["Permission", [
    { name: "consent", panel: "consent", when: "Automatic payments are not allowed yet.", state: () => state({ step: "consent", view: wallet() }) },
    { name: "consent_funds", panel: "consent", when: "The balance or a limit is too low.", state: () => state({ step: "consent", view: wallet({ failure: failure("reauthorize", undefined, "insufficient_funds") }) }) },
    { name: "consent_refused", panel: "consent", outcome: "failed", when: "Back from there without it.", state: () => state({ outcome: "failed", view: wallet({ failure: failure("reauthorize", ["Automatic payment is not allowed.", "未开通自动支付。"]) }) }) },
    { name: "login", panel: "consent", when: "The gateway wants to know who pays.", state: () => state({ step: "following", view: payment({ method: "hicoin_h5", action: LOGIN }) }) },
  ]],
  ["Codes", [
    { name: "code", panel: "qr", when: "A code to be scanned from the screen.", state: () => state({ step: "following", view: alipay() }) },
    { name: "code_test", panel: "qr", when: "The same in sandbox mode, without a connection.", state: () => state({ step: "following", online: false, view: alipay({ livemode: false }) }) },
    { name: "code_on_phone", panel: "qr", when: "On the payer's own phone, where the wallet opens by the same address.", state: () => state({ environment: "mobile", step: "following", view: alipay() }) },
    { name: "code_on_phone_only", panel: "qr", when: "On the payer's own phone, and nothing opens by the code's text.", state: () => state({ environment: "mobile", step: "following", view: payment({ method: "blueocean_wechat_qrcode", action: code("weixin://wxpay/bizpayurl?pr=8Hr5Tz1") }) }) },
    { name: "code_over", panel: "qr_over", when: "Its time was counted down to the end.", state: () => over({}) },
    { name: "code_over_renewable", panel: "qr_over", when: "The same where the shop gives out another one.", state: () => over({ renewable: true }) },
    { name: "code_too_long", panel: "qr", when: "The gateway's text does not fit into any code.", state: () => state({ step: "following", view: alipay({ next_action: code("x".repeat(4000)) }) }) },
  ]],
  ["Somewhere else", [
    { name: "elsewhere_browser", panel: "elsewhere", when: "Inside WeChat, with a method for browsers.", state: () => state({ environment: "wechat", step: "following", place: { open: "browser", required: true } }) },
    { name: "elsewhere_browser_app", panel: "elsewhere", when: "The same inside another app.", state: () => state({ environment: "alipay", step: "following", place: { open: "browser", required: true } }) },
    { name: "elsewhere_wechat", panel: "elsewhere", when: "In a phone's browser, with a method for WeChat only.", state: () => state({ environment: "mobile", step: "following", place: { open: "wechat", required: true }, view: bridge({ next_action: null, status: "created" }) }) },
    { name: "elsewhere_wechat_desktop", panel: "elsewhere", when: "The same on a desktop.", state: () => state({ step: "following", place: { open: "wechat", required: true }, view: bridge({ next_action: null, status: "created" }) }) },
    { name: "elsewhere_phone", panel: "elsewhere", when: "On a desktop, with a method for phones.", state: () => state({ step: "following", place: { open: "phone", required: true } }) },
    { name: "elsewhere_ruled", panel: "elsewhere", outcome: "wrong_environment", when: "The signer has ruled that it does not work here.", state: () => state({ environment: "wechat", outcome: "wrong_environment", place: { open: "browser", required: true } }) },
  ]],
  ["Ends", [
    { name: "succeeded", panel: "good", outcome: "succeeded", when: "Paid: the only state that says so.", state: () => ended("succeeded") },
    { name: "failed", panel: "bad", outcome: "failed", when: "Refused; another try may help.", state: () => ended("failed", { failure: failure("payer") }) },
    { name: "failed_long", panel: "bad", outcome: "failed", when: "Refused for good, with a long reason.", state: () => ended("failed", { subject: LONG, failure: failure("final", [`The issuer has refused this payment: ${LONG}.`, "发卡方已拒绝该笔支付，原因是该账户的交易权限受到限制，请联系发卡方客服或更换其他支付方式后再试，感谢您的理解与配合。"]) }) },
    { name: "failed_renewable", panel: "bad", outcome: "failed", when: "Refused for good where the shop gives out another payment.", state: () => ({ ...ended("failed", { failure: failure("final", ["The wallet has refused this payment.", "钱包已拒绝该笔支付。"]) }), renewable: true }) },
    { name: "expired", panel: "bad", outcome: "expired", when: "Not paid in time.", state: () => ended("expired") },
    { name: "expired_renewable", panel: "bad", outcome: "expired", when: "The same where the shop gives out another payment.", state: () => ({ ...ended("expired"), renewable: true }) },
    { name: "canceled", panel: "bad", outcome: "canceled", when: "Given up before it was paid.", state: () => ended("canceled") },
    { name: "refunded", panel: "neutral", outcome: "refunded", when: "The money went back.", state: () => ended("refunded") },
    { name: "review", panel: "neutral", outcome: "review", when: "Something arrived that a person must look at.", state: () => ended("review") },
    { name: "pending", panel: "neutral", outcome: "pending", when: "Nothing final was learnt in the time there was.", state: () => state({ outcome: "pending", view: payment({ status: "processing" }) }) },
    { name: "stopped", panel: "ready", when: "The shop stopped the waiting; it is shown as it stands.", state: () => state({ outcome: "aborted" }), covers: ["aborted"] },
    { name: "left", panel: "waiting", when: "The page was left and is shown once more.", state: () => state({ outcome: "redirecting", step: "following", view: payment({ action: REDIRECT }) }), covers: ["redirecting"] },
    { name: "native", panel: "bad", outcome: "unsupported", when: "Only the shop's own app can go on.", state: () => state({ outcome: "unsupported", view: payment({ method: "blueocean_wechat_app", action: NATIVE }) }) },
    { name: "mini_program", panel: "bad", outcome: "unsupported", when: "Only the mini program around the page can go on.", state: () => state({ environment: "wechat", inMiniProgram: true, outcome: "unsupported", view: bridge() }) },
    { name: "bridge_missing", panel: "bad", outcome: "unsupported", when: "WeChat's bridge did not appear.", state: () => state({ environment: "wechat", outcome: "unsupported", view: bridge() }) },
    { name: "unsupported", panel: "bad", outcome: "unsupported", when: "An action that this version does not know.", state: () => state({ outcome: "unsupported", view: payment({ action: { type: "teleport" } }) }) },
  ]],
  ["Trouble", [
    { name: "dead_link", panel: "trouble", outcome: "unauthorized", when: "The secret does not open the payment, or no longer.", state: () => state({ view: null, step: "opening", error: "unauthorized" }) },
    { name: "dead_link_later", panel: "bad", outcome: "unauthorized", when: "The secret was replaced in the middle, where the shop gives out another payment.", state: () => state({ outcome: "unauthorized", renewable: true }) },
    { name: "no_answer", panel: "trouble", outcome: "error", when: "The signer was not reached at all.", state: () => state({ view: null, step: "opening", error: "unreachable" }) },
    { name: "no_answer_at_pay", panel: "trouble", outcome: "error", when: "It was reached before, but not with the press of the button.", state: () => state({ error: "unavailable" }) },
    { name: "no_answer_under_way", panel: "trouble", outcome: "error", when: "It does not answer while the payer may have paid.", state: () => state({ error: "unavailable", view: alipay() }) },
    { name: "error", panel: "trouble", outcome: "error", when: "Anything that should not happen.", state: () => state({ error: "invalid_request" }) },
    { name: "renewing", panel: "working", when: "The shop is asked for another payment.", state: () => state({ renewing: true, renewable: true }) },
    { name: "renew_failed", panel: "trouble", outcome: "error", when: "The shop did not give out another payment.", state: () => ({ ...ended("expired"), error: "renew_failed", renewable: true }) },
  ]],
];

export const STATES = GROUPS.flatMap(([, states]) => states);

function over(more) {
  const view = alipay();
  return state({ step: "following", view, over: view.next_action.expires_at, ...more });
}
