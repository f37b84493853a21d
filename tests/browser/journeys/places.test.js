// The wrong place for a way of paying: nothing is submitted, the payer is told where it works, and gets there.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { DESKTOP, PHONE, WECHAT, inChinese, newPayer } from '../chromium.js';
import { ShopPage } from '../shop.js';
import { stage } from '../stage.js';
import { Sheet, enterWeChat } from '../wechat.js';

const OUTSIDE_WECHAT = [
  ['jubao_wechat_h5', 'jubao'],
  ['jubao_alipay_wap', 'jubao'],
  ['blueocean_alipay_wap', 'blueocean'],
  ['blueocean_wechat_mweb', 'blueocean'],
];

describe('a payer in the wrong place', { timeout: 300_000 }, () => {
  const journey = stage('places');

  /** A shop on which a visitor has pressed "Pay", and what it says then. */
  async function misplaced(context, demo, method) {
    const shop = await ShopPage.open(context, demo);
    await shop.buy(method);
    await shop.isMisplaced();
    return shop;
  }

  async function nothingWasSubmitted(shop, demo, gateway) {
    const { order_id } = await shop.order();
    assert.deepEqual(await demo.bookings(gateway, order_id), []);
    const arrived = (await demo.journal(gateway)).filter(({ body }) => body.includes(order_id));
    assert.deepEqual(arrived, [], 'nothing of it has reached the gateway');
  }

  const HINTS = {
    en: [WECHAT, 'Open this page in your browser', 'Tap ··· in the top right corner.Choose “Open in Browser”.'],
    zh: [inChinese(WECHAT), '请在浏览器中打开本页', '点击右上角 ··· 。选择“在浏览器打开”。'],
  };
  for (const [language, [app, title, hint]] of Object.entries(HINTS)) {
    journey(`is sent from WeChat to the browser before anything is submitted, in ${language}`, async ({ context, demo }) => {
      await enterWeChat(context, demo);
      for (const [method, gateway] of OUTSIDE_WECHAT) {
        const shop = await misplaced(context, demo, method);
        const said = await shop.part('status').textContent();
        assert.ok(said.includes(title) && said.includes(hint), `${method}: ${said}`);
        assert.equal(await shop.part('page').count(), 0, 'nobody scans the screen that they hold');
        await nothingWasSubmitted(shop, demo, gateway);
        await shop.page.close();
      }
    }, app);
  }

  journey('copies the address, opens it in the browser, pays there, and WeChat shows it paid', async (play) => {
    const { context, demo, browser } = play;
    await enterWeChat(context, demo);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const inApp = await misplaced(context, demo, 'jubao_wechat_h5');
    await inApp.part('copy').click();
    const address = await inApp.page.evaluate(() => navigator.clipboard.readText());
    assert.equal(address, await inApp.part('address').inputValue());

    const phone = await newPayer(browser, PHONE);
    try {
      const shop = await ShopPage.open(phone, demo, address);
      await shop.part('pay').waitFor();
      assert.ok(!shop.page.url().includes('key='), 'the key does not stay in the address');
      await shop.part('pay').click();
      await (await shop.atGateway()).press('pay');
      await shop.back();
      await shop.outcome('succeeded');
    } finally {
      await phone.close();
    }
    await inApp.orderIs('succeeded');
    assert.match(await inApp.page.locator('#outcome').textContent(), /Your tea is being packed/);
    const { order_id } = await inApp.order();
    assert.equal((await demo.booking('jubao', order_id)).status, 'paid');
  }, WECHAT);

  journey('is shown on a computer a code that WeChat scans, pays there, and the computer shows it paid', async (play) => {
    const { context, demo, browser } = play;
    for (const method of ['blueocean_wechat_jsapi', 'blueocean_wechat_hk_jsapi']) {
      const shop = await misplaced(context, demo, method);
      assert.match(await shop.part('status').textContent(), /Open this page in WeChat.*Scan this code with WeChat/s);
      await nothingWasSubmitted(shop, demo, 'blueocean');
      const { text: address } = await shop.readCode('page');
      assert.equal(address, await shop.part('address').inputValue());

      const app = await newPayer(browser, WECHAT);
      try {
        await enterWeChat(app, demo);
        const inApp = await ShopPage.open(app, demo, address);
        await inApp.part('pay').click();
        await new Sheet(inApp.page).pay();
        await inApp.outcome('succeeded');
      } finally {
        await app.close();
      }
      await shop.orderIs('succeeded');
      const { order_id, paid } = await shop.order();
      assert.equal(paid, true);
      assert.equal((await demo.booking('blueocean', order_id)).status, 'paid');
      await shop.page.close();
    }
  }, DESKTOP);

  journey('is told on a phone to open the page in WeChat, in Chinese', async ({ context, demo }) => {
    const shop = await misplaced(context, demo, 'blueocean_wechat_jsapi');
    const said = await shop.part('status').textContent();
    assert.ok(said.includes('请在微信中打开本页') && said.includes('在微信中发送给自己。'), said);
    await nothingWasSubmitted(shop, demo, 'blueocean');
  }, inChinese(PHONE));

  journey('is refused by the signer too, if a page submits it all the same', async ({ context, demo }) => {
    const page = await context.newPage();
    await page.goto(demo.shop);
    const answer = await page.evaluate(async () => {
      const ordered = await fetch('/api/orders', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ product: 'oolong', method: 'jubao_wechat_h5', locale: 'en' }),
      });
      const { payment_id, client_secret, signer } = await ordered.json();
      const confirmed = await fetch(`${signer}/v1/checkout/${payment_id}/confirm`, {
        method: 'POST',
        headers: { authorization: `Bearer ${client_secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ environment: 'wechat' }),
      });
      return [confirmed.status, await confirmed.json()];
    });
    assert.equal(answer[0], 422);
    assert.deepEqual(answer[1].errors.map(({ field }) => field), ['environment']);
    await nothingWasSubmitted(new ShopPage(page, demo), demo, 'jubao');
  }, WECHAT);

  journey('sees in the list of ways which ones do not work in this browser, and why', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.page.locator('#all-methods').click();
    const marked = shop.page.locator('.method:has(.not-here.ruled-out:visible) input');
    await marked.first().waitFor();
    const methods = await marked.evaluateAll((inputs) => inputs.map((input) => input.value));
    assert.deepEqual(methods.sort(), OUTSIDE_WECHAT.map(([method]) => method).sort());
    const why = (method) => shop.page.locator(`[data-row="${method}"] .not-here`).textContent();
    assert.match(await why('blueocean_alipay_wap'), /WeChat does not open Alipay's pages/);
    assert.match(await why('blueocean_alipay_qrcode'), /belongs to another wallet/);
    assert.equal(await why('blueocean_wechat_jsapi'), '');
  }, WECHAT);
});
