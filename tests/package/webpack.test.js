// webpack 5 as it comes: no configuration beyond where the project is.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { promisify } from 'node:util';
import webpack from 'webpack';

import { paysOn, redirectsFrom } from './journeys.js';
import { emitted, work } from './project.js';
import { launch, openShop } from './shop.js';

const PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title><main id="checkout"></main><script defer src="/main.js"></script>';

const context = join(work, 'shop');
const output = join(work, 'shop-by-webpack');
let browser;
let shop;
let stats;

before(async () => {
  stats = await promisify(webpack)({ context, mode: 'production', output: { path: output } });
  shop = await openShop(output, { pages: { '/': PAGE, '/redirect.html': PAGE } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  shop?.close();
});

test('webpack builds without a warning, and emits both modules as they are', () => {
  assert.equal(stats.toString({ all: false, errors: true, warnings: true }), '');
  assert.deepEqual(emitted(output, '.wasm'), ['checkout_core_bg.wasm', 'checkout_ui_bg.wasm']);
});

test('webpack: a payment is seen through on the built page', () => paysOn(browser, shop));

test('webpack: a page that only redirects loads nothing of the interface', () => redirectsFrom(browser, shop, '/redirect.html'));
