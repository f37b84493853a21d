// What both wrappers promise, checked on a page that Vite builds for development: that is where React mounts everything
// twice, and where both frameworks say what they do not like.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { build } from 'vite';

import { until } from '../../wasm/js/tests/page.js';
import { work } from './project.js';
import { hook, launch, newPayment, openShop, payThrough, visit } from './shop.js';

const page = (content) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title><div id="root">${content}</div><script type="module" src="/client.js"></script>`;

/** Defines the tests of a wrapper in a project, and gives what tests of its own need. */
export function wrapperTests(project) {
  const folder = join(work, project);
  const output = join(work, `shop-with-${project}`);
  const rendered = [];
  let browser;
  let shop;
  let signer;

  const render = () => execFileSync(process.execPath, ['server.js', JSON.stringify(signer.options)], { cwd: folder, encoding: 'utf8' }).trim();
  const onPage = (path, journey) => visit(browser, shop.url + path, journey);
  const roots = (page) => page.locator(hook('root')).count();

  before(async () => {
    // Vite takes the frameworks' builds for development by this.
    process.env.NODE_ENV = 'development';
    await build({
      root: folder,
      configFile: false,
      logLevel: 'error',
      mode: 'development',
      define: { __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'true' },
      build: {
        outDir: output,
        emptyOutDir: true,
        minify: false,
        rollupOptions: { input: join(folder, 'client.js'), output: { entryFileNames: 'client.js' } },
      },
    });
    const pages = { get '/'() { return page(''); }, get '/rendered.html'() { return page(rendered[0]); } };
    shop = await openShop(output, { pages });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    shop?.close();
  });
  beforeEach(async () => {
    signer = await newPayment();
    shop.payment = { ...signer.options, locale: 'en' };
  });
  afterEach(() => signer.close());

  test(`${project}: a payment is seen through, with one interface and one look at the payment`, () =>
    onPage('/', async (page) => {
      await page.waitForSelector(hook('pay'));
      assert.equal(await roots(page), 1);
      assert.equal(await page.locator('.till > *').count(), 1, 'nothing is left of another');
      assert.equal(signer.count(/GET /), 1);
      await payThrough(page, signer);
      assert.deepEqual(await page.evaluate(() => window.records.outcomes), [['succeeded', 'en']]);
    }));

  test(`${project}: a payment that is submitted at once is submitted once`, async () => {
    shop.payment.autoConfirm = true;
    await onPage('/', async (page) => {
      await page.waitForSelector(`${hook('qr')} svg`);
      assert.equal(signer.count(/POST .*confirm/), 1);
    });
  });

  test(`${project}: what a server renders is an empty element, and the browser takes it over without a word`, async () => {
    rendered[0] = render();
    assert.match(rendered[0], /<div class="till"><\/div>/);
    await onPage('/rendered.html', async (page) => {
      await payThrough(page, signer);
      assert.equal(await roots(page), 1);
    });
  });

  test(`${project}: another language is shown in place, and later functions are called`, () =>
    onPage('/', async (page) => {
      await page.waitForSelector(hook('pay'));
      await page.locator(hook('root')).evaluate((root) => (window.before = root));
      await page.evaluate(() => window.records.change({ locale: 'zh-CN' }));
      await page.waitForSelector(`${hook('pay')}:has-text("支付")`);
      assert.equal(await page.locator(hook('root')).evaluate((root) => root === window.before), true);
      await payThrough(page, signer);
      assert.deepEqual(await page.evaluate(() => window.records.outcomes), [['succeeded', 'zh-CN']]);
      assert.equal(signer.count(/GET (?!.*wait_s)/), 1, 'the payment was not looked up again');
    }));

  test(`${project}: another payment takes the place of the first`, () =>
    onPage('/', async (page) => {
      await page.waitForSelector(hook('pay'));
      const other = await newPayment({ subject: 'Coffee' });
      try {
        await page.evaluate((options) => window.records.change(options), other.options);
        await page.waitForSelector(`${hook('root')}:has-text("Coffee")`);
        assert.equal(await roots(page), 1);
        await payThrough(page, other);
        assert.equal(signer.count(/POST /), 0);
      } finally {
        other.close();
      }
    }));

  test(`${project}: taken away, also while it loads, it leaves nothing and asks nothing more`, () =>
    onPage('/', async (page) => {
      await page.waitForSelector(hook('pay'));
      await page.click(hook('pay'));
      await page.waitForSelector(`${hook('qr')} svg`);
      await page.evaluate(() => window.records.setShown(false));
      await page.waitForSelector('.till', { state: 'detached' });
      await until(() => signer.waiting.size === 0);
      const asked = signer.asked.length;
      await page.evaluate(async () => {
        for (const shown of [true, false, true, false]) {
          window.records.setShown(shown);
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        }
      });
      assert.equal(await roots(page), 0);
      await page.evaluate(() => window.records.setShown(true));
      await page.waitForSelector(`${hook('qr')} svg`);
      assert.equal(await roots(page), 1);
      assert.deepEqual(await page.evaluate(() => [window.records.outcomes, window.records.errors]), [[], []]);
      assert.ok(signer.asked.length > asked);
      assert.equal(signer.count(/POST .*confirm/), 1);
    }));

  test(`${project}: what cannot be mounted is told to the shop`, async () => {
    shop.payment = { resume: true };
    await onPage('/', async (page) => {
      await page.waitForFunction(() => window.records.errors.length > 0);
      assert.deepEqual(await page.evaluate(() => window.records.errors), ['nothing_to_resume']);
    });
  });

  test(`${project}: what cannot be mounted and nobody listens for is an error of the page`, () => {
    shop.payment = { resume: true, onError: null };
    return assert.rejects(onPage('/', (page) => page.waitForEvent('pageerror')), /CheckoutError: this tab was not sent away/);
  });

  return { onPage, signer: () => signer };
}
