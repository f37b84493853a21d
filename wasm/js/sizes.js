/** Prints what a page loads, raw, gzip and brotli, and fails when the core is over its budget. Used by the release build. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** 26 589 measured, of which WeChat's bridge, the places where a method works and the rounds of a login are 1 400. */
const CORE_BROTLI_MAX = 26_700;

const dist = process.argv[2];
const groups = {
  core: ["checkout_core_bg.wasm", "checkout_core.js", "index.js"],
  "wechat bridge": ["bridge.js"],
  "method picker": ["picker.js"],
  interface: ["checkout_ui_bg.wasm", "checkout_ui.js", "mount.js", "screen.js", "checkout.css"],
};

let coreBrotli = 0;
console.log("file".padEnd(28), "raw".padStart(8), "gzip".padStart(8), "brotli".padStart(8));
for (const [group, files] of Object.entries(groups)) {
  const total = [0, 0, 0];
  for (const file of files) {
    const sizes = measured(readFileSync(join(dist, file)));
    sizes.forEach((size, at) => (total[at] += size));
    print(file, sizes);
  }
  print(`${group} together`, total);
  if (group === "core") coreBrotli = total[2];
}
if (coreBrotli > CORE_BROTLI_MAX) {
  console.error(`the core is ${coreBrotli} bytes with brotli, its budget is ${CORE_BROTLI_MAX}`);
  process.exitCode = 1;
}

function measured(bytes) {
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  return [bytes.length, gzipSync(bytes, { level: 9 }).length, brotli.length];
}

function print(name, sizes) {
  console.log(name.padEnd(28), ...sizes.map((size) => String(size).padStart(8)));
}
