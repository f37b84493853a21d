/** docs/browser.md is what the types say now. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import test from "node:test";
import { fileURLToPath } from "node:url";

const generator = fileURLToPath(new URL("../reference.js", import.meta.url));
const committed = readFileSync(new URL("../../../docs/browser.md", import.meta.url), "utf8");

test("the reference is the one that is made from the types: else run `cargo xtask docs`", () => {
  assert.equal(execFileSync("node", [generator], { encoding: "utf8" }), committed);
});

test("every link of the reference leads to a heading of it", () => {
  const given = new Map();
  const addresses = new Set();
  for (const [, title] of committed.matchAll(/^#+ (.+)$/gm)) {
    const address = title.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-");
    const before = given.get(address) ?? 0;
    given.set(address, before + 1);
    addresses.add(before === 0 ? address : `${address}-${before}`);
  }
  const links = [...committed.matchAll(/\]\(#([^)]+)\)/g)].map(([, address]) => address);
  assert.ok(links.length > 20);
  assert.deepEqual(links.filter((address) => !addresses.has(address)), []);
});
