// The gallery, served under the strict policy that the package promises to work with, and a page of it in real Chromium.
// The clock stands still, nothing moves and the font is the one that the set-up installs, so that a state looks the same
// whenever it is looked at.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { PATIENCE_MS, launch } from '../chromium.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const www = path.join(root, 'www');
const dist = path.join(root, 'wasm', 'dist');

const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'";
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.wasm': 'application/wasm' };

/** Without it every picture would differ, and nobody would know why. */
const FONT = 'WenQuanYi Micro Hei';
const FONT_SHEET = `:root { --countersign-font: "${FONT}"; --sans: "${FONT}"; --serif: "${FONT}"; --mono: "${FONT}" }`;

/** The narrowest screen that is looked at. */
export const PHONE_320 = { width: '320', viewport: { width: 320, height: 640 } };

const NOW = new Date('2026-11-22T01:00:00Z');

export async function openWall() {
  assert.ok(existsSync(path.join(dist, 'index.js')), 'wasm/dist is missing: run `cargo xtask wasm`');
  const server = createServer((request, response) => serve(new URL(request.url, 'http://wall').pathname, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = await launch();
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    /** The gallery as chosen: `{lang, appearance, width}`, at a viewport. `errors` is what the page did wrong. */
    async gallery({ viewport = { width: 1280, height: 900 }, ...chosen } = {}) {
      const context = await browser.newContext({ viewport, deviceScaleFactor: 1, reducedMotion: 'reduce', locale: 'en-GB' });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      page.errors = [];
      page.on('pageerror', (error) => page.errors.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') page.errors.push(message.text());
      });
      await page.clock.setFixedTime(NOW);
      await page.goto(`${url}/gallery.html?${new URLSearchParams(chosen)}`);
      await page.locator('html[data-ready]').waitFor();
      await page.evaluate((rules) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(rules);
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
        return document.fonts.ready;
      }, FONT_SHEET);
      return page;
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

function serve(pathname, response) {
  const inPackage = pathname.startsWith('/checkout/');
  const [folder, name] = inPackage ? [dist, pathname.slice('/checkout/'.length)] : [www, pathname.slice(1)];
  const file = path.join(folder, name);
  const type = TYPES[path.extname(file)];
  if (!file.startsWith(folder + path.sep) || !type || !existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY });
  createReadStream(file).pipe(response);
}
