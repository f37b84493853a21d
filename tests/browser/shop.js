// The demo shop's page as a person uses it: choose, pay, look at what it says.

import { readQr } from './camera.js';
import { PATIENCE_MS, newPayer } from './chromium.js';

export class ShopPage {
  constructor(page, demo) {
    this.page = page;
    this.demo = demo;
  }

  static async open(context, demo) {
    const page = await context.newPage();
    await page.goto(demo.shop);
    return new ShopPage(page, demo);
  }

  /** Chooses a way to pay and presses the shop's button, which asks for the payment at once. */
  async buy(method) {
    await this.page.locator(`input[name="method"][value="${method}"]`).check();
    await this.page.locator('#pay').click();
  }

  /** Chooses a QR code and gives the text that a camera reads off the screen. */
  async buyByQr(method) {
    await this.buy(method);
    return this.qrText();
  }

  /** What a camera reads off the screen. */
  async qrText() {
    await this.part('qr').waitFor();
    const text = await readQr(this.part('qr'));
    if (!text?.startsWith(this.demo.gateways)) throw new Error(`the QR code says ${text}`);
    return text;
  }

  /** After a reload or the back button: takes up the order that the shop's page says is not finished. */
  async takeUp() {
    await this.page.locator('#open-order a, #orders a.continue').first().click();
  }

  /** Back from a gateway without having paid: presses whatever the checkout offers to go on with. */
  async goOn() {
    await this.page.locator('#checkout button[data-countersign]').click();
  }

  /** A part of the checkout module: `pay`, `qr`, `status`, `outcome`, `retry`, `consent`, `continue`. */
  part(name) {
    return this.page.locator(`#checkout [data-countersign="${name}"]`);
  }

  /** Waits until the checkout module shows this outcome. */
  async outcome(status) {
    await this.page.locator(`#checkout [data-countersign="outcome"][data-outcome="${status}"]`).waitFor();
  }

  /** Waits until the shop's own list of orders, which only webhooks change, shows this status. */
  async orderIs(status) {
    await this.page.locator(`#orders li[data-status="${status}"]`).first().waitFor();
  }

  /** Waits until the browser has left for a gateway's page. */
  async atGateway() {
    const there = new URL(this.demo.gateways).origin;
    await this.page.waitForURL((url) => url.origin === there, { timeout: PATIENCE_MS });
    return new GatewayPage(this.page);
  }

  /** Waits until the browser is back. */
  async back() {
    const here = new URL(this.demo.shop).origin;
    await this.page.waitForURL((url) => url.origin === here, { timeout: PATIENCE_MS });
  }

  async speak(language) {
    await this.page.locator(`[data-lang="${language}"]`).click();
  }
}

/** A page of a simulated gateway. */
export class GatewayPage {
  constructor(page) {
    this.page = page;
  }

  /** Presses `pay`, `cancel`, `continue` or `refuse`; where a wallet asks for a password, types one first. */
  async press(button) {
    const password = this.page.locator('input[type="password"]');
    if (button === 'pay' && (await password.count()) > 0) await password.fill('123456');
    await this.page.locator(`#${button}, [data-testid="${button}"]`).first().click();
  }
}

/** Somebody with another phone who scans a QR code and pays. */
export async function scanAndPay(browser, text) {
  const phone = await newPayer(browser);
  try {
    const page = await phone.newPage();
    await page.goto(text);
    await new GatewayPage(page).press('pay');
    await page.locator('#paid').waitFor();
  } finally {
    await phone.close();
  }
}
