// A merchant's page with nothing on it but the module: no shop decides when to press, and none reloads or follows.

import { GatewayPage } from './shop.js';
import { PATIENCE_MS } from './chromium.js';

// Any file of the shop's will do: it comes from the shop's origin under the shop's policy, and runs nothing.
const BLANK = '/css/shop.css';

export class BarePage {
  constructor(page, opening) {
    this.page = page;
    this.opening = opening;
    this.calls = watchCalls(page, opening);
  }

  /** Has the shop's backend make an order, as its own page would. */
  static async order(context, demo, method) {
    const answer = await context.request.post(`${demo.shop}/api/orders`, {
      data: { product: 'oolong', method, locale: 'en', options: {} },
    });
    if (!answer.ok()) throw new Error(`the shop took no order: ${answer.status()} ${await answer.text()}`);
    const { order_id: orderId, signer, payment_id: paymentId, client_secret: clientSecret } = await answer.json();
    return { orderId, signer, paymentId, clientSecret };
  }

  /** Opens a page with the interface for that order; the same order can be opened in as many tabs as wanted. */
  static async open(context, demo, opening, options = {}) {
    const bare = new BarePage(await context.newPage(), opening);
    await bare.load(demo, options);
    return bare;
  }

  /** Loads the page, or loads it anew. */
  async load(demo, options = {}) {
    await this.page.goto(`${demo.shop}${BLANK}`);
    const { signer, paymentId, clientSecret } = this.opening;
    await this.page.evaluate(async (given) => {
      const viewport = Object.assign(document.createElement('meta'), { name: 'viewport', content: 'width=device-width' });
      document.head.append(viewport);
      const place = document.createElement('main');
      place.id = 'checkout';
      document.body.replaceChildren(place);
      const checkout = await import('/checkout/index.js');
      window.outcomes = [];
      window.seen = [];
      const onOutcome = ({ status }) => window.outcomes.push(status);
      const onChange = ({ status }, { step }) => window.seen.push(`${step} ${status}`);
      window.mounted = await checkout.mount(place, { ...given, onOutcome, onChange });
    }, { signer, paymentId, clientSecret, ...options });
  }

  part(name) {
    return this.page.locator(`#checkout [data-countersign="${name}"]`);
  }

  async outcome(status) {
    await this.page.locator(`#checkout [data-countersign="outcome"][data-outcome="${status}"]`).waitFor();
  }

  /** Every outcome that the page was told of. */
  outcomes() {
    return this.page.evaluate(() => window.outcomes);
  }

  /** Waits until the browser has left for a gateway's page. */
  async atGateway(demo) {
    const there = new URL(demo.gateways).origin;
    await this.page.waitForURL((url) => url.origin === there, { timeout: PATIENCE_MS });
    return new GatewayPage(this.page);
  }
}

/** The calls of the checkout API that a page makes: `{what, began, ended}` with `what` one of `view`, `confirm`, `returned`. */
function watchCalls(page, { paymentId }) {
  const calls = [];
  const isCall = (request) => request.method() !== 'OPTIONS' && request.url().includes(`/v1/checkout/${paymentId}`);
  page.on('request', (request) => {
    if (!isCall(request)) return;
    const [, what] = /\/(confirm|returned)$/.exec(new URL(request.url()).pathname) ?? [null, 'view'];
    calls.push({ request, what, began: Date.now(), ended: null });
  });
  const end = (request) => {
    const call = calls.find((call) => call.request === request);
    if (call) call.ended = Date.now();
  };
  page.on('requestfinished', end);
  page.on('requestfailed', end);
  return calls;
}

/** How many of these calls were under way at the same time, at most. */
export function mostAtOnce(calls) {
  const isUnderWay = (call, at) => call.began <= at && (call.ended ?? Infinity) > at;
  return Math.max(0, ...calls.map(({ began }) => calls.filter((call) => isUnderWay(call, began)).length));
}
