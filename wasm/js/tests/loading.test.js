/** What can go wrong with loading, in real Chromium: each is said plainly, and can be tried again. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { openShop } from "./shop.js";
import { SECRET, startSigner } from "./signer.js";

let shop;
let page;

before(async () => {
  shop = await openShop();
});
after(() => shop.close());
beforeEach(async () => {
  page = await shop.page();
});
afterEach(() => page.context().close());

const CORE = "**/checkout_core_bg.wasm";

/** The error of a call of `load`, or `null` when it worked. */
const load = () =>
  page.evaluate(async () => {
    const { load } = await import("/checkout/index.js");
    return load().then(() => null, ({ name, code, message }) => ({ name, code, message }));
  });

test("a module that is not there is named with its address, and loads once it is there", async () => {
  await page.route(CORE, (route) => route.fulfill({ status: 404, contentType: "text/plain", body: "no" }));
  const error = await load();
  assert.deepEqual([error.name, error.code], ["CheckoutError", "wasm_failed"]);
  assert.match(error.message, /no WebAssembly module at http:.*checkout_core_bg\.wasm: HTTP 404/);
  await page.unroute(CORE);
  assert.equal(await load(), null);
});

test("a page of HTML in the module's place is called that", async () => {
  await page.route(CORE, (route) => route.fulfill({ status: 200, contentType: "text/html; charset=utf-8", body: "<!doctype html>" }));
  const error = await load();
  assert.equal(error.code, "wasm_failed");
  assert.match(error.message, /checkout_core_bg\.wasm: HTTP 200, text\/html/);
});

test("a server that does not know the type of a module serves it all the same", async () => {
  await page.route(CORE, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-type": "application/octet-stream" } });
  });
  assert.equal(await load(), null);
});

test("a server that cannot be reached is said plainly, and tried again", async () => {
  await page.route(CORE, (route) => route.abort());
  const error = await load();
  assert.equal(error.code, "wasm_failed");
  assert.match(error.message, /could not be loaded: Failed to fetch/);
  await page.unroute(CORE);
  assert.equal(await load(), null);
});

test("a server that never answers is given up, and tried again", async () => {
  await page.clock.install();
  await page.route(CORE, () => {});
  const asked = page.waitForRequest(CORE);
  const loading = load();
  await asked;
  await page.clock.fastForward(20_000);
  assert.equal((await loading).code, "wasm_timeout");
  await page.unroute(CORE);
  assert.equal(await load(), null);
});

test("a compilation that never ends is given up, and tried again", async () => {
  await page.clock.install();
  const started = page.evaluate(() => new Promise((started) => {
    const { compileStreaming } = WebAssembly;
    WebAssembly.compileStreaming = () => {
      WebAssembly.compileStreaming = compileStreaming;
      started();
      return new Promise(() => {});
    };
  }));
  const loading = load();
  await started;
  await page.clock.fastForward(20_000);
  assert.equal((await loading).code, "wasm_timeout");
  assert.equal(await load(), null);
});

test("a browser without WebAssembly is told from a page that forbids it", async () => {
  await page.evaluate(() => delete window.WebAssembly);
  assert.equal((await load()).code, "wasm_missing");
});

test("the module may come as a text, an answer, the promise of one, bytes or a module", async () => {
  await page.evaluate(() => {
    const address = "/checkout/checkout_core_bg.wasm";
    // In objects, or waiting for the promise of one would already unwrap it.
    window.sources = {
      text: async () => ({ wasmUrl: address }),
      answer: async () => ({ wasmUrl: await fetch(address) }),
      promised: async () => ({ wasmUrl: fetch(address) }),
      bytes: async () => ({ wasmUrl: await (await fetch(address)).arrayBuffer() }),
      view: async () => ({ wasmUrl: new Uint8Array(await (await fetch(address)).arrayBuffer()) }),
      module: async () => ({ wasmUrl: await WebAssembly.compileStreaming(fetch(address)) }),
    };
  });
  for (const source of ["text", "answer", "promised", "bytes", "view", "module"]) {
    const error = await page.evaluate(async (source) => {
      const { environment, load } = await import(`/checkout/index.js?${source}`);
      return load(await window.sources[source]()).then(environment, String);
    }, source);
    assert.equal(error, "desktop", source);
  }
});

test("a module that is not the one that was promised does not start", async () => {
  const error = await page.evaluate(async () => {
    const { load } = await import("/checkout/index.js");
    const other = fetch("/checkout/checkout_core_bg.wasm", { integrity: `sha256-${"A".repeat(43)}=` });
    return load({ wasmUrl: other }).then(() => null, ({ code }) => code);
  });
  assert.equal(error, "wasm_failed");
});

const mount = (options) =>
  page.evaluate(async (options) => {
    const { mount } = await import("/checkout/index.js");
    const leaving = new AbortController();
    window.leave = () => leaving.abort();
    return mount(document.querySelector("#checkout"), { ...options, signal: leaving.signal }).then(() => null, ({ name, code }) => ({ name, code }));
  }, options);

test("an interface whose part is missing leaves word for the payer, and the shop can try again", async () => {
  const signer = await startSigner();
  const options = { signer: signer.url, paymentId: "pay_1", clientSecret: SECRET };
  try {
    await page.route("**/checkout_ui_bg.wasm", (route) => route.fulfill({ status: 503, body: "" }));
    assert.deepEqual(await mount(options), { name: "CheckoutError", code: "wasm_failed" });
    assert.match(await page.textContent('[role="alert"]'), /could not be loaded/);
    await page.unroute("**/checkout_ui_bg.wasm");
    assert.equal(await mount(options), null);
    await page.waitForSelector('[data-countersign="pay"]');
  } finally {
    signer.close();
  }
});

for (const script of ["mount.js", "checkout_ui.js"]) {
  test(`a part of the interface that did not arrive is fetched again: ${script}`, async () => {
    const signer = await startSigner();
    const options = { signer: signer.url, paymentId: "pay_1", clientSecret: SECRET };
    try {
      await page.route(`**/${script}`, (route) => route.abort());
      assert.deepEqual(await mount(options), { name: "CheckoutError", code: "wasm_failed" });
      await page.unroute(`**/${script}`);
      assert.equal(await mount(options), null);
      await page.waitForSelector('[data-countersign="pay"]');
    } finally {
      signer.close();
    }
  });
}

test("an interface that is not wanted any more while it loads leaves nothing and asks nothing", async () => {
  const signer = await startSigner();
  try {
    let release;
    const held = new Promise((resolve) => (release = resolve));
    await page.route("**/checkout_ui_bg.wasm", async (route) => {
      await held;
      await route.continue();
    });
    const asked = page.waitForRequest("**/checkout_ui_bg.wasm");
    const mounting = mount({ signer: signer.url, paymentId: "pay_1", clientSecret: SECRET });
    await asked;
    await page.evaluate(() => window.leave());
    release();
    assert.equal((await mounting).name, "AbortError");
    assert.equal(await page.locator("#checkout > *").count(), 0);
    assert.equal(signer.asked.length, 0);
  } finally {
    signer.close();
  }
});
