// A connection that comes and goes: the payer is told, and nothing has to be begun again.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { DESKTOP, PHONE, inChinese } from '../chromium.js';
import { ShopPage, scanAndPay } from '../shop.js';
import { stage } from '../stage.js';

describe('a payer whose connection is lost', { timeout: 300_000 }, () => {
  const journey = stage('connection');

  const LANGUAGES = [
    ['in English', DESKTOP, 'You are offline. This goes on by itself when you are connected again.'],
    ['in Chinese', inChinese(DESKTOP), '网络已断开，恢复连接后将自动继续。'],
  ];
  for (const [language, options, words] of LANGUAGES) {
    journey(`is told so ${language}, and sees the payment when connected again`, async ({ context, demo, browser }) => {
      const shop = await ShopPage.open(context, demo);
      const text = await shop.buyByQr('blueocean_alipay_qrcode');
      await context.setOffline(true);
      await shop.part('status').getByText(words).waitFor();
      assert.equal(await shop.qrText(), text, 'the code is good without a connection');
      await scanAndPay(browser, text);
      await context.setOffline(false);
      await shop.outcome('succeeded');
      await shop.orderIs('succeeded');
      assert.equal(await shop.part('status').getByText(words).count(), 0);
    }, options);
  }

  journey('presses "Pay" without one, is told so, and presses again', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.choose('jubao_wechat_h5');
    await context.setOffline(true);
    await shop.page.locator('#pay').click();
    await shop.page.locator('#problem').waitFor();
    assert.match(await shop.page.locator('#problem').textContent(), /The shop cannot be reached/);
    await context.setOffline(false);
    await shop.page.locator('#pay').click();
    await (await shop.atGateway()).press('pay');
    await shop.back();
    await shop.outcome('succeeded');
    assert.equal((await demo.booking('jubao', (await shop.order()).order_id)).status, 'paid');
  }, PHONE);

  journey('is told while the signer cannot be reached, and pays one order when it can', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    const confirmation = (url) => url.pathname.endsWith('/confirm');
    // What was submitted has arrived; only its answer is lost.
    let submissions = 0;
    await context.route(confirmation, async (route) => {
      submissions += 1;
      await route.fetch();
      await route.abort('connectionreset');
    });
    await shop.buy('blueocean_mixed_qrcode');
    await shop.part('status').getByText('Still checking… The payment service does not answer at the moment.').waitFor();
    assert.ok(submissions >= 1);
    await context.unroute(confirmation);
    await shop.qrText();
    await demo.booking('blueocean', (await shop.order()).order_id);
  }, DESKTOP);
});
