// Pictures of the shop on a phone and on a desktop, in English and in Chinese: `npm run shots` writes them to
// `target/browser/shots/`. With words behind it, only tours whose names have one of them: `npm run shots -- wechat`.
// The tour `readme` makes the picture that README.md shows.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { DESKTOP, PHONE, WECHAT, launch, newPayer } from './chromium.js';
import { output, startDemo } from './demo.js';
import { ShopPage, barCode, scanAndPay } from './shop.js';
import { Sheet, enterWeChat } from './wechat.js';

const SCREENS = { phone: PHONE, desktop: DESKTOP };
const LANGUAGES = { en: 'en', zh: 'zh-CN' };

/** Tours through the shop, each in a browser of its own; `shoot(page, name)` takes a picture. */
const TOURS = {
  async shop({ shop, shoot }) {
    await shop.page.locator('input[name="method"]').first().waitFor();
    await shoot(shop.page, 'shop');
    await shop.choose('dotwallet_autopay');
    await shop.page.locator('#all-methods').click();
    await shoot(shop.page, 'all-methods');
    await shop.choose('blueocean_micropay');
    await shoot(shop.page, 'till');
  },

  async code({ shop, shoot, context, browser }) {
    const text = await shop.buyByQr('blueocean_alipay_qrcode');
    await shoot(shop.page, 'code');
    await context.setOffline(true);
    await shop.page.locator('.countersign-trouble').waitFor();
    await shoot(shop.page, 'offline');
    await context.setOffline(false);
    await scanAndPay(browser, text);
    await shop.orderIs('succeeded');
    await shop.refund('1.20');
    await shop.newestOrder.locator('.back').waitFor();
    await shop.newestOrder.locator('.told summary').click();
    await shop.newestOrder.locator('form.refund input').fill('999');
    await shop.newestOrder.locator('form.refund button').click();
    await shop.newestOrder.locator('.problem').waitFor();
    await shoot(shop.page, 'refunded-in-part');
    await shop.newestOrder.locator('form.refund input').fill('');
    await shop.refund('1');
    await shop.page.locator('#orders .refunds li').nth(1).waitFor();
  },

  async gateway({ shop, shoot }) {
    await shop.buy('jubao_wechat_h5');
    const gateway = await shop.atGateway();
    await shoot(gateway.page, 'gateway');
    await gateway.press('cancel');
    await shop.back();
    await shop.part('continue').waitFor();
    await shoot(shop.page, 'turned-back');
    await shop.goOn();
    await (await shop.atGateway()).press('pay');
    await shop.back();
    await shop.outcome('succeeded');
    await shop.orderIs('succeeded');
    await shoot(shop.page, 'paid');
  },

  async login({ shop, shoot, demo }) {
    await demo.setWalletUser({ balance: 0, consented: false });
    await shop.buy('dotwallet_autopay', { identity: 'gateway' });
    const wallet = await shop.atGateway();
    await shoot(shop.page, 'login');
    await wallet.press('refuse');
    await shop.back();
    await shop.part('continue').waitFor();
    await shoot(shop.page, 'login-refused');
    await shop.goOn();
    await (await shop.atGateway()).press('authorize');
    await wallet.is('set_pay_config');
    await shoot(shop.page, 'consent-page');
    await wallet.press('refuse');
    await shop.back();
    await shop.part('consent').waitFor();
    await shoot(shop.page, 'consent-refused');
  },

  async order({ shop, shoot }) {
    await shop.buy('dotwallet_order');
    await shop.atGateway();
    await shoot(shop.page, 'wallet-order');
  },

  async coin({ shop, shoot }) {
    await shop.buy('hicoin_h5', { identity: 'gateway' });
    await shop.atPage('payment');
    await shoot(shop.page, 'coin-page');
  },

  async elsewhere({ shop, shoot }) {
    await shop.buy('blueocean_wechat_jsapi');
    await shop.isMisplaced();
    await shoot(shop.page, 'open-in-wechat');
  },

  async native({ shop, shoot }) {
    await shop.buy('blueocean_wechat_app');
    await shop.outcome('unsupported');
    await shoot(shop.page, 'native');
  },

  async tills({ shop, shoot }) {
    await shop.buy('blueocean_micropay', { auth_code: barCode('03') });
    await shop.orderIs('processing');
    await shoot(shop.page, 'till-waiting');
    await shop.giveUp();
    await shop.orderIs('canceled');
    await shoot(shop.page, 'till-given-up');
    await shop.page.locator('#again').click();
    await shop.buy('blueocean_micropay', { auth_code: barCode('07') });
    await shop.orderIs('failed');
    await shoot(shop.page, 'till-refused');
  },

  async review({ shop, shoot, demo, context }) {
    await shop.buy('jubao_wechat_h5');
    const gateway = await shop.atGateway();
    const other = await ShopPage.open(context, demo);
    await other.giveUp();
    await other.orderIs('canceled');
    await gateway.press('pay');
    await shop.back();
    await shop.outcome('review');
    await shop.orderIs('review');
    await shoot(shop.page, 'review');
  },
};

