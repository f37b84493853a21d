/** A shop's page in real Chromium: the built package under the strict policy that the package promises to work with. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { chromium } from "playwright-core";

import { dist } from "./page.js";

const TYPES = { ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title><main id="checkout"></main>`;

export const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src *";

export async function openShop() {
  const server = createServer((request, response) => serve(new URL(request.url, "http://shop"), response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    /** A page with the package ready to be imported; what the policy refuses is collected. */
    async page({ policy = STRICT, path = "/", prepare = () => {}, ...options } = {}) {
      const context = await browser.newContext({ locale: "en-GB", ...options });
      const page = await context.newPage();
      page.refused = [];
      page.on("console", (message) => {
        if (/content security policy/i.test(message.text())) page.refused.push(message.text());
      });
      await prepare(page);
      await page.goto(`${url}${path}?policy=${encodeURIComponent(policy)}`);
      return page;
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** WeChat's script for the Hong Kong wallet, as far as it is used; `window.wallet` answers. */
const JWEIXIN = `window.wx = {
  config: (config) => { window.wallet.configs.push(config); },
  ready: (call) => setTimeout(call),
  error: () => {},
  invoke: (name, parameters, answer) => window.wallet.invoke(name, parameters, answer),
};`;

/** User agents of the wallets' own browsers. */
export const WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36 MicroMessenger/8.0.47 NetType/WIFI";
export const PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36";

/** Puts WeChat's bridge into every page of a context; the test says what it answers by `window.wallet.says`. */
export function putBridge(page, { late = false } = {}) {
  return page.addInitScript((late) => {
    const wallet = { calls: [], configs: [] };
    wallet.invoke = (name, parameters, answer) => wallet.calls.push({ name, parameters, answer });
    wallet.says = (nth, message) => wallet.calls.at(nth).answer({ err_msg: message });
    window.wallet = wallet;
    const appear = () => {
      window.WeixinJSBridge = { invoke: wallet.invoke };
      document.dispatchEvent(new Event("WeixinJSBridgeReady"));
    };
    if (late) window.appear = appear;
    else appear();
  }, late);
}

function serve(url, response) {
  if (url.pathname === "/jweixin.js") return response.writeHead(200, { "content-type": TYPES[".js"] }).end(JWEIXIN);
  const name = url.pathname.slice(1);
  if (name.startsWith("checkout/")) {
    const file = name.slice("checkout/".length);
    const type = TYPES[file.slice(file.lastIndexOf("."))];
    return response.writeHead(200, { "content-type": type }).end(readFileSync(new URL(file, dist)));
  }
  const policy = url.searchParams.get("policy");
  response.writeHead(200, { "content-type": "text/html", ...(policy ? { "content-security-policy": policy } : {}) });
  response.end(PAGE);
}

/** Mounts the interface; `outcomes` are kept on the page. */
export function mount(page, options) {
  return page.evaluate(async (options) => {
    const { mount } = await import("/checkout/index.js");
    window.outcomes = [];
    window.mounted = await mount(document.querySelector("#checkout"), {
      ...options,
      onOutcome: ({ status }) => window.outcomes.push(status),
    });
  }, options);
}
