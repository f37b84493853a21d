/**
 * Says of a merchant's methods which fit where the payer is, and of the others why not. Where a method fits is known to
 * the core module (`betterPlace`), as it is to the signer; here are the reasons, in words.
 */

const WECHAT_PAGES = new Set(["jubao_wechat_h5", "blueocean_wechat_mweb"]);
const ALIPAY_PAGES = new Set(["jubao_alipay_wap", "blueocean_alipay_wap"]);
const WALLETS = new Set(["wechat", "alipay", "unionpay"]);

const REASONS = {
  wechat_only: ["Opens inside WeChat only.", "只能在微信内打开。"],
  wechat_refuses_wechat_h5: [
    "WeChat does not open this payment page inside WeChat: use the phone's own browser.",
    "微信内无法打开此付款页面，请改用手机浏览器。",
  ],
  wechat_refuses_alipay: [
    "WeChat does not open Alipay's pages: use the phone's own browser.",
    "微信内无法打开支付宝页面，请改用手机浏览器。",
  ],
  needs_browser: ["Opens in the phone's own browser.", "请在手机浏览器中打开。"],
  needs_phone: ["The wallet is on a phone: open this page there.", "钱包在手机上，请用手机打开此页面。"],
  needs_other_wallet: ["The code belongs to another wallet.", "此二维码需要用其他钱包扫描。"],
  needs_second_screen: [
    "A phone cannot scan the code on its own screen: open this page on a computer, or in the wallet.",
    "手机无法扫描自己屏幕上的二维码，请在电脑上或钱包内打开此页面。",
  ],
  needs_shop_app: ["Starts from the shop's own application only.", "只能在商家的应用内发起。"],
  needs_hicoin_app: [
    "Hicoin's page opens inside the Hicoin application only, which a page cannot recognise.",
    "Hicoin 付款页面只能在 Hicoin 应用内打开，网页无法识别该应用。",
  ],
  outside_hicoin: ["Inside the Hicoin application other wallets may not open.", "在 Hicoin 应用内可能无法打开其他钱包。"],
  unknown_method: ["This version of the page does not know this method.", "此页面版本不支持该付款方式。"],
};

/** One pick for each method, those that fit first, else in the order given. */
export function pick(methods, environment, core) {
  const picks = methods.map((method) => one(method, environment, core));
  return [...picks.filter(({ fits }) => fits), ...picks.filter(({ fits }) => !fits)];
}

function one(method, environment, core) {
  const type = typeof method === "string" ? method : method.type;
  const there = environment === "hicoin" ? "mobile" : environment;
  const place = core.betterPlace(type, there);
  const isKnown = place !== null || core.methodFits(type, there);
  const isHicoin = type.startsWith("hicoin_");
  const isOutside = environment === "hicoin" && !isHicoin && place === null && type !== "blueocean_micropay";
  const reason = isKnown ? why(type, environment, { place, isHicoin, isOutside }) : "unknown_method";
  return {
    method,
    type,
    fits: isKnown && place === null && !isOutside,
    works: isKnown && place?.required !== true,
    openIn: place?.open ?? (isKnown && isOutside ? "browser" : null),
    reason,
    message: reason === null ? null : { en: REASONS[reason][0], zh: REASONS[reason][1] },
  };
}

function why(type, environment, { place, isHicoin, isOutside }) {
  if (isOutside) return "outside_hicoin";
  if (place === null) return isHicoin && environment !== "hicoin" ? "needs_hicoin_app" : null;
  if (type.endsWith("_jsapi") && !isHicoin) return "wechat_only";
  if (place.open === "app") return "needs_shop_app";
  if (place.open === "phone") return "needs_phone";
  if (type.endsWith("_qrcode")) return WALLETS.has(environment) ? "needs_other_wallet" : "needs_second_screen";
  if (environment === "wechat" && WECHAT_PAGES.has(type)) return "wechat_refuses_wechat_h5";
  if (environment === "wechat" && ALIPAY_PAGES.has(type)) return "wechat_refuses_alipay";
  return "needs_browser";
}
