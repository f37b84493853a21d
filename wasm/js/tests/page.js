/** As much of a page as the core module touches, for tests in Node. */
import { readFileSync } from "node:fs";

export const dist = new URL("../../dist/", import.meta.url);

export const coreModule = () => readFileSync(new URL("checkout_core_bg.wasm", dist));

/** Puts a location and a session storage into place. */
export function standIn() {
  const page = { went: [], stored: new Map() };
  globalThis.location = { assign: (url) => page.went.push(url) };
  globalThis.sessionStorage = {
    getItem: (key) => page.stored.get(key) ?? null,
    setItem: (key, value) => page.stored.set(key, value),
    removeItem: (key) => page.stored.delete(key),
  };
  return page;
}

/** Waits for a condition, but not for ever. */
export async function until(condition, what = String(condition)) {
  for (const end = Date.now() + 10_000; Date.now() < end; ) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain for ${what}`);
}
