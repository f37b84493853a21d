/**
 * What each feature costs a page: `node js/sizes.js <dist>` prints the table and fails when a budget is exceeded;
 * `--write <file>` puts the table into a document, between `<!-- sizes -->` and `<!-- /sizes -->`.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** With brotli, in bytes. */
const CORE_MAX = 26_000;
const EVERYTHING_MAX = 65_000;

/** What is loaded for what; every other script is loaded by `mount`. */
const FEATURES = [
  ["core", "`open`, `resume`, `confirm`, `follow`", ["checkout_core_bg.wasm", "checkout_core.js", "index.js"]],
  ["picker", "`pickMethods`", ["picker.js"]],
  ["bridge", "WeChat's bridge", ["bridge.js"]],
  ["interface", "`mount`: panels, English and Chinese, QR codes", ["checkout_ui_bg.wasm", "checkout_ui.js"]],
  ["styles", "its styles", ["checkout_css.js"]],
  ["react", "`/react`", ["react.js", "attached.js"]],
  ["vue", "`/vue`", ["vue.js", "attached.js"]],
];

/** What wraps the interface is no part of everything: nobody loads both. */
const WRAPPERS = ["react", "vue"];

/** Others' packages, bundled and minified by esbuild for ES2020, measured on 2026-11-22. */
const OTHERS = [
  ["@adyen/adyen-web 6.45.2, core with WeChat and Redirect", 166_128, 49_736, 42_610],
  ["weixin-js-sdk 1.6.5", 13_609, 4_709, 4_200],
  ["@stripe/stripe-js 10.2.1 ¹", 2_985, 1_377, 1_167],
  ["@paypal/paypal-js 11.2.0 ¹", 4_149, 1_938, 1_589],
];

const BEGIN = "<!-- sizes -->";
const END = "<!-- /sizes -->";

/** The sizes of a folder's features: `[{feature, label, sizes: [raw, gzip, brotli]}]`, with `everything` among them. */
export function measured(dist) {
  // The style sheet itself is only loaded by who links it; what `mount` brings along is the same as a module.
  const present = readdirSync(dist).filter((name) => /\.(js|wasm)$/.test(name));
  const named = new Set(FEATURES.flatMap(([, , files]) => files));
  const rest = present.filter((name) => !named.has(name));
  const rows = [];
  const whole = new Set();
  for (const [feature, label, files] of FEATURES) {
    const loaded = feature === "interface" ? [...files, ...rest] : files;
    const here = loaded.filter((name) => present.includes(name));
    if (here.length === 0) continue;
    if (!WRAPPERS.includes(feature)) here.forEach((name) => whole.add(name));
    rows.push({ feature, label, sizes: together(dist, here) });
  }
  rows.push({ feature: "everything", label: "everything but the wrappers", sizes: together(dist, whole) });
  return rows;
}

/** The budgets that are exceeded, as sentences. */
export function exceeded(rows) {
  return [["core", CORE_MAX], ["everything", EVERYTHING_MAX]]
    .map(([feature, most]) => [feature, rows.find((row) => row.feature === feature).sizes[2], most])
    .filter(([, size, most]) => size > most)
    .map(([feature, size, most]) => `${feature} is ${size} bytes with brotli, and ${most} are the most`);
}

/** The table as Markdown. */
export function table(rows) {
  const row = (label, sizes) => `| ${label} | ${sizes.map((size) => size.toLocaleString("en")).join(" | ")} |`;
  return [
    "| loaded for | raw | gzip | brotli |",
    "|---|--:|--:|--:|",
    ...rows.map(({ feature, label, sizes }) => row(feature === "everything" ? `**${label}**` : label, sizes)),
    ...OTHERS.map(([label, ...sizes]) => row(label, sizes)),
    "",
    `Bytes of the packed files, each compressed by itself (gzip 9, brotli 11). The core may be ${CORE_MAX.toLocaleString("en")} bytes`,
    `with brotli, everything ${EVERYTHING_MAX.toLocaleString("en")}; the build fails above that. The other packages are measured as a`,
    "merchant's bundle loads them, bundled and minified by esbuild.",
    "",
    "¹ Only the loader: the real code comes from the provider's CDN when it runs.",
  ].join("\n");
}

/** The numbers of the table in a document, in the order in which it prints them; `null` when it has none. */
export function printed(document) {
  const block = document.split(BEGIN)[1]?.split(END)[0];
  const rows = block?.split("\n").filter((line) => /^\|.*\d \|$/.test(line));
  return rows?.map((line) => line.split("|").slice(2, 5).map((cell) => Number(cell.replaceAll(",", "")))) ?? null;
}

/** Puts a table into a document, in place of the one that is there. */
function inserted(document, text) {
  const [before, rest] = document.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`there is no place for a table: ${BEGIN} … ${END}`);
  return `${before}${BEGIN}\n${text}\n${END}${after}`;
}

function together(dist, files) {
  const total = [0, 0, 0];
  for (const file of files) {
    sizes(readFileSync(join(dist, file))).forEach((size, at) => (total[at] += size));
  }
  return total;
}

function sizes(bytes) {
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  return [bytes.length, gzipSync(bytes, { level: 9 }).length, brotli.length];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [dist, write, document] = process.argv.slice(2);
  const rows = measured(dist);
  console.log(table(rows));
  if (write === "--write") writeFileSync(document, inserted(readFileSync(document, "utf8"), table(rows)));
  for (const sentence of exceeded(rows)) {
    console.error(sentence);
    process.exitCode = 1;
  }
}
