// What every bundler's output must do: show the interface and see a payment through, and load nothing of it where only
// a redirect is needed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { dist } from './project.js';
import { newPayment, payThrough, visit } from './shop.js';

/** Pays on the page of the ready-made interface. */
export async function paysOn(browser, shop, path = '/') {
  const signer = await newPayment();
  shop.payment = signer.options;
  try {
    await visit(browser, shop.url + path, async (page) => {
      await payThrough(page, signer);
      assert.deepEqual(await page.evaluate(() => window.outcomes), ['succeeded']);
      const width = await page.evaluate(() => getComputedStyle(document.querySelector('.countersign')).maxWidth);
      assert.notEqual(width, 'none', 'its styles are there');
    });
  } finally {
    signer.close();
  }
}

/** Goes to the gateway from the page that uses no interface; none of that may be loaded. */
export async function redirectsFrom(browser, shop, path) {
  const signer = await newPayment({ method: { type: 'jubao_alipay_wap' } });
  shop.payment = signer.options;
  const next_action = { type: 'redirect', purpose: 'pay', url: `${shop.url}/gateway` };
  signer.confirm = () => signer.move({ status: 'requires_action', next_action });
  try {
    await visit(browser, shop.url + path, async (page) => {
      await page.click('button');
      await page.waitForURL(`${shop.url}/gateway`);
      const bodies = await Promise.all(page.loaded.map(({ body }) => body));
      const isLoaded = (name) => bodies.some((body) => body.equals(readFileSync(join(dist, name))));
      assert.ok(isLoaded('checkout_core_bg.wasm'), 'the core is loaded');
      assert.ok(!isLoaded('checkout_ui_bg.wasm'), 'the module of the interface is not');
      assert.ok(!isLoaded('checkout.css'), 'nor its styles');
      const scripts = bodies.map(String).join('\n');
      assert.ok(!scripts.includes('countersign-spinner'), 'nor its scripts');
      assert.ok(!scripts.includes('WeixinJSBridge'), 'nor the bridge');
    });
  } finally {
    signer.close();
  }
}
