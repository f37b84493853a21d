// Ways of paying that open a page of the gateway, and come back from it.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { DESKTOP, PHONE, inChinese } from '../chromium.js';
import { ShopPage } from '../shop.js';
import { stage } from '../stage.js';

describe('a payer on a page of the gateway', { timeout: 300_000 }, () => {
  const journey = stage('pages');

  async function isPaidOnce(shop, demo, gateway) {
    await shop.outcome('succeeded');
    await shop.orderIs('succeeded');
    const booking = await demo.booking(gateway, (await shop.order()).order_id);
    assert.equal(booking.status, 'paid');
    return booking;
  }

  for (const [device, options, folder] of [['computer', DESKTOP, 'desktop'], ['phone', PHONE, 'wallet']]) {
    journey(`confirms a DotWallet order on the wallet's page for a ${device}`, async ({ context, demo }) => {
      const shop = await ShopPage.open(context, demo);
      await shop.buy('dotwallet_order', { op_return: true, split: true });
      const wallet = await shop.atGateway();
      assert.ok(shop.page.url().startsWith(`${demo.gateways}/dotwallet/${folder}/open/order`), shop.page.url());
      assert.equal(await shop.page.locator('#wrong-device').count(), 0);
      await wallet.press('pay');
      await shop.back();
      const booking = await isPaidOnce(shop, demo, 'dotwallet');
      const told = booking.notifications.map(({ status }) => status);
      assert.deepEqual(told, [200], 'the wallet has told the signer once');
      const [ordered] = (await demo.journal('dotwallet', 'create_order')).filter(({ body }) => body.includes(booking.order_no));
      assert.match(ordered.body, /006a/, 'the order number is in the transaction');
    }, options);
  }

  journey('cancels a DotWallet order on the wallet\'s page, and pays it after all', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('dotwallet_order');
    await (await shop.atGateway()).press('cancel');
    await shop.back();
    await shop.part('continue').waitFor();
    assert.equal((await shop.order()).paid, false);
    await shop.goOn();
    await (await shop.atGateway()).press('pay');
    await shop.back();
    await isPaidOnce(shop, demo, 'dotwallet');
  });

  journey('cancels a DotWallet order where the wallet says so, and is told that nothing was taken', async (play) => {
    const { context, demo } = play;
    await demo.steer('dotwallet', { cancel: 'status' });
    const shop = await ShopPage.open(context, demo);
    await shop.buy('dotwallet_order');
    await (await shop.atGateway()).press('cancel');
    await shop.back();
    await shop.outcome('failed');
    assert.match(await shop.part('outcome').textContent(), /支付失败.*未扣款/s);
    await shop.orderIs('failed');
    assert.equal((await shop.order()).paid, false);
  }, inChinese(PHONE));

  const REDIRECTS = [
    ['blueocean_alipay_wap', 'blueocean'],
    ['blueocean_wechat_mweb', 'blueocean'],
    ['jubao_channel', 'jubao'],
  ];
  for (const [method, gateway] of REDIRECTS) {
    journey(`leaves for ${method}, turns back once, pays and comes back`, async ({ context, demo }) => {
      const shop = await ShopPage.open(context, demo);
      await shop.buy(method);
      await (await shop.atGateway()).press('cancel');
      await shop.back();
      await shop.part('continue').waitFor();
      await shop.goOn();
      await (await shop.atGateway()).press('pay');
      await shop.back();
      await isPaidOnce(shop, demo, gateway);
    });
  }

  journey('is not led back by UnionPay\'s page, and finds the order paid by the back button', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('blueocean_unionpay_link');
    await (await shop.atGateway()).press('pay');
    await shop.page.locator('#paid').waitFor();
    await shop.goBackToShop();
    await shop.orderIs('succeeded');
    const booking = await demo.booking('blueocean', (await shop.order()).order_id);
    assert.equal(booking.status, 'paid');
  });

  journey('is let in by WeChat\'s page, which asks for the address of the shop that led there', async ({ context, demo }) => {
    await demo.steer('blueocean', { mweb_referer_host: new URL(demo.shop).host, mweb_ip_required: true });
    const shop = await ShopPage.open(context, demo);
    await shop.buy('blueocean_wechat_mweb');
    const gateway = await shop.atGateway();
    await gateway.press('pay');
    await shop.back();
    await isPaidOnce(shop, demo, 'blueocean');
  });

  journey('chooses a channel by its number', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('jubao_channel', { pay_channel_id: 304 });
    await (await shop.atGateway()).press('pay');
    await shop.back();
    const { order_no } = await isPaidOnce(shop, demo, 'jubao');
    const [asked] = (await demo.journal('jubao', 'apply_pay')).filter(({ body }) => body.includes(order_no));
    assert.equal(String(asked.fields.pay_channel_id), '304');
  });

  journey('reloads the return page twice and opens it in another tab, and it says paid each time', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('blueocean_alipay_wap');
    await (await shop.atGateway()).press('pay');
    await shop.back();
    await isPaidOnce(shop, demo, 'blueocean');
    for (const _ of [1, 2]) {
      await shop.page.reload();
      await shop.outcome('succeeded');
    }
    const other = await ShopPage.open(context, demo, shop.page.url());
    await other.outcome('succeeded');
    await isPaidOnce(other, demo, 'blueocean');
  });
});
