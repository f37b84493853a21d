/**
 * Puts the ready-made interface into an element. The frame of it is there at once, while the WebAssembly modules are still
 * on their way; what it says then is decided by `panel`.
 */

import { Checkout } from "./checkout.js";
import { Screen } from "./screen.js";
import { dress } from "./styles.js";

/** Resolves when the interface is alive; `loading` brings the functions of both modules. */
export async function mount(element, options, loading) {
  const { signal } = options;
  if (signal?.aborted) throw aborted();
  const mistake = mistakeIn(element, options);
  if (mistake !== undefined) throw Object.assign(new Error(mistake), { name: "CheckoutError", code: "invalid_options" });
  const screen = new Screen(element, options.appearance);
  let checkout;
  try {
    dress(screen.root, options);
    screen.show(skeleton(options.locale));
    const core = await unlessAborted(loading, signal);
    if (options.paymentId === undefined && core.resumable() === null) {
      throw core.failure("nothing_to_resume", "this tab was not sent away for a payment, so name one");
    }
    checkout = new Checkout(screen, options, core);
  } catch (error) {
    screen.remove();
    throw error;
  }
  checkout.begin();
  return {
    unmount: () => checkout.end(),
    setLocale: (locale) => checkout.setLocale(locale),
    setAppearance: (appearance) => screen.setAppearance(appearance),
  };
}

/** What a page's author has to mend before anything can be shown; a payer could do nothing about it. */
function mistakeIn(element, { resume, signer, paymentId, clientSecret }) {
  if (typeof element?.append !== "function") return "the element to mount into is not there";
  if (paymentId === undefined) return resume === true ? undefined : 'the option "paymentId" is missing';
  const missing = Object.entries({ signer, paymentId, clientSecret }).find(([, value]) => typeof value !== "string" || value === "");
  return missing && `the option "${missing[0]}" is missing`;
}

/** The panel of the time before there is a module to ask; in the very words that it uses for the time after. */
function skeleton(locale) {
  const isChinese = /^zh\b/i.test(String(locale ?? globalThis.navigator?.language ?? "en").replaceAll("_", "-"));
  const [language, region, title] = isChinese
    ? ["zh-CN", "支付", "正在加载支付信息…"]
    : ["en", "Payment", "Loading your payment…"];
  return { status: "opening", name: "loading", busy: true, language, region, title };
}

/** Settles as `loading` does, or with the abort, whichever is first. */
function unlessAborted(loading, signal) {
  if (!signal) return loading;
  return new Promise((resolve, reject) => {
    const abort = () => reject(aborted());
    signal.addEventListener("abort", abort);
    loading.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function aborted() {
  return new DOMException("the checkout was given up while it was loading", "AbortError");
}
