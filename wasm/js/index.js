/**
 * Loads the modules once and hands out their functions. Importing this touches neither `window` nor the network,
 * so it is safe on a server; everything happens when a function is called.
 */
import * as core from "./checkout_core.js";

/** Some web views never settle the promise of a compilation, and some networks no request. */
const LOAD_TIMEOUT_MS = 20_000;

let isLoaded = false;

/** Loads the core module; every call shares one load, and a failed one can be tried again. */
export const load = once(async (options = {}) => {
  // Bundlers follow an address in this very form.
  await start(core, options.wasmUrl ?? new URL("./checkout_core_bg.wasm", import.meta.url));
  isLoaded = true;
});

const loadInterface = once(async (options = {}) => {
  const glue = import("./checkout_ui.js");
  await start(glue, options.uiWasmUrl ?? new URL("./checkout_ui_bg.wasm", import.meta.url));
  const { panel, qrSvg } = await glue;
  return { panel, qrSvg };
});

/** Looks a payment up. */
export async function open(options) {
  await load();
  return opened(core.open(options, bridge(options)));
}

/** Takes up the payment that this page was left for; `null` when there is none. */
export async function resume(options = {}) {
  await load();
  const payment = core.resume(options, bridge(options));
  return payment === undefined ? null : opened(payment);
}

/** Which payment `resume` would take up. */
export function resumable() {
  return loaded().resumable();
}

/** Where this page is open. */
export function environment() {
  return loaded().environment();
}

/** Whether this page is shown by a WeChat mini program. */
export function inMiniProgram() {
  return loaded().inMiniProgram();
}

/** Where a method works better than in an environment, by default this one. */
export function betterPlace(type, env = environment()) {
  return loaded().betterPlace(type, env);
}

/** Whether a payer can be expected to finish a payment by this method there. */
export function methodFits(type, env) {
  return loaded().methodFits(type, env);
}

/** Which of the merchant's methods fit where the payer is, and why the others do not. */
export async function pickMethods(methods, { environment } = {}) {
  const [{ pick }] = await Promise.all([import("./picker.js"), load()]);
  return pick(methods, environment ?? core.environment(), core);
}

/** The page where the payer allows automatic payments. */
export function dotwalletSetPayConfigUrl(action) {
  return loaded().dotwalletSetPayConfigUrl(action);
}

/** Hicoin's payment page. */
export function hicoinPaymentUrl(action) {
  return loaded().hicoinPaymentUrl(action);
}

/** Calls WeChat's bridge for an action; resolves with its first word. */
export function invokeBridge(action, { onResult, ...options } = {}) {
  return new Promise((resolve) => {
    const heard = (result) => {
      resolve(result);
      onResult?.(result);
    };
    bridge(options)(action, heard);
  });
}

/** A QR code as SVG text. */
export async function qrSvg(text) {
  const { qrSvg } = await loadInterface();
  return qrSvg(text);
}

/** Puts the ready-made interface into an element: its frame first, while the modules are loading. */
export async function mount(element, options) {
  const loading = Promise.all([loadInterface(options), load(options)]).then(([{ panel }]) => ({
    open, resume, resumable, environment, inMiniProgram, betterPlace, failure, panel,
  }));
  // Heard of by whoever waits for it, and by nobody when that was given up.
  loading.catch(() => {});
  try {
    const page = await import("./mount.js").catch((error) => {
      throw explained(error);
    });
    return await page.mount(element, options, loading);
  } catch (error) {
    if (/^wasm/.test(error?.code) && !options.signal?.aborted) element.append(apology(error));
    throw error;
  }
}

/** All that can be shown where the interface itself cannot be loaded. */
function apology({ code }) {
  const paragraph = document.createElement("p");
  paragraph.setAttribute("role", "alert");
  paragraph.dataset.countersign = "root";
  paragraph.dataset.status = "error";
  paragraph.textContent = code === "wasm_missing"
    ? "This browser cannot open the payment. 当前浏览器无法打开支付页面。"
    : "The payment could not be loaded. Reload this page to try again. 支付页面加载失败，请刷新重试。";
  return paragraph;
}

function bridge(options) {
  return (action, report) => {
    import("./bridge.js").then(({ invoke }) => invoke(action, report, options), () => report("missing"));
  };
}

async function opened(payment) {
  await payment.opened;
  return payment;
}

function loaded() {
  if (!isLoaded) {
    throw failure("not_loaded", "await load() before calling this");
  }
  return core;
}

/** One run shared by all callers; a failed run is forgotten, so that the next call tries again. */
function once(run) {
  let running = null;
  return (options) => {
    running ??= run(options).catch((error) => {
      running = null;
      throw error;
    });
    return running;
  };
}

/** Starts a module with its glue, and says plainly why that failed. */
async function start(glue, source) {
  const giveUp = new AbortController();
  let timer;
  const tooLong = new Promise((_, reject) => {
    timer = setTimeout(() => {
      reject(failure("wasm_timeout", "the WebAssembly module did not load in time"));
      giveUp.abort();
    }, LOAD_TIMEOUT_MS);
  });
  // Compiled here and not by the glue: that would keep to a compilation that hangs, however often it is tried again.
  const loading = Promise.all([compiled(source, giveUp.signal), glue]).then(([module_or_path, glue]) => glue.default({ module_or_path }));
  try {
    await Promise.race([loading, tooLong]);
  } catch (error) {
    throw error?.name === "CheckoutError" ? error : explained(error);
  } finally {
    clearTimeout(timer);
  }
}

/** The module of a source: an address, an answer, bytes, or a module already. */
async function compiled(source, signal) {
  if (typeof WebAssembly !== "object") {
    throw failure("wasm_missing", "this browser has no WebAssembly");
  }
  const given = await source;
  const isAddress = typeof given === "string" || given instanceof URL;
  const answer = isAddress ? await fetch(given, { signal }) : given;
  if (answer instanceof WebAssembly.Module) return answer;
  if (typeof answer.arrayBuffer !== "function") return WebAssembly.compile(answer);
  const type = answer.headers.get("content-type");
  if (!answer.ok || /html/.test(type)) {
    throw failure("wasm_failed", `no WebAssembly module at ${answer.url}: HTTP ${answer.status}, ${type}`);
  }
  // A browser compiles while it loads only what is called by its name.
  const canStream = type === "application/wasm" && WebAssembly.compileStreaming;
  return canStream ? WebAssembly.compileStreaming(answer) : WebAssembly.compile(await answer.arrayBuffer());
}

function explained(error) {
  const said = String(error?.message ?? error);
  if (/content security policy|unsafe-eval/i.test(said)) {
    const help = "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to script-src";
    return failure("wasm_blocked", help, error);
  }
  return failure("wasm_failed", `the checkout could not be loaded: ${said}`, error);
}

function failure(code, message, cause) {
  return Object.assign(new Error(message, cause && { cause }), { name: "CheckoutError", code });
}
