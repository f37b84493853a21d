// Payers who turn back, refuse, or reload the page in the middle: nothing is lost and nothing is ordered twice.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { ShopPage, scanAndPay } from '../shop.js';
import { stage } from '../stage.js';

describe('a payer who hesitates', { timeout: 300_000 }, () => {
  const journey = stage('hesitating');

  async function isPaidOnce(shop, demo, gateway) {
    await shop.outcome('succeeded');
    const { order_id } = await shop.order();
    assert.equal((await demo.booking(gateway, order_id)).status, 'paid');
  }

  journey('cancels on the page of the gateway, comes back, and pays the same order after all', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('jubao_wechat_h5');
    await (await shop.atGateway()).press('cancel');
    await shop.back();
    await shop.goOn();
    await (await shop.atGateway()).press('pay');
    await shop.back();
    await isPaidOnce(shop, demo, 'jubao');
  });

  journey('returns from the gateway with the back button and pays the same order after all', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('jubao_alipay_wap');
    await shop.atGateway();
    await shop.page.goBack();
    await shop.back();
    await shop.takeUpOrGoOn();
    await (await shop.atGateway()).press('pay');
    await shop.back();
    await isPaidOnce(shop, demo, 'jubao');
  });

  journey('refuses automatic payments, is told so, and nothing is taken', async ({ context, demo }) => {
    await demo.setWalletUser({ balance: 10_000_000, consented: false });
    const shop = await ShopPage.open(context, demo);
    await shop.buy('dotwallet_autopay');
    await shop.part('consent').click();
    await (await shop.atGateway()).press('refuse');
    await shop.back();
    // The checkout asks again instead of going round in circles.
    await shop.part('consent').or(shop.part('retry')).first().waitFor();
    const { order_id, paid } = await shop.order();
    assert.equal(paid, false);
    const taken = (await demo.bookings('dotwallet', order_id)).filter(({ status }) => status === 'paid');
    assert.deepEqual(taken, []);
    assert.equal((await demo.walletUser()).balance, 10_000_000);
  });

  journey('reloads the page in the middle and finds the same QR code again', async ({ context, demo, browser }) => {
    const shop = await ShopPage.open(context, demo);
    const shown = await shop.buyByQr('blueocean_alipay_qrcode');
    await shop.page.reload();
    await shop.takeUp();
    assert.equal(await shop.qrText(), shown);
    await scanAndPay(browser, shown);
    await isPaidOnce(shop, demo, 'blueocean');
  });

  journey('presses "Pay" in two tabs of the same order, and it is one order', async ({ context, demo, browser }) => {
    const shop = await ShopPage.open(context, demo);
    const shown = await shop.buyByQr('blueocean_alipay_qrcode');
    const { order_id } = await shop.order();
    const other = await ShopPage.open(context, demo, `${demo.shop}/return.html?order=${order_id}`);
    assert.equal(await other.qrText(), shown);
    await scanAndPay(browser, shown);
    await other.outcome('succeeded');
    await shop.orderIs('succeeded');
    assert.equal((await demo.booking('blueocean', order_id)).status, 'paid');
  });

  journey('closes the tab after paying, and the shop learns of the money all the same', async ({ context, demo, browser }) => {
    const shop = await ShopPage.open(context, demo);
    const text = await shop.buyByQr('blueocean_alipay_qrcode');
    await shop.page.close();
    await scanAndPay(browser, text);
    const later = await ShopPage.open(context, demo);
    await later.orderIs('succeeded');
  });
});