/** The same inside WeChat, which is on phones only. */
const TOURS_IN_WECHAT = {
  async wechat({ shop, shoot }) {
    await shop.buy('blueocean_wechat_jsapi');
    const sheet = new Sheet(shop.page);
    await sheet.itself.waitFor();
    await shoot(shop.page, 'wechat-sheet');
    await sheet.cancel();
    await shop.part('continue').waitFor();
    await shoot(shop.page, 'wechat-canceled');
  },

  async wechatOutside({ shop, shoot }) {
    await shop.page.locator('#all-methods').click();
    await shop.page.locator('.not-here:visible').first().waitFor();
    await shoot(shop.page, 'wechat-all-methods');
    await shop.buy('blueocean_alipay_wap');
    await shop.isMisplaced();
    await shoot(shop.page, 'open-in-browser');
  },
};

const folder = path.join(output, 'shots');
const wanted = process.argv.slice(2);
const isWanted = ([name]) => wanted.length === 0 || wanted.some((word) => name.includes(word));

await mkdir(folder, { recursive: true });
const browser = await launch();
const demo = await startDemo('shots-demo');
try {
  for (const [screen, options] of Object.entries(SCREENS)) {
    await walk(TOURS, options, screen);
  }
  await walk(TOURS_IN_WECHAT, WECHAT, 'phone', enterWeChat);
  if (isWanted(['readme'])) await pictureForReadme();
} finally {
  await browser.close();
  await demo.stop();
}

async function walk(tours, options, screen, prepare) {
  for (const [short, locale] of Object.entries(LANGUAGES)) {
    for (const [name, tour] of Object.entries(tours).filter(isWanted)) {
      const context = await newPayer(browser, { ...options, locale });
      await prepare?.(context, demo);
      const shop = await ShopPage.open(context, demo);
      const shoot = (page, what) => picture(page, `${what}-${screen}-${short}`);
      await tour({ shop, shoot, demo, context, browser }).catch((error) => {
        error.message = `tour ${name}, ${screen}, ${short}: ${error.message}`;
        throw error;
      });
      await context.close();
    }
  }
}

async function picture(page, name) {
  const file = path.join(folder, `${name}.png`);
  await page.screenshot({ path: file, fullPage: true });
  console.log(file);
}

/** Three screens of a phone side by side: choosing, paying by a code, paid. */
async function pictureForReadme() {
  const [width, height, gap] = [390, 780, 20];
  const context = await newPayer(browser, { ...PHONE, viewport: { width, height }, deviceScaleFactor: 1 });
  const shop = await ShopPage.open(context, demo);
  await shop.choose('blueocean_alipay_qrcode');
  const screens = [];
  const photograph = async (top) => {
    await shop.page.evaluate((at) => scrollTo(0, at), top);
    screens.push((await shop.page.screenshot()).toString('base64'));
  };
  const legend = shop.page.locator('[data-words="choose_method"]');
  await photograph(await legend.evaluate((words) => words.getBoundingClientRect().top + scrollY - 170));
  await shop.page.locator('#pay').click();
  const text = await shop.qrText();
  await photograph(0);
  await scanAndPay(browser, text);
  await shop.orderIs('succeeded');
  await photograph(0);

  const page = await context.newPage();
  await page.setViewportSize({ width: 3 * width + 2 * gap, height });
  const images = screens.map((screen) => `<img width="${width}" height="${height}" src="data:image/png;base64,${screen}">`);
  await page.setContent(`<body style="margin:0;display:flex;gap:${gap}px;background:#fff">${images.join('')}</body>`);
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode())));
  await page.screenshot({ path: path.join(folder, 'checkout.png') });
  console.log(path.join(folder, 'checkout.png'));
  await context.close();
}
