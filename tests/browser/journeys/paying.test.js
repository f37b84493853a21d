// Each way to pay, from the choice of tea to the shop's own record of the money.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';

import { launch, travel } from '../chromium.js';
import { startDemo } from '../demo.js';
import { ShopPage, scanAndPay } from '../shop.js';

describe('a payer at the demo shop', { timeout: 300_000 }, () => {
  let demo;
  let browser;

  before(async () => {
    demo = await startDemo('paying');
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  afterEach(async (context) => {
    if (!context.passed && demo) console.error(`the logs are in ${demo.folder}`);
  });

  /** A test in a browser of its own. */
  const journey = (name, travels) => test(name, () => travel(browser, name, travels));

  async function isSettled(shop, gateway) {
    await shop.outcome('succeeded');
    await shop.orderIs('succeeded');
    const order = await demo.onlyOrder(gateway, 'paid');
    assert.ok(order.amount > 0, 'the gateway has booked an amount');
    return order;
  }

  journey('pays with DotWallet after agreeing to automatic payments once', async (context) => {
    await demo.setWalletUser({ balance: 0, consented: false });
    const shop = await ShopPage.open(context, demo);
    await shop.buy('dotwallet_autopay');
    await shop.part('consent').click();
    const wallet = await shop.atGateway();
    await wallet.press('continue');
    await shop.back();
    await isSettled(shop, 'dotwallet');

    // Agreed once, the next payment asks nothing: no other page is ever opened.
    const visited = [];
    shop.page.on('framenavigated', (frame) => visited.push(new URL(frame.url()).origin));
    await shop.page.goto(demo.shop);
    await shop.buy('dotwallet_autopay');
    await shop.outcome('succeeded');
    assert.deepEqual([...new Set(visited)], [new URL(demo.shop).origin]);
    const paid = (await demo.orders('dotwallet')).filter((order) => order.status === 'paid');
    assert.equal(paid.length, 2);
  });

  journey('pays with WeChat through Jubao', async (context) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('jubao_wechat_h5');
    const gateway = await shop.atGateway();
    await gateway.press('pay');
    await shop.back();
    const order = await isSettled(shop, 'jubao');
    assert.equal(order.currency, 'CNY');
  });

  journey('pays with Alipay by a QR code that another phone scans, and the shop notices by itself', async (context) => {
    const shop = await ShopPage.open(context, demo);
    await scanAndPay(browser, await shop.buyByQr('blueocean_alipay_qrcode'));
    const order = await isSettled(shop, 'blueocean');
    assert.equal(order.currency, 'HKD');
    assert.equal(new URL(shop.page.url()).origin, new URL(demo.shop).origin);
  });

  journey('pays with a coin at Hicoin', async (context) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('hicoin_h5');
    const gateway = await shop.atGateway();
    await gateway.press('pay');
    await shop.back();
    await isSettled(shop, 'hicoin');
  });

  journey('pays with Alipay through Jubao', async (context) => {
    const before = (await demo.orders('jubao')).filter((order) => order.status === 'paid').length;
    const shop = await ShopPage.open(context, demo);
    await shop.buy('jubao_alipay_wap');
    const gateway = await shop.atGateway();
    await gateway.press('pay');
    await shop.back();
    await shop.outcome('succeeded');
    await shop.orderIs('succeeded');
    const paid = (await demo.orders('jubao')).filter((order) => order.status === 'paid');
    assert.equal(paid.length, before + 1);
  });
});
