// The page of an order, and every other page that shows one: it changes when the shop is told, without a reload.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { DESKTOP, PHONE, inChinese, newPayer } from '../chromium.js';
import { OrderPage, ShopPage, scanAndPay } from '../shop.js';
import { stage } from '../stage.js';

describe('the page of an order', { timeout: 300_000 }, () => {
  const journey = stage('orders');

  async function orderedByQr(context, demo) {
    const shop = await ShopPage.open(context, demo);
    const text = await shop.buyByQr('blueocean_alipay_qrcode');
    return { shop, text, orderId: (await shop.order()).order_id };
  }

  /** Notes whether a page is loaded anew from now on. */
  async function notReloaded(page) {
    await page.evaluate(() => (globalThis.isTheSamePage = true));
    return async () => assert.equal(await page.evaluate(() => globalThis.isTheSamePage), true, 'it was not reloaded');
  }

  journey('changes while it is open: paid by a phone, given back in part, given back', async ({ context, demo, browser }) => {
    const { shop, text, orderId } = await orderedByQr(context, demo);
    const order = await OrderPage.open(context, demo, orderId);
    await order.is('requires_action');
    await order.isLive();
    const same = await notReloaded(order.page);
    await scanAndPay(browser, text);
    await order.is('succeeded');
    assert.equal(await order.page.locator('#standing').getAttribute('data-paid'), 'true');
    assert.equal((await order.told()).at(-1), 'succeeded');

    await shop.refund('1.20');
    await order.page.getByText('HK$1.20 refunded').waitFor();
    await order.page.locator('.manage summary').click();
    await order.page.locator('form.refund button').click();
    await order.is('refunded');
    await shop.orderIs('refunded');
    await same();
    const { webhooks } = await shop.order();
    assert.deepEqual(await order.told(), webhooks.map(({ status }) => status), 'every webhook is there, in its order');
  }, DESKTOP);

  journey('leads on to an open payment, and gives the order up', async ({ context, demo }) => {
    const { shop, orderId } = await orderedByQr(context, demo);
    const order = await OrderPage.open(context, demo, orderId);
    const address = await order.page.locator('#continue').getAttribute('href');
    assert.equal(address, `/return.html?order=${orderId}`);
    await order.page.getByRole('button', { name: '取消订单' }).click();
    await order.is('canceled');
    await order.page.locator('#continue').waitFor({ state: 'hidden' });
    // The tab that shows the payment hears of it, too.
    await shop.orderIs('canceled');
    await shop.page.locator('#outcome').getByText('这笔付款已取消。').waitFor();
  }, inChinese(PHONE));

  journey('is the same in two tabs and in the list of the shop', async ({ context, demo, browser }) => {
    const { shop, text, orderId } = await orderedByQr(context, demo);
    const [one, other] = [await OrderPage.open(context, demo, orderId), await OrderPage.open(context, demo, orderId)];
    await Promise.all([one.isLive(), other.isLive()]);
    await scanAndPay(browser, text);
    await Promise.all([one.is('succeeded'), other.is('succeeded'), shop.orderIs('succeeded')]);
    assert.deepEqual(await one.told(), await other.told());
  }, DESKTOP);

  journey('catches up when its connection was lost while the order was paid', async ({ context, demo, browser }) => {
    const { shop, text, orderId } = await orderedByQr(context, demo);
    const order = await OrderPage.open(context, demo, orderId);
    await order.isLive();
    const same = await notReloaded(order.page);
    await context.setOffline(true);
    await order.isLive(false);
    await order.page.getByText('Connection lost, trying again').waitFor();
    await scanAndPay(browser, text);
    await context.setOffline(false);
    await order.is('succeeded');
    await order.isLive();
    await shop.orderIs('succeeded');
    await same();
  }, DESKTOP);

  journey('of another visitor is not there, nor is what happened to it', async ({ context, demo, browser }) => {
    const { orderId } = await orderedByQr(context, demo);
    const stranger = await newPayer(browser, DESKTOP);
    try {
      const order = await OrderPage.open(stranger, demo, orderId);
      await order.page.getByText('The shop does not know this order').waitFor();
      assert.equal(await order.page.locator('#order').isVisible(), false);
      for (const what of ['', '/stream', '/happenings']) {
        const answer = await stranger.request.get(`${demo.shop}/api/orders/${orderId}${what}`);
        assert.equal(answer.status(), 404, what);
        assert.equal((await answer.json()).code, 'unknown_order');
      }
      const all = await (await stranger.request.get(`${demo.shop}/api/orders`)).json();
      assert.deepEqual(all, []);
    } finally {
      await stranger.close();
    }
  }, DESKTOP);

  journey('stays true though a visitor has more windows open than may follow', async ({ context, demo, browser }) => {
    const { shop, text, orderId } = await orderedByQr(context, demo);
    const orders = [];
    for (let window = 0; window < 4; window += 1) {
      orders.push(await OrderPage.open(context, demo, orderId));
      await orders.at(-1).is('requires_action');
    }
    // The shop's page and three of these follow; the fourth looks from time to time.
    await orders.at(-1).isLive(false);
    await scanAndPay(browser, text);
    await Promise.all([shop.orderIs('succeeded'), ...orders.map((order) => order.is('succeeded'))]);
  }, DESKTOP);
});

describe('the list of the shop', { timeout: 300_000 }, () => {
  const journey = stage('list');

  journey('shows how an order stands by now when the payer comes back by the back button', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('blueocean_unionpay_link');
    await (await shop.atGateway()).press('pay');
    await shop.page.locator('#paid').waitFor();
    // The way back may be quicker than the webhook; the list follows it either way.
    await shop.goBackToShop();
    await shop.orderIs('succeeded');
    const { order_id } = await shop.order();
    await shop.page.locator(`a[href="/order.html?order=${order_id}"]`).click();
    await new OrderPage(shop.page).is('succeeded');
    await shop.page.goBack();
    await shop.orderIs('succeeded');
  }, PHONE);

  journey('hears of an order that another tab placed', async ({ context, demo, browser }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.page.locator('#no-orders').waitFor();
    const other = await ShopPage.open(context, demo);
    await scanAndPay(browser, await other.buyByQr('blueocean_mixed_qrcode'));
    await shop.orderIs('succeeded');
  }, DESKTOP);
});
