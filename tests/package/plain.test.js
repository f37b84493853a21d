// A page without any bundler: an import map to the unpacked tarball. A map is an inline script, so the policy allows
// this one by its hash.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { paysOn, redirectsFrom } from './journeys.js';
import { work } from './project.js';
import { launch, openShop, policy } from './shop.js';

const MAP = JSON.stringify({ imports: { '@countersign/checkout': '/node_modules/@countersign/checkout/dist/index.js' } });
const page = (name) => readFileSync(join(work, 'shop', name), 'utf8')
  .replace('<script', `<script type="importmap">${MAP}</script>\n  <script`)
  .replace('/src/', '/shop/src/');

let browser;
let shop;

before(async () => {
  const hash = createHash('sha256').update(MAP).digest('base64');
  const pages = { '/': page('index.html'), '/redirect.html': page('redirect.html') };
  shop = await openShop(work, { pages, csp: policy(`'sha256-${hash}'`) });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  shop?.close();
});

test('no bundler: a payment is seen through on the page', () => paysOn(browser, shop));

test('no bundler: a page that only redirects loads nothing of the interface', () => redirectsFrom(browser, shop, '/redirect.html'));
