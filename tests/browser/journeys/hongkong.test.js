// The Hong Kong wallet inside WeChat, which opens for pages that are configured with a signature of their own address.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { WECHAT, inChinese } from '../chromium.js';
import { ShopPage } from '../shop.js';
import { stage } from '../stage.js';
import { Sheet, enterWeChat } from '../wechat.js';

const METHOD = 'blueocean_wechat_hk_jsapi';

describe('in the Hong Kong wallet', { timeout: 300_000 }, () => {
  const journey = stage('hongkong');

  /** A shop in the app, on which a visitor has pressed "Pay" once. */
  async function pressed({ context, demo }) {
    await enterWeChat(context, demo);
    const shop = await ShopPage.open(context, demo);
    await shop.buy(METHOD);
    return shop;
  }

  async function isPaidOnce(shop, demo) {
    await shop.outcome('succeeded');
    await shop.orderIs('succeeded');
    const booking = await demo.booking('blueocean', (await shop.order()).order_id);
    assert.equal(booking.status, 'paid');
  }

  async function isUnpaid(shop, demo) {
    const { order_id, paid } = await shop.order();
    assert.equal((await demo.booking('blueocean', order_id)).status, 'unpaid');
    assert.equal(paid, false);
  }

  journey('pays on a page that the wallet has checked the signature of', async (play) => {
    const shop = await pressed(play);
    await new Sheet(shop.page).pay();
    await isPaidOnce(shop, play.demo);
    const asked = await play.demo.journal('wechat', 'bridge_config');
    const { url, config } = asked.at(-1).fields;
    assert.equal(asked.at(-1).verdict, 'ok', asked.at(-1).reason);
    assert.equal(url, shop.page.url(), 'the page itself is what was signed');
    assert.equal(config.beta, true);
    assert.equal(typeof config.timestamp, 'number');
  }, WECHAT);

  for (const answerIn of ['err_msg', 'nothing']) {
    journey(`pays where the wallet answers in ${answerIn}`, async (play) => {
      await play.demo.steer('wechat', { answer_in: answerIn });
      const shop = await pressed(play);
      await new Sheet(shop.page).pay();
      await isPaidOnce(shop, play.demo);
    }, WECHAT);
  }

  journey('turns back, is asked, and pays the same order after all', async (play) => {
    const shop = await pressed(play);
    await new Sheet(shop.page).cancel();
    await shop.part('continue').waitFor();
    assert.match(await shop.part('status').textContent(), /You left WeChat Pay/);
    await isUnpaid(shop, play.demo);
    await shop.part('continue').click();
    await new Sheet(shop.page).pay();
    await isPaidOnce(shop, play.demo);
  }, WECHAT);

  journey('turns back where the wallet answers nothing, and is neither paid nor left without a way on', async (play) => {
    await play.demo.steer('wechat', { answer_in: 'nothing' });
    const shop = await pressed(play);
    await new Sheet(shop.page).cancel();
    await shop.part('continue').waitFor();
    await isUnpaid(shop, play.demo);
    await shop.part('continue').click();
    await new Sheet(shop.page).pay();
    await isPaidOnce(shop, play.demo);
  }, WECHAT);

  // Last, because the signer keeps the ticket that is void from here on.
  for (const readyAfterError of [false, true]) {
    const though = readyAfterError ? ', though its script says "ready" after the error' : '';
    journey(`is told when the wallet refuses the page, and nothing is called${though}`, async (play) => {
      await play.demo.steer('wechat', { ready_after_error: readyAfterError });
      await play.demo.expireTokens('wechat');
      const before = (await play.demo.journal('wechat', 'bridge_open')).length;
      const shop = await pressed(play);
      await shop.part('continue').waitFor();
      assert.match(await shop.part('status').textContent(), /微信支付未能完成支付/);
      const refused = (await play.demo.journal('wechat', 'bridge_config')).at(-1);
      assert.equal(refused.reason, 'invalid signature');
      assert.equal((await play.demo.journal('wechat', 'bridge_open')).length, before, 'nothing was asked of the wallet');
      await isUnpaid(shop, play.demo);
    }, inChinese(WECHAT));
  }
});
