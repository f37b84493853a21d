// The demo shop's page as a person uses it: choose, pay, look at what it says.

import { readQr } from './camera.js';
import { PATIENCE_MS, newPayer } from './chromium.js';

export class ShopPage {
  constructor(page, demo) {
    this.page = page;
    this.demo = demo;
  }

  /** Opens the shop, or another of its addresses. */
  static async open(context, demo, address = demo.shop) {
    const page = await context.newPage();
    await page.goto(address);
    return new ShopPage(page, demo);
  }

  /**
   * Chooses a way to pay and presses the shop's button, which asks for the payment at once. `options` are what the
   * visitor chooses beside it: `{identity: "gateway", op_return: true, auth_code: "13…"}`.
   */
  async buy(method, options = {}) {
    await this.choose(method, options);
    await this.page.locator('#pay').click();
  }

  async choose(method, options = {}) {
    const row = this.page.locator(`[data-row="${method}"]`);
    await row.waitFor({ state: 'attached' });
    if (await row.isHidden()) await this.page.locator('#all-methods').click();
    await row.locator('input').check();
    for (const [name, value] of Object.entries(options)) {
      if (value === true) await this.page.locator(`#options [name="${name}"]`).check();
      else if (name === 'identity') await this.page.locator(`#options [value="${value}"]`).check();
      else await this.page.locator(`#options [name="${name}"]`).fill(String(value));
    }
  }

  /** The shop's own record of what this visitor ordered last. */
  async order() {
    const answer = await this.page.context().request.get(`${this.demo.shop}/api/orders`);
    const [newest] = await answer.json();
    if (!newest) throw new Error('this visitor has ordered nothing');
    return newest;
  }

  /** Chooses a QR code and gives the text that a camera reads off the screen. */
  async buyByQr(method) {
    await this.buy(method);
    return this.qrText();
  }

  /** What a camera reads off the code that pays. */
  async qrText() {
    const { text } = await this.readCode('qr');
    if (!text.startsWith(this.demo.gateways)) throw new Error(`the QR code says ${text}`);
    return text;
  }

  /** What a camera sees of a code on the screen: `qr`, or `page` for the address of the page. */
  async readCode(part) {
    await this.part(part).waitFor();
    const seen = await readQr(this.part(part));
    if (!seen) throw new Error('no camera could read the code on the screen');
    return seen;
  }

  /** After a reload or the back button: takes up the order that the shop's page says is not finished. */
  async takeUp() {
    await this.page.locator('#open-order a, #orders a.continue').first().click();
  }

  /**
   * Back by the back button: the browser may have kept the page as it was, or load it anew; either way there is a way on.
   */
  async takeUpOrGoOn() {
    const wayOn = this.page.locator('#checkout button[data-countersign]:visible, #open-order a:visible');
    await wayOn.first().waitFor();
    if (await this.page.locator('#open-order a').isVisible()) await this.takeUp();
    await this.goOn();
  }

  /** Back from a gateway without having paid: presses whatever the checkout offers to go on with. */
  async goOn() {
    await this.page.locator('#checkout button[data-countersign]').click();
  }

  /** The checkout module as a whole: its `data-status`, its `data-panel`. */
  get checkout() {
    return this.part('root');
  }

  /**
   * A part of the checkout module: `pay`, `qr`, `status`, `outcome`, `retry`, `consent`, `continue`; where the page is
   * to be opened elsewhere `address`, `copy`, `page`.
   */
  part(name) {
    return this.page.locator(`#checkout [data-countersign="${name}"]`);
  }

  /** Waits until the checkout module shows this outcome. */
  async outcome(status) {
    await this.page.locator(`#checkout [data-countersign="outcome"][data-outcome="${status}"]`).waitFor();
  }

  /** Waits until the checkout module says that the page is to be opened elsewhere. */
  async isMisplaced() {
    await this.page.locator('#checkout [data-panel="elsewhere"]').waitFor();
  }

  /** What was ordered last, in the shop's own list, which only webhooks change. */
  get newestOrder() {
    return this.page.locator('#orders li.order').first();
  }

