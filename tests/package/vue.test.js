// The Vue component.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '../../wasm/js/tests/page.js';
import { hook } from './shop.js';
import { wrapperTests } from './wrapped.js';

const { onPage, signer } = wrapperTests('vue');

test('vue: kept alive out of sight it asks nothing, and goes on when it is seen again', () =>
  onPage('/', async (page) => {
    await page.click(hook('pay'));
    await page.waitForSelector(`${hook('qr')} svg`);
    await page.evaluate(() => window.records.setKept(false));
    await page.waitForSelector('text=One box of tea');
    await until(() => signer().waiting.size === 0);
    await page.evaluate(() => window.records.setKept(true));
    await page.waitForSelector(`${hook('qr')} svg`);
    assert.equal(await page.locator(hook('root')).count(), 1);
    signer().move({ status: 'succeeded', next_action: null });
    await page.waitForSelector(`${hook('outcome')}[data-outcome="succeeded"]`);
    assert.equal(signer().count(/POST .*confirm/), 1);
  }));
