// The usual ways to pay, from the choice of tea to the shop's own record of the money.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { ShopPage, scanAndPay } from '../shop.js';
import { stage } from '../stage.js';

describe('a payer at the demo shop', { timeout: 300_000 }, () => {
  const journey = stage('paying');

  async function isSettled(shop, demo, gateway) {
    await shop.outcome('succeeded');
    await shop.orderIs('succeeded');
    const { order_id, amount } = await shop.order();
    const paid = (await demo.bookings(gateway, order_id)).filter(({ status }) => status === 'paid');
    assert.deepEqual(paid.map(({ amount: value, currency }) => ({ value, currency })), [amount]);
    return paid[0];
  }

  journey('pays with DotWallet after agreeing to automatic payments once', async ({ context, demo }) => {
    await demo.setWalletUser({ balance: 0, consented: false });
    const shop = await ShopPage.open(context, demo);
    await shop.buy('dotwallet_autopay');
    await shop.part('consent').click();
    const wallet = await shop.atGateway();
    await wallet.press('continue');
    await shop.back();
    await isSettled(shop, demo, 'dotwallet');

    // Agreed once, the next payment asks nothing: no other page is ever opened.
    const visited = [];
    shop.page.on('framenavigated', (frame) => visited.push(new URL(frame.url()).origin));
    await shop.page.goto(demo.shop);
    await shop.buy('dotwallet_autopay', { op_return: true, split: true });
    await isSettled(shop, demo, 'dotwallet');
    assert.deepEqual([...new Set(visited)], [new URL(demo.shop).origin]);
  });

  const AT_THE_GATEWAY = [
    ['with WeChat through Jubao', 'jubao_wechat_h5', 'jubao'],
    ['with Alipay through Jubao', 'jubao_alipay_wap', 'jubao'],
    ['with a coin at Hicoin', 'hicoin_h5', 'hicoin'],
  ];
  for (const [title, method, gateway] of AT_THE_GATEWAY) {
    journey(`pays ${title}`, async ({ context, demo }) => {
      const shop = await ShopPage.open(context, demo);
      await shop.buy(method);
      await (await shop.atGateway()).press('pay');
      await shop.back();
      await isSettled(shop, demo, gateway);
    });
  }

  journey('pays with Alipay by a QR code that another phone scans, and the shop notices by itself', async (play) => {
    const { context, demo, browser } = play;
    const shop = await ShopPage.open(context, demo);
    await scanAndPay(browser, await shop.buyByQr('blueocean_alipay_qrcode'));
    await isSettled(shop, demo, 'blueocean');
    assert.equal(new URL(shop.page.url()).origin, new URL(demo.shop).origin);
  });
});
