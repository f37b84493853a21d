// What the shop does with an order afterwards: gives money back, whole or in parts, or gives the order up.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { DESKTOP, PHONE, inChinese } from '../chromium.js';
import { GatewayPage, ShopPage, scanAndPay } from '../shop.js';
import { stage } from '../stage.js';

describe('money that goes back', { timeout: 300_000 }, () => {
  const journey = stage('refunds');

  async function paidByQr({ context, demo, browser }) {
    const shop = await ShopPage.open(context, demo);
    await scanAndPay(browser, await shop.buyByQr('blueocean_alipay_qrcode'));
    await shop.orderIs('succeeded');
    return shop;
  }

  const returned = async (demo, shop, gateway = 'blueocean') => {
    const { refunded_amount, amount } = await demo.booking(gateway, (await shop.order()).order_id);
    return { refunded_amount, amount };
  };

  journey('goes back in part, and then the rest', async (play) => {
    const shop = await paidByQr(play);
    await shop.refund('1.20');
    await shop.newestOrder.locator('.back:has-text("HK$1.20 refunded")').waitFor();
    await shop.orderIs('succeeded');
    assert.match(await shop.refunds.first().textContent(), /^HK\$1\.20 · given back$/);
    assert.equal((await returned(play.demo, shop)).refunded_amount, 120);

    await shop.refund();
    await shop.orderIs('refunded');
    const { refunded_amount, amount } = await returned(play.demo, shop);
    assert.equal(refunded_amount, amount);
    assert.equal(await shop.refunds.count(), 2);
    assert.equal(await shop.newestOrder.locator('form.refund').count(), 0, 'there is nothing left to give back');
    await shop.speak('zh-CN');
    assert.match(await shop.newestOrder.locator('.chip').textContent(), /已退款/);
    assert.match(await shop.refunds.first().textContent(), /已退回/);
  }, DESKTOP);

  journey('is not more than was paid, and not nothing', async (play) => {
    const shop = await paidByQr(play);
    for (const [typed, words] of [['999', /请|金额|余额/], ['0', /金额/], ['tea', /请输入数字金额/]]) {
      await shop.refund(typed);
      const problem = shop.newestOrder.locator('.problem');
      await problem.waitFor();
      assert.match(await problem.textContent(), words, typed);
    }
    assert.equal((await returned(play.demo, shop)).refunded_amount, 0);
    assert.equal(await shop.newestOrder.getAttribute('data-status'), 'succeeded');
  }, inChinese(DESKTOP));

  journey('takes its time, and the shop waits for it', async (play) => {
    await play.demo.steer('blueocean', { refund_status: 'processing' });
    const shop = await paidByQr(play);
    await shop.refund();
    await shop.refunds.and(shop.page.locator('[data-status="processing"]')).waitFor();
    assert.match(await shop.refunds.first().textContent(), /on its way back/);
    assert.equal(await shop.newestOrder.getAttribute('data-status'), 'succeeded');
    const { order_id } = await shop.order();
    const [refund] = (await play.demo.booking('blueocean', order_id)).refunds;
    await play.demo.settleRefund('blueocean', refund.refund_no, 'succeeded');
    await shop.orderIs('refunded');
    await shop.refunds.and(shop.page.locator('[data-status="succeeded"]')).waitFor();
  }, DESKTOP);

  journey('does not go back when the gateway closes the refund, and may be sent again', async (play) => {
    await play.demo.steer('blueocean', { refund_status: 'closed' });
    const shop = await paidByQr(play);
    await shop.refund();
    await shop.refunds.and(shop.page.locator('[data-status="failed"]')).waitFor();
    await shop.orderIs('succeeded');
    await play.demo.steer('blueocean', { refund_status: 'succeeded' });
    await shop.refund();
    await shop.orderIs('refunded');
    assert.equal(await shop.refunds.count(), 2);
  }, DESKTOP);

  journey('goes back from Hicoin in part by a payout to the payer', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('hicoin_h5');
    await (await shop.atGateway()).press('pay');
    await shop.back();
    await shop.orderIs('succeeded');
    await shop.refund('0.10');
    await shop.newestOrder.locator('.back').waitFor();
    assert.match(await shop.refunds.first().textContent(), /^0\.10\sUSDT · given back$/);
    const [transfer] = await demo.transfers();
    assert.equal(transfer.total_amount, 10_000_000);
    await shop.orderIs('succeeded');
  }, PHONE);

  journey('stays where it is at a gateway without a refund call, and the shop says so', async ({ context, demo }) => {
    for (const [method, gateway] of [['jubao_alipay_wap', 'jubao'], ['dotwallet_order', 'dotwallet']]) {
      const shop = await ShopPage.open(context, demo);
      await shop.buy(method);
      await (await shop.atGateway()).press('pay');
      await shop.back();
      await shop.orderIs('succeeded');
      await shop.newestOrder.locator('details[data-key^="refund-"] summary').click();
      assert.ok(await shop.newestOrder.getByText('This gateway has no refund call.').isVisible(), gateway);
      assert.equal(await shop.newestOrder.locator('form.refund').count(), 0);
      // The signer says the same to a page that asks all the same.
      const { order_id } = await shop.order();
      const answer = await shop.page.evaluate(async (id) => {
        const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
        return (await fetch(`/api/orders/${id}/refunds`, sent)).json();
      }, order_id);
      assert.equal(answer.code, 'not_supported', gateway);
    }
  }, PHONE);
});

describe('an order that is given up', { timeout: 300_000 }, () => {
  const journey = stage('cancels');

  journey('cannot be paid any more where the gateway closes it', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    const text = await shop.buyByQr('blueocean_wechat_qrcode');
    await shop.giveUp();
    await shop.orderIs('canceled');
    await shop.outcome('canceled');
    assert.equal(await shop.part('qr').count(), 0, 'nobody is to scan it any more');
    assert.match(await shop.page.locator('#outcome').textContent(), /This payment was cancelled/);
    assert.equal((await demo.booking('blueocean', (await shop.order()).order_id)).status, 'closed');
    const scanned = await context.newPage();
    await scanned.goto(text);
    await scanned.locator('#closed').waitFor();
  }, DESKTOP);

  journey('is looked at by a person when it was paid all the same', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    await shop.buy('jubao_wechat_h5');
    await shop.atGateway();
    const other = await ShopPage.open(context, demo);
    await other.giveUp();
    await other.orderIs('canceled');
    await new GatewayPage(shop.page).press('pay');
    await shop.back();
    await shop.outcome('review');
    await shop.orderIs('review');
    assert.match(await shop.part('outcome').textContent(), /请勿重复付款/);
    const { paid } = await shop.order();
    assert.equal(paid, false, 'no tea is sent for it by itself');
  }, inChinese(PHONE));

  journey('cannot be given up once it is paid', async ({ context, demo, browser }) => {
    const shop = await ShopPage.open(context, demo);
    await scanAndPay(browser, await shop.buyByQr('blueocean_alipay_qrcode'));
    await shop.orderIs('succeeded');
    assert.equal(await shop.newestOrder.locator('.manage .link').count(), 0);
    const { order_id } = await shop.order();
    const answer = await shop.page.evaluate(async (id) => {
      const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
      return (await fetch(`/api/orders/${id}/cancel`, sent)).json();
    }, order_id);
    assert.equal(answer.code, 'not_cancelable');
    await shop.orderIs('succeeded');
  }, DESKTOP);
});
