// Pictures of the shop on a phone and on a desktop, in English and in Chinese: `npm run shots` writes them to
// `target/browser/shots/`.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { DESKTOP, PHONE, launch, newPayer } from './chromium.js';
import { output, startDemo } from './demo.js';
import { ShopPage } from './shop.js';

const SCREENS = { phone: PHONE, desktop: DESKTOP };
const LANGUAGES = { en: 'en', zh: 'zh-CN' };

const folder = path.join(output, 'shots');
await mkdir(folder, { recursive: true });
const browser = await launch();
try {
  for (const [screen, options] of Object.entries(SCREENS)) {
    for (const [short, language] of Object.entries(LANGUAGES)) {
      const shoot = async (page, name) => {
        const file = path.join(folder, `${name}-${screen}-${short}.png`);
        await page.screenshot({ path: file, fullPage: true });
        console.log(file);
      };
      // A demo for each, so that no picture shows the orders of another.
      const demo = await startDemo('shots-demo');
      try {
        const context = await newPayer(browser, { ...options, locale: language });
        await tour(context, demo, language, shoot);
        await context.close();
      } finally {
        await demo.stop();
      }
    }
  }
} finally {
  await browser.close();
}

/** The states of the page worth looking at, one after the other. */
async function tour(context, demo, language, shoot) {
  const shop = await ShopPage.open(context, demo);
  await shop.speak(language);
  await shop.page.locator('input[name="method"]').first().waitFor();
  await shoot(shop.page, '1-shop');

  await shop.buyByQr('blueocean_alipay_qrcode');
  await shoot(shop.page, '2-qr');

  const redirect = await ShopPage.open(context, demo);
  await redirect.speak(language);
  await redirect.buy('jubao_wechat_h5');
  const gateway = await redirect.atGateway();
  await shoot(gateway.page, '3-gateway');
  await gateway.press('pay');
  await redirect.back();
  await redirect.outcome('succeeded');
  await redirect.orderIs('succeeded');
  await shoot(redirect.page, '4-paid');
}
