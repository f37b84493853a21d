// Inside the WeChat app: its wallet opens over the shop's page, and no word of it is taken for the money.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { WECHAT, inChinese } from '../chromium.js';
import { ShopPage } from '../shop.js';
import { stage } from '../stage.js';
import { Sheet, bridgeScript, enterWeChat } from '../wechat.js';

const METHOD = 'blueocean_wechat_jsapi';

describe('inside WeChat', { timeout: 300_000 }, () => {
  const journey = stage('wechat');

  /** A shop in the app, on which a visitor has pressed "Pay" once. */
  async function pressed({ context, demo }) {
    await enterWeChat(context, demo);
    const shop = await ShopPage.open(context, demo);
    await shop.buy(METHOD);
    return shop;
  }

  /** The gateway has been paid once for what the visitor ordered, whatever they pressed. */
  async function isPaidOnce(shop, demo) {
    await shop.outcome('succeeded');
    await shop.orderIs('succeeded');
    const booking = await demo.booking('blueocean', (await shop.order()).order_id);
    assert.equal(booking.status, 'paid');
    assert.equal(booking.currency, 'HKD');
  }

  const isUnpaid = async (shop, demo) => {
    const booking = await demo.booking('blueocean', (await shop.order()).order_id);
    assert.equal(booking.status, 'unpaid');
    assert.equal((await shop.order()).paid, false);
  };

  journey('pays on the sheet of the wallet, which shows the amount of the shop', async (play) => {
    const shop = await pressed(play);
    const sheet = new Sheet(shop.page);
    const total = await shop.page.locator('#summary output').textContent();
    assert.equal((await sheet.amount()).replace('HKD ', 'HK$'), total);
    await sheet.pay();
    await isPaidOnce(shop, play.demo);
  }, WECHAT);

  journey('turns back on the sheet, is asked, and pays the same order after all', async (play) => {
    const shop = await pressed(play);
    const sheet = new Sheet(shop.page);
    await sheet.cancel();
    await shop.part('continue').waitFor();
    assert.match(await shop.part('status').textContent(), /You left WeChat Pay/);
    await isUnpaid(shop, play.demo);
    await shop.part('continue').click();
    await sheet.pay();
    await isPaidOnce(shop, play.demo);
  }, WECHAT);

  journey('is not told "cancelled" for good when the wallet says so first and "ok" afterwards', async (play) => {
    await play.demo.steer('wechat', { payment: 'cancel_then_ok' });
    const shop = await pressed(play);
    await new Sheet(shop.page).pay();
    await isPaidOnce(shop, play.demo);
  }, WECHAT);

  journey('pays when the app is slow to put its bridge into the page', async (play) => {
    await play.demo.steer('wechat', { bridge_delay_ms: 2_500 });
    const shop = await pressed(play);
    await shop.checkout.and(shop.page.locator('[data-panel="working"]')).waitFor();
    assert.equal(await shop.page.evaluate(() => typeof window.WeixinJSBridge), 'undefined', 'the bridge is late');
    await new Sheet(shop.page).pay();
    await isPaidOnce(shop, play.demo);
  }, WECHAT);

  journey('pays though the wallet never answers the page', async (play) => {
    await play.demo.steer('wechat', { payment: 'silent' });
    const shop = await pressed(play);
    await new Sheet(shop.page).pay();
    await isPaidOnce(shop, play.demo);
  }, WECHAT);

  journey('turns back where the wallet never answers, and is offered a way on after a minute', async (play) => {
    const { context, demo } = play;
    await demo.steer('wechat', { payment: 'silent' });
    await enterWeChat(context, demo);
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(demo.shop);
    const shop = new ShopPage(page, demo);
    await shop.buy(METHOD);
    await new Sheet(page).cancel();
    assert.equal(await shop.part('continue').count(), 0, 'the sheet may still be open, as far as the page knows');
    await page.clock.fastForward(61_000);
    await shop.part('continue').waitFor();
    await isUnpaid(shop, demo);
    await demo.steer('wechat', { payment: 'sheet' });
    await shop.part('continue').click();
    await new Sheet(page).pay();
    await isPaidOnce(shop, demo);
  }, WECHAT);

  journey('is told when the wallet takes nothing, and nothing counts as paid', async (play) => {
    await play.demo.steer('wechat', { payment: 'missing_total_fee' });
    const shop = await pressed(play);
    await shop.part('continue').waitFor();
    assert.match(await shop.part('status').textContent(), /WeChat Pay did not take the payment/);
    await isUnpaid(shop, play.demo);
    // The app comes to itself, and the same order can be paid.
    await play.demo.steer('wechat', { payment: 'sheet' });
    await shop.part('continue').click();
    await new Sheet(shop.page).pay();
    await isPaidOnce(shop, play.demo);
  }, WECHAT);

  journey('is told in Chinese when there is no bridge at all, and pays when there is one', async (play) => {
    const { context, demo } = play;
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(demo.shop);
    const shop = new ShopPage(page, demo);
    await shop.buy(METHOD);
    await shop.checkout.and(page.locator('[data-status="requires_action"]')).waitFor();
    await page.clock.fastForward(11_000);
    await shop.outcome('unsupported');
    assert.match(await shop.part('outcome').textContent(), /未能调起微信支付/);
    await isUnpaid(shop, demo);
    // The app has put its bridge into the page after all.
    await enterWeChat(context, demo);
    await page.evaluate(await bridgeScript(demo));
    await shop.part('retry').click();
    await new Sheet(page).pay();
    await isPaidOnce(shop, demo);
  }, inChinese(WECHAT));
});
