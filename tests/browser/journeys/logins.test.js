// The gateway asks who pays: the payer logs in there, and goes on to pay without pressing anything twice.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { PHONE, inChinese } from '../chromium.js';
import { ShopPage } from '../shop.js';
import { stage } from '../stage.js';

const LOG_IN = { identity: 'gateway' };

describe('a payer whom the gateway asks who they are', { timeout: 300_000 }, () => {
  const journey = stage('logins');

  async function isPaidOnce(shop, demo, gateway) {
    await shop.outcome('succeeded');
    await shop.orderIs('succeeded');
    const { order_id } = await shop.order();
    const paid = (await demo.bookings(gateway, order_id)).filter(({ status }) => status === 'paid');
    assert.equal(paid.length, 1);
  }

  async function nothingIsTaken(shop, demo, gateway) {
    const { order_id, paid } = await shop.order();
    assert.equal(paid, false);
    assert.deepEqual(await demo.bookings(gateway, order_id), []);
  }

  /** The pages of a gateway that a tab is shown, by their file names. */
  function itinerary(shop, demo) {
    const pages = [];
    shop.page.on('framenavigated', (frame) => {
      const { origin, pathname } = new URL(frame.url());
      if (origin === demo.gateways) pages.push(pathname.split('/').pop());
    });
    return pages;
  }

  journey('logs in at DotWallet, allows payments there and has paid, in one press', async ({ context, demo }) => {
    await demo.setWalletUser({ balance: 0, consented: false });
    const shop = await ShopPage.open(context, demo);
    const pages = itinerary(shop, demo);
    await shop.buy('dotwallet_autopay', LOG_IN);
    const wallet = await shop.atGateway();
    await wallet.press('authorize');
    await wallet.is('set_pay_config');
    await wallet.press('continue');
    await shop.back();
    await isPaidOnce(shop, demo, 'dotwallet');
    assert.deepEqual(pages, ['get_code', 'set_pay_config']);
  });

  journey('logs in at DotWallet where everything is allowed already, and has paid', async ({ context, demo }) => {
    await demo.setWalletUser({ balance: 10_000_000, consented: true });
    const shop = await ShopPage.open(context, demo);
    const pages = itinerary(shop, demo);
    await shop.buy('dotwallet_autopay', LOG_IN);
    await (await shop.atGateway()).press('authorize');
    await shop.back();
    await isPaidOnce(shop, demo, 'dotwallet');
    assert.deepEqual(pages, ['get_code']);
  });

  journey('refuses to log in, is told so, changes their mind and pays', async ({ context, demo }) => {
    await demo.setWalletUser({ balance: 10_000_000, consented: true });
    const shop = await ShopPage.open(context, demo);
    const pages = itinerary(shop, demo);
    await shop.buy('dotwallet_autopay', LOG_IN);
    await (await shop.atGateway()).press('refuse');
    await shop.back();
    await shop.part('continue').waitFor();
    assert.match(await shop.part('status').textContent(), /You did not finish the login/);
    assert.equal(await shop.page.locator('#outcome').textContent(), '', 'nobody has refused the payment');
    await nothingIsTaken(shop, demo, 'dotwallet');
    assert.deepEqual(pages, ['get_code'], 'nobody is sent round in circles');
    await shop.part('continue').click();
    await (await shop.atGateway()).press('authorize');
    await shop.back();
    await isPaidOnce(shop, demo, 'dotwallet');
  });

  journey('refuses to allow payments after the login, is told so in Chinese, and is not sent in circles', async (play) => {
    const { context, demo } = play;
    await demo.setWalletUser({ balance: 10_000_000, consented: false });
    const shop = await ShopPage.open(context, demo);
    const pages = itinerary(shop, demo);
    await shop.buy('dotwallet_autopay', LOG_IN);
    const wallet = await shop.atGateway();
    await wallet.press('authorize');
    await wallet.is('set_pay_config');
    await wallet.press('refuse');
    await shop.back();
    await shop.part('consent').waitFor();
    assert.match(await shop.part('status').textContent(), /请允许自动支付/);
    await nothingIsTaken(shop, demo, 'dotwallet');
    assert.equal((await demo.walletUser()).balance, 10_000_000);
    assert.deepEqual(pages, ['get_code', 'set_pay_config']);
    // The wallet knows them by now: only what was refused is asked again.
    await shop.part('consent').click();
    await shop.atGateway();
    await wallet.is('set_pay_config');
    await wallet.press('continue');
    await shop.back();
    await isPaidOnce(shop, demo, 'dotwallet');
  }, inChinese(PHONE));

  journey('presses the back button on the login page, and goes on with the same order', async ({ context, demo }) => {
    await demo.setWalletUser({ balance: 10_000_000, consented: true });
    const shop = await ShopPage.open(context, demo);
    await shop.buy('dotwallet_autopay', LOG_IN);
    await shop.atGateway();
    const { order_id } = await shop.order();
    await shop.page.goBack();
    await shop.back();
    await shop.takeUpOrGoOn();
    await (await shop.atGateway()).press('authorize');
    await shop.back();
    await isPaidOnce(shop, demo, 'dotwallet');
    assert.equal((await shop.order()).order_id, order_id);
  });

  for (const method of ['hicoin_h5', 'hicoin_jsapi']) {
    journey(`is known to the Hicoin application, and pays by ${method} in one press`, async ({ context, demo }) => {
      const shop = await ShopPage.open(context, demo);
      const pages = itinerary(shop, demo);
      await shop.buy(method, LOG_IN);
      await shop.atGateway();
      const gateway = await shop.atPage('payment');
      await gateway.press('pay');
      await shop.back();
      await isPaidOnce(shop, demo, 'hicoin');
      assert.deepEqual(pages, ['payment']);
      const { order_id } = await shop.order();
      const asked = (await demo.journal('hicoin', 'authorize')).at(-1);
      assert.equal(asked.verdict, 'ok');
      const [ordered] = (await demo.journal('hicoin', 'preOrder')).filter(({ body }) => body.includes(order_id));
      assert.equal(JSON.parse(ordered.fields.biz_content).trade_type, method === 'hicoin_h5' ? 'H5' : 'JSAPI');
    });

    journey(`is named by the shop's own session, and pays by ${method} without a login`, async ({ context, demo }) => {
      const before = (await demo.journal('hicoin', 'authorize')).length;
      const shop = await ShopPage.open(context, demo);
      await shop.buy(method);
      await (await shop.atGateway()).press('pay');
      await shop.back();
      await isPaidOnce(shop, demo, 'hicoin');
      assert.equal((await demo.journal('hicoin', 'authorize')).length, before);
    });
  }

  journey('is outside of the Hicoin application, where the login is refused, and comes back by the back button', async (play) => {
    const { context, demo } = play;
    await demo.steer('hicoin', { inside_app: false });
    const shop = await ShopPage.open(context, demo);
    await shop.buy('hicoin_h5', LOG_IN);
    await shop.atGateway();
    await shop.page.locator('#error').waitFor();
    await nothingIsTaken(shop, demo, 'hicoin');
    await demo.steer('hicoin', { inside_app: true });
    await shop.page.goBack();
    await shop.back();
    await shop.takeUpOrGoOn();
    await (await shop.atPage('payment')).press('pay');
    await shop.back();
    await isPaidOnce(shop, demo, 'hicoin');
  });

  journey('gives up on the payment page after the login, and pays after all', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('hicoin_h5', LOG_IN);
    await (await shop.atPage('payment')).press('cancel');
    await shop.back();
    await shop.goOn();
    await (await shop.atPage('payment')).press('pay');
    await shop.back();
    await isPaidOnce(shop, demo, 'hicoin');
  });
});
