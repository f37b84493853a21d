// A merchant's site under the strict policy, and a payer's Chromium in it. Whatever the policy forbids, the console
// reports as an error, or the site does not have, is kept and fails the visit.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';

import { SECRET, startSigner } from '../../wasm/js/tests/signer.js';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** `more` is allowed to run besides, by its hash. */
export const policy = (more = '') =>
  `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'${more && ` ${more}`}; style-src 'self'; img-src 'self' data:; connect-src *`;

/** Serves a folder; `pages` are written by the test, by their path. */
export async function openShop(folder, { pages = {}, csp = policy() } = {}) {
  const shop = { payment: null, close };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://shop');
    const [type, body] = answer(request.method, pathname);
    response.writeHead(body === null ? 404 : 200, { 'content-type': type, 'content-security-policy': csp }).end(body);
  });
  function answer(method, pathname) {
    if (method === 'POST' && pathname === '/cart/pay') return ['application/json', JSON.stringify(shop.payment)];
    if (pathname === '/gateway') return ['text/html', '<!doctype html><title>Gateway</title>'];
    if (pathname === '/favicon.ico') return ['image/x-icon', ''];
    if (pathname in pages) return ['text/html', pages[pathname]];
    const name = normalize(pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    return [TYPES[extname(name)] ?? 'text/plain', read(join(folder, name))];
  }
  function close() {
    server.closeAllConnections();
    server.close();
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  shop.url = `http://127.0.0.1:${server.address().port}`;
  return shop;
}

function read(file) {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}

/** A signer with a payment that is shown as a code once it is confirmed. */
export async function newPayment(first) {
  const signer = await startSigner(first);
  const next_action = { type: 'qr_code', text: 'https://qr.alipay.com/bax00', expires_at: signer.view.expires_at };
  signer.confirm = () => signer.move({ status: 'requires_action', next_action });
  signer.options = { signer: signer.url, paymentId: 'pay_1', clientSecret: SECRET };
  return signer;
}

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });

/** Visits a page with a new browser's memory, and fails on anything that went wrong meanwhile. */
export async function visit(browser, url, journey) {
  const context = await browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  const troubles = [];
  page.loaded = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(message.text());
  });
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('response', (response) => {
    page.loaded.push({ url: response.url(), body: response.body().catch(() => Buffer.alloc(0)) });
    if (response.status() >= 400) troubles.push(`${response.status()} ${response.url()}`);
  });
  try {
    await page.goto(url);
    await journey(page);
    assert.deepEqual(troubles, []);
  } catch (error) {
    if (troubles.length > 0) error.message += `\n${troubles.join('\n')}`;
    throw error;
  } finally {
    await context.close();
  }
}

export const hook = (name) => `[data-countersign="${name}"]`;

/** What a payer does: presses Pay, sees the code, pays by phone, sees that it is paid. */
export async function payThrough(page, signer) {
  await page.click(hook('pay'));
  await page.waitForSelector(`${hook('qr')} svg`);
  signer.move({ status: 'succeeded', next_action: null });
  await page.waitForSelector(`${hook('outcome')}[data-outcome="succeeded"]`);
  assert.equal(signer.count(/POST .*confirm/), 1);
}
