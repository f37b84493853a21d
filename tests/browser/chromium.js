// A real Chromium, a new empty profile for each payer, and a picture of what was on the screen when a journey fails.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from 'playwright-core';

import { output } from './demo.js';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** How long anything on a page may take. */
export const PATIENCE_MS = 20_000;

const ANDROID = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36';
const APP = 'MicroMessenger/8.0.49.2600(0x28003133) NetType/WIFI Language/en';

export const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  userAgent: ANDROID,
};
export const DESKTOP = { viewport: { width: 1280, height: 860 } };
/** The browser inside the WeChat app; what the app puts into its pages is in `wechat.js`. */
export const WECHAT = { ...PHONE, userAgent: `${ANDROID} ${APP}` };

/** The same browser of somebody who reads Chinese. */
export const inChinese = (options) => ({ ...options, locale: 'zh-CN' });

export function launch(options = {}) {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, headless: true, args: FLAGS, ...options });
}

/** A browser of somebody: nothing stored in it yet, and impatient enough for a test. */
export async function newPayer(browser, options = PHONE) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  return context;
}

/**
 * Runs a journey in a browser of its own; when it fails, every open page is photographed to `target/browser/`.
 * A script error on any page fails the journey too, and so does anything that a page's content policy has to forbid, or
 * a page that is wider than the screen when the journey ends.
 */
export async function travel(browser, name, journey, options) {
  const context = await newPayer(browser, options);
  const errors = [];
  context.on('weberror', (event) => errors.push(event.error()));
  context.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) errors.push(new Error(message.text()));
  });
  try {
    await journey(context);
    errors.push(...(await tooWide(context)));
    if (errors.length > 0) throw new Error(`a page did wrong: ${errors.map((error) => error.stack ?? error).join('; ')}`);
  } catch (error) {
    await photograph(context, name);
    throw error;
  } finally {
    await context.close();
  }
}

async function tooWide(context) {
  const found = [];
  for (const page of context.pages()) {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    const screen = page.viewportSize().width;
    if (wide > screen) found.push(new Error(`${page.url()} is ${wide} wide on a screen of ${screen}`));
  }
  return found;
}

async function photograph(context, name) {
  await mkdir(output, { recursive: true });
  const file = name.replaceAll(/[^\p{L}\p{N}]+/gu, '-');
  for (const [index, page] of context.pages().entries()) {
    const target = path.join(output, `${file}-${index + 1}.png`);
    await page.screenshot({ path: target, fullPage: true }).then(
      () => console.error(`screenshot of ${page.url()}: ${target}`),
      (reason) => console.error(`no screenshot of ${page.url()}: ${reason}`),
    );
  }
}
