// Vite as it comes, without any configuration: the build, and the development server.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { build, createLogger, createServer } from 'vite';

import { paysOn, redirectsFrom } from './journeys.js';
import { emitted, work } from './project.js';
import { launch, openShop, policy } from './shop.js';

const root = join(work, 'shop');
const output = join(work, 'shop-by-vite');
const said = [];
let browser;
let shop;

before(async () => {
  const customLogger = createLogger('silent');
  customLogger.warn = customLogger.warnOnce = (message) => said.push(message);
  const rollupOptions = { input: [join(root, 'index.html'), join(root, 'redirect.html')] };
  await build({ root, configFile: false, logLevel: 'warn', customLogger, build: { outDir: output, emptyOutDir: true, rollupOptions } });
  shop = await openShop(output);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  shop?.close();
});

test('Vite builds without a warning, and emits both modules as they are', () => {
  assert.deepEqual(said, []);
  assert.deepEqual(emitted(output, '.wasm'), ['checkout_core_bg.wasm', 'checkout_ui_bg.wasm']);
});

test('Vite: a payment is seen through on the built page', () => paysOn(browser, shop));

test('Vite: a page that only redirects loads nothing of the interface', () => redirectsFrom(browser, shop, '/redirect.html'));

test('Vite: a payment is seen through on the development server', async () => {
  const dev = await createServer({
    root,
    configFile: false,
    logLevel: 'error',
    cacheDir: join(work, 'vite-cache'),
    server: { host: '127.0.0.1', port: 0, headers: { 'content-security-policy': policy() } },
    plugins: [{
      name: 'cart',
      configureServer: ({ middlewares }) => {
        middlewares.use('/cart/pay', (_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(site.payment)));
        middlewares.use('/favicon.ico', (_, response) => response.end());
      },
    }],
  });
  await dev.listen();
  const site = { url: dev.resolvedUrls.local[0].replace(/\/$/, ''), payment: null };
  try {
    await paysOn(browser, site);
  } finally {
    await dev.close();
  }
});
