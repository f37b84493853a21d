// "What just happened": the panel says who spoke to whom and how it was answered, and nothing of what was said.

import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';

import { DESKTOP, PHONE, inChinese, travel } from '../chromium.js';
import { handedOut, leaks } from '../leaks.js';
import { Happenings, OrderPage, ShopPage, scanAndPay } from '../shop.js';
import { stage } from '../stage.js';
import { Witness } from '../witness.js';

const ORDER = [
  { from: 'page', to: 'shop', what: 'POST /api/orders' },
  { from: 'shop', to: 'signer', what: 'POST /v1/payments' },
  { from: 'page', to: 'signer', what: 'POST /v1/checkout/{id}/confirm' },
];
const PAID = [
  { from: 'payer', to: 'gateway' },
  { from: 'gateway', to: 'signer', outcome: 'accepted' },
  { from: 'signer', to: 'shop', what: 'payment.succeeded', outcome: 'accepted' },
];

describe('what just happened', { timeout: 300_000 }, () => {
  const journey = stage('happened');
  let witness;

  before(async () => {
    witness = await Witness.start();
  });

  after(async () => {
    await witness?.stop();
  });

  /** Waits for lines, and sees that they stand in this order. */
  async function says(happened, lines) {
    const texts = [];
    for (const line of lines) texts.push(await (await happened.line(line)).locator('time').getAttribute('datetime'));
    const times = texts.map((text) => Date.parse(text));
    assert.deepEqual(times, [...times].sort((one, other) => one - other), 'each line began after the one before');
    assert.equal(await happened.place.getByText('One part asked another').count(), 0, 'each kind of line has its sentence');
  }

  journey('shows a payment by QR code under it, and its refund on the order\'s page', async ({ context, demo, browser }) => {
    const shop = await ShopPage.open(context, demo);
    const text = await shop.buyByQr('blueocean_wechat_qrcode');
    const happened = new Happenings(shop.page);
    await happened.unfold();
    await says(happened, [...ORDER, { from: 'signer', to: 'gateway', what: 'blueocean pay' }]);
    await scanAndPay(browser, text);
    await says(happened, PAID);
    await (await happened.line({ from: 'shop', to: 'shop', what: 'Paid' })).waitFor();

    const order = await OrderPage.open(context, demo, (await shop.order()).order_id);
    await order.page.locator('.manage summary').click();
    await order.page.locator('form.refund button').click();
    await order.is('refunded');
    await says(order.happened, [
      { from: 'page', to: 'shop', what: 'POST /api/orders/{order_id}/refunds' },
      { from: 'shop', to: 'signer', what: 'POST /v1/payments/{id}/refunds' },
      { from: 'signer', to: 'gateway', what: 'blueocean refund' },
      { from: 'signer', to: 'shop', what: 'payment.refunded' },
    ]);
  }, DESKTOP);

  journey('keeps what the page did before it left for the gateway\'s page', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('jubao_wechat_h5');
    await (await shop.atGateway()).press('pay');
    await shop.back();
    await shop.outcome('succeeded');
    const happened = new Happenings(shop.page);
    await happened.unfold();
    await says(happened, [...ORDER, { from: 'signer', to: 'gateway', what: 'jubao apply_pay' }, ...PAID]);
    const line = await happened.line(PAID[2]);
    assert.match(await line.textContent(), /HTTP 204 · 第 \d+ 版 · 已接受/);
    assert.match(await line.textContent(), /店铺按收到的原始字节验证/);
  }, inChinese(PHONE));

  journey('says that a forged notification was not believed', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buyByQr('blueocean_alipay_qrcode');
    const { order_id } = await shop.order();
    const order = await OrderPage.open(context, demo, order_id);
    await order.is('requires_action');
    await demo.forge('blueocean', order_id);
    const line = await order.happened.line({ from: 'gateway', to: 'signer', outcome: 'refused' });
    assert.match(await line.textContent(), /refused/);
    assert.match(await line.textContent(), /A forged one ends here, and nothing changes/);
    await order.is('requires_action');
    assert.equal((await shop.order()).paid, false);
  }, DESKTOP);

  journey('shows only what is looked for', async ({ context, demo, browser }) => {
    const shop = await ShopPage.open(context, demo);
    await scanAndPay(browser, await shop.buyByQr('blueocean_alipay_qrcode'));
    await shop.orderIs('succeeded');
    const { happened } = await OrderPage.open(context, demo, (await shop.order()).order_id);
    await says(happened, PAID);
    const gateway = happened.page.locator('.lane[data-lane="gateway"]');
    await gateway.click();
    assert.equal(await gateway.getAttribute('aria-pressed'), 'false');
    assert.equal(await gateway.evaluate((button) => button === document.activeElement), true, 'the focus stays');
    const ways = await happened.ways();
    assert.ok(ways.length > 0 && ways.every((way) => !way.includes('gateway')), ways.join(', '));
    await gateway.click();
    await says(happened, PAID);
  }, DESKTOP);

  journey('holds no secret, no token, no signature and no message', async ({ demo, browser }) => {
    const watched = async (context) => {
      witness.listen(context);
      const shop = await ShopPage.open(context, demo);
      await shop.buy('hicoin_h5');
      await (await shop.atGateway()).press('pay');
      await shop.back();
      await shop.orderIs('succeeded');
      const order = await OrderPage.open(context, demo, await shop.newestOrder.getAttribute('data-order-id'));
      await order.happened.line(PAID[2]);
      await witness.look(order.page, 'the order');
      const happened = new Happenings(shop.page);
      await happened.unfold();
      await happened.line(ORDER[2]);
      await witness.look(shop.page, 'the payment');
    };
    await travel(browser, 'what happened, seen on the wire', watched, { ...PHONE, ...witness.contextOptions });
    const seen = witness.everything.filter(([place]) => /happenings|stream|DOM|Storage/.test(place));
    for (const expected of ['/happenings', 'DOM of the order', 'sessionStorage of the payment']) {
      assert.ok(seen.some(([place]) => place.includes(expected)), `nothing of ${expected} was seen`);
    }
    assert.deepEqual(leaks(seen, demo.secrets), []);
    assert.deepEqual(leaks(seen, handedOut(await demo.journal())), []);
    const talk = seen.filter(([place]) => /body of .*\/happenings/.test(place)).map(([, bytes]) => bytes.toString());
    const signatures = (await demo.journal()).map(({ fields }) => fields.sign).filter(Boolean);
    assert.ok(signatures.length > 0, 'there were signatures to look for');
    for (const hidden of [...signatures, 'cs_', 'Bearer', '"sign"', '"amount"', 'biz_content']) {
      assert.ok(talk.every((text) => !text.includes(hidden)), hidden);
    }
  });
});
