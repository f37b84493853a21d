// The pages of the shop as pages: what they load and how often, the ways between them, and who can use them.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { barriers } from '../access.js';
import { DESKTOP, PHONE, inChinese } from '../chromium.js';
import { Happenings, OrderPage, ShopPage, scanAndPay } from '../shop.js';
import { stage } from '../stage.js';

describe('the pages of the shop', { timeout: 300_000 }, () => {
  const journey = stage('showcase');

  /** Notes every file that a page asks for from now on, and what the browser complains about. */
  function listen(page) {
    const asked = [];
    const complaints = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    page.on('console', (message) => {
      if (['warning', 'error'].includes(message.type())) complaints.push(message.text());
    });
    return { asked, complaints };
  }

  const modules = (asked) => asked.filter((path) => path.startsWith('/checkout/')).sort();
  const CORE = ['checkout_core.js', 'checkout_core_bg.wasm', 'index.js'];
  const files = (names) => names.map((name) => `/checkout/${name}`).sort();

  journey('load the module early, each file once, and the browser has nothing to say about it', async ({ context, demo, browser }) => {
    const page = await context.newPage();
    const { asked, complaints } = listen(page);
    await page.goto(demo.shop);
    const shop = new ShopPage(page, demo);
    await shop.page.locator('#pay:enabled').waitFor();
    await page.waitForLoadState('networkidle').catch(() => {});
    const early = modules(asked).filter((path) => !path.endsWith('.css'));
    assert.deepEqual(early, files([...CORE, 'picker.js']), 'before anybody pays');
    const text = await shop.buyByQr('blueocean_alipay_qrcode');
    const once = modules(asked);
    assert.deepEqual(once, [...new Set(once)], 'nothing twice');
    const { order_id } = await shop.order();

    const back = await context.newPage();
    const heard = listen(back);
    await back.goto(`${demo.shop}/return.html?order=${order_id}`);
    await new ShopPage(back, demo).qrText();
    const all = modules(heard.asked);
    assert.deepEqual(all, [...new Set(all)], 'nothing twice');
    for (const file of files([...CORE, 'checkout_ui_bg.wasm'])) assert.ok(all.includes(file), file);
    await scanAndPay(browser, text);
    await shop.orderIs('succeeded');
    // The browser complains of what was loaded early for nothing a few seconds after the page is there.
    await back.waitForFunction(() => performance.now() - performance.timing.loadEventEnd + performance.timing.navigationStart > 5_000);
    assert.deepEqual([...complaints, ...heard.complaints].filter((text) => /preload/i.test(text)), []);
  }, DESKTOP);

  journey('say every sentence in both languages', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    const words = await shop.page.evaluate(async () => (await import('/js/words.js')).words);
    assert.deepEqual(Object.keys(words['zh-CN']).sort(), Object.keys(words.en).sort());
    for (const [key, sentence] of Object.entries(words.en)) {
      const places = (text) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
      assert.deepEqual(places(words['zh-CN'][key]), places(sentence), key);
    }
  }, DESKTOP);

  journey('lead to each other and to the gallery, in both languages', async ({ context, demo }) => {
    const shop = await ShopPage.open(context, demo);
    const foot = shop.page.locator('.foot');
    assert.equal(await foot.getByRole('link', { name: 'Gallery' }).getAttribute('href'), '/gallery.html');
    await shop.buyByQr('blueocean_alipay_qrcode');
    const { order_id } = await shop.order();
    await shop.page.goto(`${demo.shop}/return.html?order=${order_id}`);
    await shop.page.getByRole('link', { name: 'Follow this order' }).click();
    const order = new OrderPage(shop.page);
    await order.is('requires_action');
    await shop.speak('zh-CN');
    await shop.page.getByText('等待付款').first().waitFor();
    await foot.getByRole('link', { name: '全部界面状态' }).waitFor();
    await foot.getByRole('link', { name: '店铺', exact: true }).click();
    await shop.orderIs('requires_action');
    assert.equal(await shop.page.locator('html').getAttribute('lang'), 'zh-CN');
  }, PHONE);

  const LOOKS = [
    ['on a desktop', DESKTOP],
    ['on a phone in the dark, in Chinese', { ...inChinese(PHONE), colorScheme: 'dark' }],
  ];
  for (const [look, options] of LOOKS) {
    journey(`have no barriers ${look}`, async ({ context, demo, browser }) => {
      const shop = await ShopPage.open(context, demo);
      await shop.page.locator('#pay:enabled').waitFor();
      await shop.page.locator('#all-methods').click();
      assert.deepEqual(await barriers(shop.page), [], 'choosing');
      const text = await shop.buyByQr('blueocean_alipay_qrcode');
      const happened = new Happenings(shop.page);
      await happened.unfold();
      await happened.line({ from: 'shop', to: 'signer' });
      assert.deepEqual(await barriers(shop.page), [], 'paying');
      const { order_id } = await shop.order();
      const back = await ShopPage.open(context, demo, `${demo.shop}/return.html?order=${order_id}`);
      await back.qrText();
      assert.deepEqual(await barriers(back.page), [], 'the return page');
      const order = await OrderPage.open(context, demo, order_id);
      await order.is('requires_action');
      await scanAndPay(browser, text);
      await order.is('succeeded');
      await order.page.locator('.manage summary').click();
      await order.happened.line({ from: 'signer', to: 'shop', what: 'payment.succeeded' });
      assert.deepEqual(await barriers(order.page), [], 'the order');
    }, options);
  }
});
