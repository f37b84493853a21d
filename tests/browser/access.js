// Whether people who do not see, or do not use a mouse, can use a page: what axe finds wrong with it.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const script = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds wrong with a page as it is now, each as a line. */
export async function barriers(page) {
  // Evaluated, not added as an element, which the page's own policy would forbid.
  await page.evaluate(await script);
  const found = await page.evaluate((tags) => globalThis.axe.run({ runOnly: { type: 'tag', values: tags } }), RULES);
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`));
}
