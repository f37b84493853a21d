// The module on a page of its own: however often the payer presses, wherever, and whatever the network does meanwhile, it
// is one order, and nothing is called paid, or failed, that is not.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { BarePage, mostAtOnce } from '../bare.js';
import { DESKTOP, PHONE, launch, newPayer } from '../chromium.js';
import { OrderPage, ShopPage, scanAndPay } from '../shop.js';
import { stage } from '../stage.js';
import { readQr } from '../camera.js';

const QR = 'blueocean_alipay_qrcode';
const REDIRECT = 'jubao_wechat_h5';

describe('a payer who presses more than once', { timeout: 300_000 }, () => {
  const journey = stage('once');

  const confirmations = (...pages) => pages.flatMap(({ calls }) => calls).filter(({ what }) => what === 'confirm');

  const isConfirm = (url) => url.pathname.endsWith('/confirm');

  /** Holds confirmations back until `release` is called, so that they arrive together. */
  async function holdConfirmations(context) {
    let release;
    const released = new Promise((resolve) => (release = resolve));
    const held = [];
    await context.route(isConfirm, async (route) => {
      held.push(route);
      await released;
      await route.continue();
    });
    return { held, release };
  }

  /** An answer of the signer with other words in it. */
  async function changed(response, fields) {
    return { response, json: { ...(await response.json()), ...fields } };
  }

  /** Waits until webhooks have told the shop of the money, in a tab of its own. */
  async function shopIsTold(context, demo, { orderId }) {
    await (await OrderPage.open(context, demo, orderId)).is('succeeded');
  }

  async function codeOn(page) {
    await page.part('qr').waitFor();
    return (await readQr(page.part('qr'))).text;
  }

  journey('presses five times in a row, and it is one request and one order', async ({ context, demo }) => {
    const opening = await BarePage.order(context, demo, QR);
    const page = await BarePage.open(context, demo, opening);
    await page.part('pay').waitFor();
    // All five before the page can draw anything.
    await page.page.evaluate(() => {
      const button = document.querySelector('[data-countersign="pay"]');
      for (let press = 0; press < 5; press += 1) button.click();
    });
    await codeOn(page);
    assert.equal(confirmations(page).length, 1);
    await demo.booking('blueocean', opening.orderId);
  }, DESKTOP);

  journey('presses in three tabs at the same moment, sees one code in all, pays it, and all say so', async (play) => {
    const { context, demo, browser } = play;
    const opening = await BarePage.order(context, demo, QR);
    const tabs = await Promise.all([1, 2, 3].map(() => BarePage.open(context, demo, opening)));
    const { held, release } = await holdConfirmations(context);
    for (const tab of tabs) await tab.part('pay').click();
    while (held.length < tabs.length) await tabs[0].page.waitForTimeout(20);
    release();
    const codes = await Promise.all(tabs.map(codeOn));
    assert.equal(new Set(codes).size, 1);
    await demo.booking('blueocean', opening.orderId);
    await scanAndPay(browser, codes[0]);
    for (const tab of tabs) {
      await tab.outcome('succeeded');
      assert.deepEqual(await tab.outcomes(), ['succeeded']);
    }
  }, DESKTOP);

  journey('reloads while the submission is under way, and finds its code', async ({ context, demo, browser }) => {
    const opening = await BarePage.order(context, demo, QR);
    const page = await BarePage.open(context, demo, opening);
    let arrived;
    const hasArrived = new Promise((resolve) => (arrived = resolve));
    await context.route(isConfirm, async (route) => {
      // It reaches the signer; the answer finds nobody.
      await route.fetch();
      arrived();
    }, { times: 1 });
    await page.part('pay').click();
    await hasArrived;
    await page.load(demo);
    const code = await codeOn(page);
    await demo.booking('blueocean', opening.orderId);
    await scanAndPay(browser, code);
    await page.outcome('succeeded');
  }, DESKTOP);

  journey('is told "still checking" while the signer fails, never "failed", and is asked after at a growing pace', async (play) => {
    const { context, demo, browser } = play;
    const opening = await BarePage.order(context, demo, QR);
    const page = await BarePage.open(context, demo, opening);
    await page.part('pay').click();
    const code = await codeOn(page);
    const failed = [];
    const isLook = (url) => url.pathname.endsWith(opening.paymentId);
    const fail = (route) => {
      failed.push(Date.now());
      const body = JSON.stringify({ type: 'about:blank', title: 'Down', status: 503, code: 'not_ready' });
      return route.fulfill({ status: 503, contentType: 'application/problem+json', headers: { 'access-control-allow-origin': '*' }, body });
    };
    await context.route(isLook, fail);
    // The held look-up ends as a connection does when its server goes.
    await context.setOffline(true);
    await context.setOffline(false);
    await scanAndPay(browser, code);
    while (failed.length < 4) await page.page.waitForTimeout(50);
    assert.match(await page.part('status').textContent(), /Still checking/);
    assert.deepEqual(await page.outcomes(), []);
    const pauses = failed.slice(1).map((at, index) => at - failed[index]);
    for (const [index, least] of [1_900, 2_900, 4_300].entries()) {
      assert.ok(pauses[index] >= least, `the pauses were ${pauses}`);
    }
    await context.unroute(isLook, fail);
    await page.outcome('succeeded');
    assert.equal(mostAtOnce(page.calls), 1, 'one call at a time');
    assert.deepEqual(await page.outcomes(), ['succeeded']);
  }, DESKTOP);

  journey('is never told "paid" on a word that the module does not know', async ({ context, demo }) => {
    const opening = await BarePage.order(context, demo, QR);
    const page = await BarePage.open(context, demo, opening);
    await page.part('pay').waitFor();
    let answers = 0;
    let unheardOf;
    await context.route((url) => url.pathname.includes(opening.paymentId), async (route) => {
      if (route.request().method() === 'OPTIONS') return route.continue();
      unheardOf ??= await changed(await route.fetch(), { status: 'paid', next_action: null });
      answers += 1;
      await route.fulfill(unheardOf);
    });
    await page.part('pay').click();
    while (answers < 3) await page.page.waitForTimeout(50);
    assert.deepEqual(await page.outcomes(), []);
    assert.equal(await page.part('outcome').count(), 0);
  }, DESKTOP);

  journey('looks away for a minute: the page stops asking, and asks at once when seen again', async ({ context, demo, browser }) => {
    const opening = await BarePage.order(context, demo, QR);
    await context.clock.install();
    const page = await BarePage.open(context, demo, opening);
    await page.part('pay').click();
    const code = await codeOn(page);
    const turn = (state) => page.page.evaluate((state) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
    await turn('hidden');
    await page.page.clock.runFor(31_000);
    const asked = page.calls.length;
    await scanAndPay(browser, code);
    await page.page.clock.runFor(300_000);
    assert.equal(page.calls.length, asked, 'nobody looked, so nothing was asked');
    assert.ok(page.calls.every(({ ended }) => ended !== null), 'nothing is left hanging');
    await turn('visible');
    await page.outcome('succeeded');
  }, DESKTOP);

  journey('gives up waiting: the page falls silent, and the payment goes on', async ({ context, demo, browser }) => {
    const opening = await BarePage.order(context, demo, QR);
    const page = await BarePage.open(context, demo, opening);
    await page.part('pay').click();
    const code = await codeOn(page);
    const { signer, paymentId, clientSecret } = opening;
    const status = await page.page.evaluate(async (target) => {
      window.mounted.unmount();
      const { open } = await import('/checkout/index.js');
      const payment = await open(target);
      const giving = new AbortController();
      const ending = payment.follow({ signal: giving.signal });
      giving.abort();
      return (await ending).status;
    }, { signer, paymentId, clientSecret });
    assert.equal(status, 'aborted');
    assert.equal(await page.page.locator('#checkout *').count(), 0);
    const asked = page.calls.length;
    await scanAndPay(browser, code);
    await shopIsTold(context, demo, opening);
    assert.equal(page.calls.length, asked);
  }, DESKTOP);

  journey('comes back with the back button to the very page, out of the browser\'s memory, and goes on', async ({ demo }) => {
    // Playwright switches that memory off, and for this journey on again.
    const browser = await launch({ ignoreDefaultArgs: ['--disable-back-forward-cache'] });
    const context = await newPayer(browser, PHONE);
    try {
      const opening = await BarePage.order(context, demo, REDIRECT);
      const page = await BarePage.open(context, demo, opening);
      await page.page.evaluate(() => (window.kept = 'kept'));
      await page.part('pay').click();
      await page.atGateway(demo);
      // A page that was kept is not loaded, so there is no load to wait for.
      await page.page.goBack({ waitUntil: 'commit' });
      assert.equal(await page.page.evaluate(() => window.kept), 'kept', 'the page was not loaded anew');
      await page.part('continue').click();
      await (await page.atGateway(demo)).press('pay');
      const shop = new ShopPage(page.page, demo);
      await shop.back();
      await shop.outcome('succeeded');
      assert.equal((await demo.booking('jubao', opening.orderId)).status, 'paid');
      assert.equal(confirmations(page).length, 1, 'it was submitted once');
    } finally {
      await context.close();
      await browser.close();
    }
  });

  journey('pays in one tab and presses in another that was left open: it is told, and sent nowhere', async ({ context, demo }) => {
    const opening = await BarePage.order(context, demo, REDIRECT);
    const [one, other] = [await BarePage.open(context, demo, opening), await BarePage.open(context, demo, opening)];
    await other.part('pay').waitFor();
    await one.part('pay').click();
    await (await one.atGateway(demo)).press('pay');
    await new ShopPage(one.page, demo).back();
    await shopIsTold(context, demo, opening);
    await other.part('pay').click();
    await other.outcome('succeeded');
    assert.equal(new URL(other.page.url()).origin, new URL(demo.shop).origin);
    assert.equal((await demo.booking('jubao', opening.orderId)).status, 'paid');
  }, PHONE);
});
