// No secret ever reaches the browser or a log file: everything that was loaded, stored, shown or logged is searched.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { PHONE, WECHAT, travel } from '../chromium.js';
import { forms, handedOut, leaks, loginCodes } from '../leaks.js';
import { Happenings, OrderPage, ShopPage, scanAndPay } from '../shop.js';
import { stage } from '../stage.js';
import { Sheet, enterWeChat } from '../wechat.js';
import { Witness } from '../witness.js';

const BAR_CODE = '134600004711471101';

describe('secrets', { timeout: 300_000 }, () => {
  const journey = stage('secrets');
  let witness;

  before(async () => {
    witness = await Witness.start();
  });

  after(async () => {
    await witness?.stop();
  });

  test('the search finds a secret that is planted, in each of its forms', () => {
    const secret = 'whsec_c2VjcmV0LXNlY3JldA';
    for (const form of forms(secret)) {
      assert.deepEqual([...new Set(leaks([['page', Buffer.from(`<p>${form}</p>`)]], { KEY: secret }))], ['KEY in page']);
    }
    assert.deepEqual(leaks([['page', Buffer.from('<p>tea</p>')]], { KEY: secret }), []);
  });

  journey('are in nothing that a browser loads, keeps or shows, nor in a log', async ({ demo, browser }) => {
    const play = (name, travels, options) =>
      travel(browser, `secrets ${name}`, (context) => watched(context, travels), { ...options, ...witness.contextOptions });
    const watched = (context, travels) => {
      witness.listen(context);
      return travels({ context, demo, browser, witness });
    };
    await play('on pages of gateways', onPages, PHONE);
    await play('with logins', withLogins, PHONE);
    await play('with codes and refunds', withCodes, PHONE);
    await play('in WeChat', inWeChat, WECHAT);

    const seen = witness.everything;
    const logs = Object.entries(await demo.logs()).map(([name, text]) => [name, Buffer.from(text)]);
    const everything = [...seen, ...logs];
    // The search must have had something to look at.
    for (const expected of ['body of GET', '.wasm', '/v1/checkout/', '/callback', 'jweixin.js', 'sessionStorage', 'DOM', '/stream', '/happenings', 'DOM of an order']) {
      assert.ok(seen.some(([place]) => place.includes(expected)), `nothing of ${expected} was seen`);
    }
    assert.deepEqual(logs.map(([name]) => name).sort(), ['countersign.log', 'gateways.log', 'shop.log']);
    const publicId = { APP_ID: '0123456789abcdef0123456789abcdef' };
    assert.ok(leaks(seen, publicId).some((leak) => leak.includes('body of POST')), 'what is public was not found');

    assert.ok(Object.keys(demo.secrets).length >= 9, 'all secrets are known to the search');
    assert.deepEqual(leaks(everything, demo.secrets), []);
    const journal = await demo.journal();
    const tokens = handedOut(journal);
    for (const asked of ['dotwallet access_token', 'hicoin sns_access_token', 'hicoin access_token', 'wechat token', 'wechat getticket']) {
      assert.ok(Object.keys(tokens).some((name) => name.startsWith(asked)), `${asked} was not asked for`);
    }
    assert.deepEqual(leaks(everything, tokens), [], 'tokens and tickets stay with the signer');
    const addresses = seen.filter(([place]) => place.startsWith('address of'));
    assert.deepEqual(addresses.filter(([, address]) => address.includes('cs_')), [], 'no client secret in an address');
    // A scanner typed it into the shop's own page; nothing gives it back, and nothing keeps it.
    assert.deepEqual(leaks(everything, { BAR_CODE }), []);

    // The code of a login passes through the browser on its way to the signer, and is nowhere else.
    const codes = loginCodes(journal);
    assert.ok(Object.keys(codes).length >= 2, 'there were logins at both gateways');
    const onItsWay = ([place]) => /\/openapi\/get_code|\/connect\/oauth\/authorize|\/v1\/authorize\/\w+\/callback/.test(place);
    assert.ok(leaks(everything.filter(onItsWay), codes).length > 0, 'the codes are looked for as they are written');
    assert.deepEqual(leaks(everything.filter((place) => !onItsWay(place)), codes), []);
  });
});

/** Orders, and looks at the page when the money is there. */
async function paid({ context, demo, witness }, method, options, atGateway) {
  const shop = await ShopPage.open(context, demo);
  await shop.buy(method, options);
  await atGateway(shop);
  await shop.orderIs('succeeded');
  const happened = new Happenings(shop.page);
  await happened.unfold();
  await happened.line({ from: 'signer', to: 'shop', what: 'payment.succeeded' });
  await witness.look(shop.page, method);
  return shop;
}

async function onPages(play) {
  const pressPay = async (shop) => {
    await (await shop.atGateway()).press('pay');
    await shop.back();
    await shop.outcome('succeeded');
  };
  for (const method of ['jubao_wechat_h5', 'blueocean_alipay_wap', 'blueocean_wechat_mweb', 'dotwallet_order']) {
    const shop = await paid(play, method, {}, pressPay);
    await shop.page.close();
  }
  // The payer whom the shop's session knows, with a token of theirs.
  const coins = await paid(play, 'hicoin_h5', {}, pressPay);
  await coins.refund();
  await coins.orderIs('refunded');
  await play.witness.look(coins.page, 'a refunded order');
}

async function withLogins(play) {
  await play.demo.setWalletUser({ balance: 0, consented: false });
  await paid(play, 'dotwallet_autopay', { identity: 'gateway' }, async (shop) => {
    const wallet = await shop.atGateway();
    await wallet.press('authorize');
    await wallet.is('set_pay_config');
    await wallet.press('continue');
    await shop.back();
  });
  await paid(play, 'hicoin_jsapi', { identity: 'gateway' }, async (shop) => {
    await (await shop.atPage('payment')).press('pay');
    await shop.back();
  });
}

async function withCodes(play) {
  const { context, demo, browser, witness } = play;
  const qr = await paid(play, 'blueocean_alipay_qrcode', {}, async (shop) => {
    const text = await shop.qrText();
    await witness.look(shop.page, 'a code');
    await scanAndPay(browser, text);
  });
  await qr.refund('1');
  await qr.newestOrder.locator('.back').waitFor();
  await witness.look(qr.page, 'a refund');
  const order = await OrderPage.open(context, demo, await qr.newestOrder.getAttribute('data-order-id'));
  await order.happened.line({ from: 'signer', to: 'gateway', what: 'blueocean refund' });
  await witness.look(order.page, 'an order');
  await order.page.close();
  await paid(play, 'blueocean_micropay', { auth_code: BAR_CODE }, () => {});
  for (const method of ['blueocean_alipay_app', 'blueocean_wechat_app']) {
    const shop = await ShopPage.open(context, demo);
    await shop.buy(method);
    await shop.outcome('unsupported');
    await witness.look(shop.page, method);
  }
}

async function inWeChat(play) {
  await enterWeChat(play.context, play.demo);
  for (const method of ['blueocean_wechat_jsapi', 'blueocean_wechat_hk_jsapi']) {
    await paid(play, method, {}, (shop) => new Sheet(shop.page).pay());
  }
}
