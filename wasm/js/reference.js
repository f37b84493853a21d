/** Prints docs/browser.md: the reference of the package, made from its types by TypeDoc. `cargo xtask docs` runs it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/** How often each address of a heading was given by the entry points before. */
const given = new Map();

/** Addresses that were given before get a number, or a higher one; so the links to them must, too. */
function readdressed(text) {
  const linked = text.replace(/\]\(#([\w-]+?)(?:-(\d+))?\)/g, (_, address, number = "0") => {
    const nth = Number(number) + (given.get(address) ?? 0);
    return nth === 0 ? `](#${address})` : `](#${address}-${nth})`;
  });
  for (const [, title] of text.matchAll(/^#+ (.+)$/gm)) {
    const address = title.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-");
    given.set(address, (given.get(address) ?? 0) + 1);
  }
  return linked;
}

const parts = [INTRODUCTION];
for (const [name, file] of ENTRIES) {
  // A wrapper that the package does not have.
  if (!existsSync(join(js, file))) continue;
  parts.push(`## \`${name}\`\n`, `${readdressed(section(await page(join(js, file))))}\n`);
}
process.stdout.write(parts.join("\n"));
