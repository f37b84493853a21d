import assert from "node:assert/strict";
import { test } from "node:test";

import { coreModule, dist } from "./page.js";

/** Each test loads the package afresh, since it remembers what it has loaded; the module below is shared, so the order matters. */
let copies = 0;
const fresh = () => import(`${new URL("index.js", dist)}?${++copies}`);

test("importing touches no browser", async () => {
  assert.equal(globalThis.window, undefined);
  const checkout = await fresh();
  assert.deepEqual(Object.keys(checkout).sort(), [
    "betterPlace", "dotwalletSetPayConfigUrl", "environment", "hicoinPaymentUrl", "inMiniProgram", "invokeBridge", "load",
    "methodFits", "mount", "open", "pickMethods", "qrSvg", "resumable", "resume",
  ]);
});

test("a synchronous function says so when nothing is loaded yet", async () => {
  const { environment, methodFits, resumable } = await fresh();
  for (const call of [environment, () => methodFits("hicoin_h5", "mobile"), resumable]) {
    assert.throws(call, { name: "CheckoutError", code: "not_loaded" });
  }
});

test("a module that is none is said plainly", async () => {
  const { load } = await fresh();
  await assert.rejects(load({ wasmUrl: new Uint8Array([1, 2, 3]) }), { code: "wasm_failed" });
});

test("a missing WebAssembly is said plainly, and loading can be tried again", async () => {
  const { load, environment } = await fresh();
  const { WebAssembly } = globalThis;
  delete globalThis.WebAssembly;
  try {
    await assert.rejects(load(), { name: "CheckoutError", code: "wasm_missing" });
  } finally {
    globalThis.WebAssembly = WebAssembly;
  }
  await load({ wasmUrl: coreModule() });
  assert.equal(environment(), "desktop");
});

test("calls at the same time share one load", async () => {
  const { load } = await fresh();
  const [first, second] = [load({ wasmUrl: coreModule() }), load()];
  assert.equal(first, second);
  await first;
});