  /** Waits until the shop's own list shows this status for what was ordered last. */
  async orderIs(status) {
    await this.newestOrder.and(this.page.locator(`[data-status="${status}"]`)).waitFor();
  }

  /** Gives money back in the shop's list: a part, or all that is left. */
  async refund(amount) {
    const summary = this.newestOrder.locator('details[data-key^="refund-"] summary');
    await summary.waitFor();
    if (!(await this.newestOrder.locator('form.refund').isVisible())) await summary.click();
    if (amount) await this.newestOrder.locator('form.refund input').fill(amount);
    await this.newestOrder.locator('form.refund button').click();
  }

  /** The refunds of what was ordered last, as the shop's list shows them. */
  get refunds() {
    return this.newestOrder.locator('.refunds li');
  }

  /** Gives up what was ordered last. */
  async giveUp() {
    await this.newestOrder.locator('.manage .link').click();
  }

  /** Waits until the browser has left for a gateway's page. */
  async atGateway() {
    const there = new URL(this.demo.gateways).origin;
    await this.page.waitForURL((url) => url.origin === there, { timeout: PATIENCE_MS });
    return new GatewayPage(this.page);
  }

  /** Waits until the browser shows this page of a gateway, given by its file name. */
  async atPage(name) {
    const gateway = await this.atGateway();
    await gateway.is(name);
    return gateway;
  }

  /** Presses the browser's back button until it is back at the shop. */
  async goBackToShop() {
    const here = new URL(this.demo.shop).origin;
    while (new URL(this.page.url()).origin !== here) await this.page.goBack();
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

/** The page of one order. */
export class OrderPage {
  constructor(page) {
    this.page = page;
  }

  static async open(context, demo, orderId) {
    const page = await context.newPage();
    await page.goto(`${demo.shop}/order.html?order=${orderId}`);
    return new OrderPage(page);
  }

  /** Waits until it says that the order stands so. */
  async is(status) {
    await this.page.locator(`#standing[data-status="${status}"]`).waitFor();
  }

  /** Waits until it hears of changes at once, or until it knows that it does not. */
  async isLive(live = true) {
    await this.page.locator(`#live[data-live="${live}"]`).waitFor();
  }

  /** The statuses that the shop was told, oldest first. */
  async told() {
    return this.page.locator('#told [data-webhook-id]').evaluateAll((rows) => rows.map(({ dataset }) => dataset.status));
  }

  get happened() {
    return new Happenings(this.page);
  }
}

/** "What just happened", wherever it is on a page. */
export class Happenings {
  constructor(page) {
    this.page = page;
    this.place = page.locator('#happened');
  }

  async unfold() {
    const fold = this.place.locator('details.happened');
    if ((await fold.getAttribute('open')) === null) await fold.locator('summary').click();
  }

  /** Waits for a line, given as `{from, to, what, outcome}`, of which parts may be left out. */
  async line({ from, to, what, outcome }) {
    const said = { from, to, outcome };
    const marks = Object.entries(said).filter(([, value]) => value).map(([name, value]) => `[data-${name}="${value}"]`);
    const lines = this.place.locator(`li.line${marks.join('')}`);
    const line = (what ? lines.filter({ has: this.page.locator('code').getByText(what, { exact: true }) }) : lines).first();
    await line.waitFor();
    return line;
  }

  /** Who spoke to whom, line by line. */
  async ways() {
    const ways = (lines) => lines.map(({ dataset }) => `${dataset.from} ${dataset.to}`);
    return this.place.locator('li.line').evaluateAll(ways);
  }
}

/** A page of a simulated gateway. */
export class GatewayPage {
  constructor(page) {
    this.page = page;
  }

  /** Waits until it is this page, given by its file name. */
  async is(name) {
    await this.page.waitForURL((url) => url.pathname.endsWith(`/${name}`), { timeout: PATIENCE_MS });
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

let shown = 0;

/** A new bar code of a payer, whose last two digits say what becomes of it (`sandbox/README.md`). */
export function barCode(plan) {
  shown += 1;
  return `13460000${String(shown).padStart(8, '0')}${plan}`;
}
