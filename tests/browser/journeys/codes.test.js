// Codes on the screen: QR codes that a camera reads, and that stay the same whatever the payer does to the page.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { DESKTOP, PHONE, inChinese } from '../chromium.js';
import { ShopPage, barCode, scanAndPay } from '../shop.js';
import { stage } from '../stage.js';

const KINDS = {
  blueocean_alipay_qrcode: ['Scan with Alipay', '支付宝'],
  blueocean_wechat_qrcode: ['Scan with WeChat Pay', '微信支付'],
  blueocean_mixed_qrcode: ['Scan with WeChat or Alipay', '微信或支付宝'],
  blueocean_unionpay_qrcode: ['Scan with UnionPay', '云闪付'],
};

describe('a code on the screen', { timeout: 300_000 }, () => {
  const journey = stage('codes');

  for (const [method, [words, wallet]] of Object.entries(KINDS)) {
    journey(`${method} is drawn in the page, read by a camera and paid by a phone`, async ({ context, demo, browser }) => {
      const shop = await ShopPage.open(context, demo);
      await shop.buy(method);
      const { text, quietZone } = await shop.readCode('qr');
      assert.ok(quietZone >= 4, 'four modules of white on every side');
      const { order_id } = await shop.order();
      const booking = await demo.booking('blueocean', order_id);
      assert.ok(text.includes(booking.gateway_order_no), text);
      const handedOut = (await demo.journal('blueocean', 'pay')).at(-1).answer.body;
      assert.equal(JSON.parse(handedOut).data.qrcode, text, 'what the gateway has handed out, to the letter');

      assert.equal(await shop.page.locator('#checkout img, #checkout canvas').count(), 0, 'drawn in the page itself');
      assert.ok((await shop.part('status').textContent()).includes(words));
      const label = await shop.part('qr').locator('svg').getAttribute('aria-label');
      assert.match(label, /^QR code to pay HK\$\d+\.\d\d with /);
      await shop.speak('zh-CN');
      assert.ok((await shop.part('status').textContent()).includes(`请使用${wallet}扫码支付`));
      assert.equal(await shop.qrText(), text, 'another language, the same code');

      await scanAndPay(browser, text);
      await shop.outcome('succeeded');
      await shop.orderIs('succeeded');
      assert.equal(await shop.part('qr').count(), 0, 'nobody is to scan a code that is paid');
    }, DESKTOP);
  }

  journey('stays the same when the page is reloaded, left and come back to', async ({ context, demo, browser }) => {
    const shop = await ShopPage.open(context, demo);
    const shown = await shop.buyByQr('blueocean_mixed_qrcode');
    await shop.page.reload();
    await shop.takeUp();
    assert.equal(await shop.qrText(), shown, 'after a reload');
    await shop.page.goBack();
    await shop.page.goForward();
    assert.equal(await shop.qrText(), shown, 'after back and forward');
    await shop.page.goto('about:blank');
    await shop.page.goBack();
    assert.equal(await shop.qrText(), shown, 'after another page');
    const { order_id } = await shop.order();
    await demo.booking('blueocean', order_id);
    await scanAndPay(browser, shown);
    await shop.outcome('succeeded');
    assert.equal((await demo.booking('blueocean', order_id)).status, 'paid');
  }, DESKTOP);

  journey('is readable on a phone in the dark', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('blueocean_alipay_qrcode');
    assert.ok((await shop.readCode('qr')).quietZone >= 4);
  }, { ...PHONE, colorScheme: 'dark' });

  for (const method of ['blueocean_alipay_app', 'blueocean_wechat_app']) {
    journey(`${method} is explained, since no page can start it`, async ({ context, demo }) => {
      const shop = await ShopPage.open(context, demo);
      await shop.buy(method);
      await shop.outcome('unsupported');
      assert.match(await shop.part('outcome').textContent(), /Pay in the shop's own app.*choose another way to pay/s);
      await shop.speak('zh-CN');
      assert.match(await shop.part('outcome').textContent(), /请在商家App中支付.*请打开商家App/s);
      assert.equal((await shop.order()).paid, false);
    }, PHONE);
  }

  journey('a native app that takes the order over is followed to its end', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('blueocean_wechat_app');
    await shop.outcome('unsupported');
    const { order_id } = await shop.order();
    await demo.pay('blueocean', order_id);
    await shop.part('retry').click();
    await shop.outcome('succeeded');
    await shop.orderIs('succeeded');
  });
});

describe('a code on the payer\'s phone', { timeout: 300_000 }, () => {
  const journey = stage('till');

  const OUTCOMES = [
    ['01', 'succeeded', /Your tea is being packed/],
    ['02', 'succeeded', /Your tea is being packed/],
    ['04', 'failed', /This payment was refused/],
    ['07', 'failed', /This payment was refused/],
  ];
  for (const [plan, status, words] of OUTCOMES) {
    journey(`scanned at the till, with plan ${plan}, is ${status}`, async ({ context, demo }) => {
      const shop = await ShopPage.open(context, demo);
      await shop.buy('blueocean_micropay', { auth_code: barCode(plan) });
      await shop.orderIs(status);
      await shop.page.locator(`#outcome[data-told="${status}"]`).waitFor();
      assert.match(await shop.page.locator('#outcome').textContent(), words);
      assert.equal((await shop.order()).paid, status === 'succeeded');
      assert.equal(await shop.checkout.count(), 0, 'there is nothing to press in a page');
    }, DESKTOP);
  }

  journey('is good once: the till scans a new one for the next payment', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('blueocean_micropay', { auth_code: barCode('01') });
    await shop.orderIs('succeeded');
    await shop.page.locator('#again').click();
    assert.equal(await shop.page.locator('#auth-code').inputValue(), '', 'the used code is not kept');
    await shop.page.locator('.scanner button').click();
    assert.match(await shop.page.locator('#auth-code').inputValue(), /^1[0-5]\d{16}$/);
    await shop.page.locator('#pay').click();
    await shop.page.locator('#orders li[data-status="succeeded"]').nth(1).waitFor();
  }, inChinese(DESKTOP));

  journey('that the payer does not answer to is given up by the till, and taken back', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('blueocean_micropay', { auth_code: barCode('03') });
    await shop.page.locator('#outcome:has-text("Waiting for its answer")').waitFor();
    await shop.giveUp();
    await shop.orderIs('canceled');
    assert.match(await shop.page.locator('#outcome').textContent(), /This payment was cancelled/);
    const { order_id } = await shop.order();
    const booking = await demo.booking('blueocean', order_id);
    assert.ok(['closed', 'revoked'].includes(booking.status), booking.status);
  }, DESKTOP);
});
