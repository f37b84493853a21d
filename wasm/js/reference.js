/** Prints docs/browser.md: the reference of the package, made from its types by TypeDoc. `cargo xtask docs` runs it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application } from "typedoc";

const js = fileURLToPath(new URL(".", import.meta.url));
const frameworks = join(js, "../../tests/package/node_modules");

const INTRODUCTION = `# Reference of \`@countersign/checkout\`

Written by \`cargo xtask docs\` from the types of the package; do not edit. How the parts go together, with code to copy:
[the package's page](../wasm/README.md). What the signer answers: [HTTP API](api.md).
`;

/** The entry points, and the types of each. */
const ENTRIES = [
  ["@countersign/checkout", "index.d.ts"],
  ["@countersign/checkout/react", "react.d.ts"],
  ["@countersign/checkout/vue", "vue.d.ts"],
];

const OPTIONS = {
  plugin: ["typedoc-plugin-markdown"],
  logLevel: "Warn",
  readme: "none",
  skipErrorChecking: false,
  disableSources: true,
  excludeExternals: true,
  sort: ["source-order"],
  groupOrder: ["Functions", "Variables", "Interfaces", "Type Aliases"],
  validation: { notExported: false },
  router: "module",
  entryFileName: "page.md",
  hidePageHeader: true,
  hidePageTitle: true,
  hideBreadcrumbs: true,
  hideGroupHeadings: false,
  useCodeBlocks: true,
  expandObjects: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  propertyMembersFormat: "table",
  tableColumnSettings: { hideDefaults: true, hideInherited: true, hideModifiers: true, hideOverrides: true, hideSources: true, hideValues: true },
  compilerOptions: { skipLibCheck: true },
};

/** The reference of one entry point. */
async function page(types) {
  const folder = mkdtempSync(join(tmpdir(), "reference-"));
  try {
    const tsconfig = join(folder, "tsconfig.json");
    // React and Vue are installed for the tests of the packed package.
    const compilerOptions = { paths: { "react": [join(frameworks, "@types/react")], "vue": [join(frameworks, "vue")] } };
    writeFileSync(tsconfig, JSON.stringify({ extends: join(js, "tests/tsconfig.json"), compilerOptions, files: [types] }));
    const application = await Application.bootstrapWithPlugins({ ...OPTIONS, entryPoints: [types], outputs: [{ name: "markdown", path: folder }], tsconfig, basePath: js });
    const project = await application.convert();
    if (project === undefined) throw new Error(`TypeDoc cannot read ${types}`);
    await application.generateOutputs(project);
    if (application.logger.hasErrors() || application.logger.hasWarnings()) throw new Error(`TypeDoc complains of ${types}`);
    return readFileSync(join(folder, "page.md"), "utf8");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same one level deeper, without what only a page of its own needs. */
function section(text) {
  return text.replace(/^#+ /gm, "#$&").replace(/<a id="[^"]*"><\/a> /g, "").replace(/^\*\*\*\n\n/gm, "").trim();
}

const addressOf = (title) => title.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-");

/** How often each address of a heading was given by the entry points before. */
const given = new Map();

/** The part of the reference that an entry point is. */
function part(text) {
  const body = section(text);
  const own = new Map();
  for (const [, title] of body.matchAll(/^#+ (.+)$/gm)) {
    const address = addressOf(title);
    own.set(address, [...(own.get(address) ?? []), (given.get(address) ?? 0) + (own.get(address)?.length ?? 0)]);
  }
  // TypeDoc numbers what has no heading, too; readers of Markdown number headings only, through the whole document. What
  // it gives a number is a type that shares its name with a function, and types come last.
  const linked = body.replace(/\]\(#([\w-]+?)(-\d+)?\)/g, (link, address, number) => {
    const nth = own.get(address)?.at(number === undefined ? 0 : -1);
    return nth === undefined ? link : `](#${nth === 0 ? address : `${address}-${nth}`})`;
  });
  for (const [address, numbers] of own) given.set(address, numbers.at(-1) + 1);
  return linked;
}

const parts = [INTRODUCTION];
for (const [name, file] of ENTRIES) {
  parts.push(`## \`${name}\`\n`, `${part(await page(join(js, file)))}\n`);
}
process.stdout.write(parts.join("\n"));
