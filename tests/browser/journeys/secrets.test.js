// No secret ever reaches the browser or a log file: everything that was loaded, stored, shown or logged is searched.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { PHONE, launch, travel } from '../chromium.js';
import { startDemo } from '../demo.js';
import { ShopPage } from '../shop.js';
import { Witness } from '../witness.js';

/** Every form in which a secret would be recognised by somebody who looks for it. */
function forms(secret) {
  const bytes = Buffer.from(secret, 'utf8');
  const md5 = createHash('md5').update(bytes).digest('hex');
  const bare = secret.replace(/^whsec_/, '');
  return new Set([
    secret,
    bare,
    md5,
    md5.toUpperCase(),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('hex'),
    Buffer.from(bare, 'base64').toString('hex'),
    encodeURIComponent(secret),
  ]);
}

/** The places, by name, in which a form of a secret is found. */
function leaks(places, secrets) {
  const found = [];
  for (const [name, secret] of Object.entries(secrets)) {
    for (const form of forms(secret)) {
      for (const [place, bytes] of places) {
        if (bytes.includes(form)) found.push(`${name} in ${place}`);
      }
    }
  }
  return found;
}

describe('secrets', { timeout: 300_000 }, () => {
  let demo;
  let browser;
  let witness;

  before(async () => {
    demo = await startDemo('secrets');
    browser = await launch();
    witness = await Witness.start();
  });

  after(async () => {
    await browser?.close();
    await witness?.stop();
    await demo?.stop();
  });

  test('the search finds a secret that is planted, in each of its forms', () => {
    const secret = 'whsec_c2VjcmV0LXNlY3JldA';
    for (const form of forms(secret)) {
      assert.deepEqual([...new Set(leaks([['page', Buffer.from(`<p>${form}</p>`)]], { KEY: secret }))], ['KEY in page']);
    }
    assert.deepEqual(leaks([['page', Buffer.from('<p>tea</p>')]], { KEY: secret }), []);
  });

  test('are in nothing that a browser loads, keeps or shows, nor in a log', () => {
    const everyWay = async (context) => {
      witness.listen(context);
      await demo.setWalletUser({ balance: 0, consented: false });

      const payAtGateway = async (method) => {
        const shop = await ShopPage.open(context, demo);
        await shop.buy(method);
        await (await shop.atGateway()).press('pay');
        await shop.back();
        await shop.outcome('succeeded');
        await witness.look(shop.page, method);
        await shop.page.close();
      };
      await payAtGateway('jubao_wechat_h5');
      await payAtGateway('jubao_alipay_wap');
      await payAtGateway('hicoin_h5');

      const wallet = await ShopPage.open(context, demo);
      await wallet.buy('dotwallet_autopay');
      await wallet.part('consent').click();
      await (await wallet.atGateway()).press('continue');
      await wallet.back();
      await wallet.outcome('succeeded');
      await witness.look(wallet.page, 'dotwallet_autopay');

      const qr = await ShopPage.open(context, demo);
      await qr.buyByQr('blueocean_alipay_qrcode');
      await witness.look(qr.page, 'blueocean_alipay_qrcode');

      const seen = witness.everything;
      const logs = Object.entries(await demo.logs()).map(([name, text]) => [name, Buffer.from(text)]);
      // The search must have had something to look at.
      for (const expected of ['body of GET', '.wasm', '/v1/checkout/', 'sessionStorage', 'DOM']) {
        assert.ok(seen.some(([place]) => place.includes(expected)), `nothing of ${expected} was seen`);
      }
      assert.deepEqual(logs.map(([name]) => name).sort(), ['countersign.log', 'gateways.log', 'shop.log']);
      const publicId = { APP_ID: '0123456789abcdef0123456789abcdef' };
      assert.ok(leaks(seen, publicId).some((leak) => leak.includes('body of POST')), 'what is public was not found');
      assert.ok(Object.keys(demo.secrets).length >= 8, 'all secrets are known to the search');
      assert.deepEqual(leaks([...seen, ...logs], demo.secrets), []);
    };
    return travel(browser, 'secrets', everyWay, { ...PHONE, ...witness.contextOptions });
  });
});
