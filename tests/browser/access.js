// Whether people who do not see, or do not use a mouse, can use a page: what axe finds wrong with it.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const script = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What the guidelines ask for. */
export const WCAG_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe finds wrong with a page as it is now, each as a line. */
export async function barriers(page, rules = [...WCAG_AA, 'best-practice']) {
  // Evaluated, not added as an element, which the page's own policy would forbid.
  await page.evaluate(await script);
  const found = await page.evaluate((values) => globalThis.axe.run({ runOnly: { type: 'tag', values } }), rules);
  const measured = [...found.passes, ...found.violations].some(({ id }) => id === 'color-contrast');
  if (!measured) throw new Error('axe has measured no contrast: is anything on the page?');
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`));
}
