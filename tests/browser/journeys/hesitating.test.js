// Payers who turn back, refuse, or reload the page in the middle: nothing is lost and nothing is ordered twice.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';

import { launch, travel } from '../chromium.js';
import { startDemo } from '../demo.js';
import { ShopPage, scanAndPay } from '../shop.js';

describe('a payer who hesitates', { timeout: 300_000 }, () => {
  let demo;
  let browser;

  before(async () => {
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
  });

  afterEach(async () => {
    await demo?.stop();
    demo = undefined;
  });

  /** A test in a browser of its own, with order books that are empty when it begins. */
  const journey = (name, travels) =>
    test(name, async () => {
      demo = await startDemo('hesitating');
      await travel(browser, name, travels);
    });

  journey('cancels on the page of the gateway, comes back, and pays the same order after all', async (context) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('jubao_wechat_h5');
    await (await shop.atGateway()).press('cancel');
    await shop.back();
    await shop.goOn();
    await (await shop.atGateway()).press('pay');
    await shop.back();
    await shop.outcome('succeeded');
    const orders = await demo.orders('jubao');
    assert.deepEqual(orders.map((order) => order.status), ['paid']);
  });

  journey('returns from the gateway with the back button and pays the same order after all', async (context) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('jubao_alipay_wap');
    await shop.atGateway();
    await shop.page.goBack();
    await shop.back();
    await shop.takeUp();
    await shop.goOn();
    await (await shop.atGateway()).press('pay');
    await shop.back();
    await shop.outcome('succeeded');
    const orders = await demo.orders('jubao');
    assert.deepEqual(orders.map((order) => order.status), ['paid']);
  });

  journey('refuses automatic payments, is told so, and nothing is taken', async (context) => {
    await demo.setWalletUser({ balance: 10_000_000, consented: false });
    const shop = await ShopPage.open(context, demo);
    await shop.buy('dotwallet_autopay');
    await shop.part('consent').click();
    await (await shop.atGateway()).press('refuse');
    await shop.back();
    // The checkout asks again instead of going round in circles.
    await shop.part('consent').or(shop.part('retry')).first().waitFor();
    assert.equal(await shop.page.locator('#orders li[data-paid="true"]').count(), 0);
    const paid = (await demo.orders('dotwallet')).filter((order) => order.status === 'paid');
    assert.deepEqual(paid, []);
    assert.equal((await demo.walletUser()).balance, 10_000_000);
  });

  journey('reloads the page in the middle and finds the same QR code again', async (context) => {
    const shop = await ShopPage.open(context, demo);
    const shown = await shop.buyByQr('blueocean_alipay_qrcode');
    await shop.page.reload();
    await shop.takeUp();
    assert.equal(await shop.qrText(), shown);
    await scanAndPay(browser, shown);
    await shop.outcome('succeeded');
    const orders = await demo.orders('blueocean');
    assert.deepEqual(orders.map((order) => order.status), ['paid']);
  });

  journey('closes the tab after paying, and the shop learns of the money all the same', async (context) => {
    const shop = await ShopPage.open(context, demo);
    const text = await shop.buyByQr('blueocean_alipay_qrcode');
    await shop.page.close();
    await scanAndPay(browser, text);
    const later = await ShopPage.open(context, demo);
    await later.orderIs('succeeded');
  });
});
