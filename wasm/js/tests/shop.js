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
    async page({ policy = STRICT, path = "/", ...options } = {}) {
      const context = await browser.newContext({ locale: "en-GB", ...options });
      const page = await context.newPage();
      page.refused = [];
      page.on("console", (message) => {
        if (/content security policy/i.test(message.text())) page.refused.push(message.text());
      });
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

function serve(url, response) {
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
