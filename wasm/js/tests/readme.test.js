/** Every snippet of README.md is checked against the types, so that the page cannot promise what is not there. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const js = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(js, "../README.md"), "utf8");
const types = readFileSync(join(js, "index.d.ts"), "utf8");

/** React and Vue are installed for the tests of the packed package. */
const frameworks = join(js, "../../tests/package/node_modules");

/** The fenced blocks, each with its language and the line it begins on. */
function snippets() {
  const found = [];
  for (const match of readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)) {
    const line = readme.slice(0, match.index).split("\n").length;
    found.push({ language: match[1], text: match[2], line });
  }
  return found;
}

/** What of a snippet the compiler can read: for Vue its script. */
function source({ language, text }) {
  if (language !== "vue") return text;
  return /<script setup lang="ts">\n(.*?)<\/script>/s.exec(text)[1];
}

/** A snippet under a name by which the compiler knows its language. */
function file(snippet) {
  const ending = { js: "js", ts: "ts", tsx: "tsx", vue: "ts" }[snippet.language];
  return { ...snippet, name: join(js, `readme-line-${snippet.line}.${ending}`), text: `${source(snippet)}\nexport {};\n` };
}

const isCode = ({ language }) => ["js", "ts", "tsx", "vue"].includes(language);

const OPTIONS = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  jsx: ts.JsxEmit.ReactJSX,
  noEmit: true,
  allowJs: true,
  checkJs: true,
  skipLibCheck: true,
  types: [],
  baseUrl: js,
  paths: {
    "@countersign/checkout": ["index.d.ts"],
    "/checkout/index.js": ["index.d.ts"],
    "@countersign/checkout/*": ["*.d.ts"],
    "react": [join(frameworks, "@types/react")],
    "react/*": [join(frameworks, "@types/react/*")],
    "vue": [join(frameworks, "vue")],
  },
};

/** What the compiler says of these files. Plain scripts are not asked to prove that an element is there. */
function complaints(files, isStrict) {
  const options = isStrict ? { ...OPTIONS, strict: true, exactOptionalPropertyTypes: true } : OPTIONS;
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  const written = new Map(files.map(({ name, text }) => [name, text]));
  host.readFile = (name) => written.get(name) ?? readFile(name);
  host.fileExists = (name) => written.has(name) || fileExists(name);
  const { getSourceFile } = host;
  host.getSourceFile = (name, ...rest) =>
    written.has(name) ? ts.createSourceFile(name, written.get(name), rest[0], true) : getSourceFile(name, ...rest);
  const program = ts.createProgram([...written.keys()], options, host);
  const said = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
  for (const { name } of files) {
    const parsed = program.getSourceFile(name);
    said.push(...program.getSyntacticDiagnostics(parsed), ...program.getSemanticDiagnostics(parsed));
  }
  return said.map((diagnostic) => {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
    const at = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start).line ?? 0;
    return `${diagnostic.file?.fileName ?? "options"}, line ${at + 1} of the snippet: ${text}`;
  });
}

const checked = snippets().filter(isCode).map(file);

test("the page has snippets for plain pages, TypeScript, React and Vue", () => {
  const languages = new Set(snippets().map(({ language }) => language));
  for (const language of ["html", "js", "ts", "tsx", "vue", "css", "http"]) assert.ok(languages.has(language), language);
  assert.ok(checked.length >= 6, `only ${checked.length} snippets are checked`);
});

test("the snippets in TypeScript fit the types, strictly", () => {
  const strict = checked.filter(({ language }) => language !== "js");
  const needsFrameworks = strict.some(({ language }) => language === "tsx" || language === "vue");
  assert.ok(!needsFrameworks || existsSync(frameworks), `run npm ci in ${dirname(frameworks)}`);
  assert.deepEqual(complaints(strict, true), []);
});

test("the snippets in JavaScript fit the types", () => {
  assert.deepEqual(complaints(checked.filter(({ language }) => language === "js"), false), []);
});

test("a snippet that names what is not there is found", () => {
  const text = 'import { mount, pay } from "@countersign/checkout";\nmount(document.body, { paymentid: "pay_1" });\n';
  const said = complaints([{ name: join(js, "readme-wrong.js"), text }], false);
  assert.equal(said.length, 2, said.join("\n"));
});

test("the pages have no inline scripts and styles, which a strict policy forbids", () => {
  for (const { language, text, line } of snippets()) {
    if (language !== "html") continue;
    assert.doesNotMatch(text, /<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/, `line ${line}`);
  }
});

test("every outcome and every error code has its row", () => {
  const rows = new Set([...readme.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name));
  for (const [name, kind] of [["OutcomeStatus", "outcome"], ["CheckoutErrorCode", "error"]]) {
    const union = new RegExp(`export type ${name} =([^;]+);`).exec(types)[1];
    for (const [, word] of union.matchAll(/"(\w+)"/g)) assert.ok(rows.has(word), `the ${kind} ${word} has no row`);
  }
});

test("every property of the look that is named is one that the style sheet reads", () => {
  const styles = readFileSync(join(js, "checkout.css"), "utf8");
  const named = new Set([...readme.matchAll(/--countersign-[a-z-]+/g)].map(([name]) => name));
  const unknown = [...named].filter((name) => !styles.includes(name));
  assert.ok(named.size >= 13);
  assert.deepEqual(unknown, []);
});

test("links within the page and to the repository lead somewhere", () => {
  const anchors = new Set([...readme.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")));
  for (const [, target] of readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
    const [path, anchor] = target.split("#");
    if (path === "") assert.ok(anchors.has(anchor), target);
    else assert.ok(existsSync(join(js, "..", path)), target);
  }
});
