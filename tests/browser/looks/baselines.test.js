// How every state looks, held against pictures that somebody has looked at: in both languages, light and dark, on the
// narrowest phone and on a desktop. After a change that is meant: `npm run looks -- accept`, and look at the pictures.

import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import UPNG from 'upng-js';

import { output } from '../demo.js';
import { PHONE_320, openWall } from './wall.js';

const baselines = fileURLToPath(new URL('baselines/', import.meta.url));
const seen = path.join(output, 'looks');
const accepts = process.env.COUNTERSIGN_LOOKS === 'accept';

/** How much of a picture another patch version of Chromium may draw otherwise: edges of letters, and no more. */
const SHARE_MAX = 0.002;
const COLOUR_TOLERANCE = 0.15;
/** How many colours a kept picture has. */
const COLOURS = 64;

const SHEETS = {
  'desktop-en-light': { lang: 'en', appearance: 'light' },
  'desktop-zh-dark': { lang: 'zh-CN', appearance: 'dark' },
  'phone-en-dark': { lang: 'en', appearance: 'dark', ...PHONE_320 },
  'phone-zh-light': { lang: 'zh-CN', appearance: 'light', ...PHONE_320 },
};

describe('every state looks as it was accepted', { timeout: 300_000 }, () => {
  let wall;
  before(async () => {
    wall = await openWall();
    await rm(seen, { recursive: true, force: true });
    await mkdir(seen, { recursive: true });
  });
  after(() => wall?.close());

  for (const [sheet, options] of Object.entries(SHEETS)) {
    test(sheet, async () => {
      const page = await wall.gallery(options);
      await bare(page);
      const wings = page.locator('.wing');
      const wrong = [];
      for (let at = 0; at < (await wings.count()); at += 1) {
        const picture = PNG.sync.read(await wings.nth(at).screenshot());
        const title = await wings.nth(at).locator('h2').textContent();
        const name = `${sheet}-${title.toLowerCase().replaceAll(' ', '-')}`;
        wrong.push(...(await compared(name, picture)));
      }
      await page.context().close();
      assert.deepEqual(wrong, [], `see ${seen}; if this is meant: npm run looks -- accept`);
    });
  }
});

/** Without the gallery's own words, closely hung: what is looked at is the checkout. */
function bare(page) {
  return page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('.wing h2, .piece > :not(.place) { display: none } .wing { padding: 0 } .room { gap: 8px !important; margin: 0 !important } .piece .place { margin: 0 }');
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  });
}

/** With a palette, which takes a third of the bytes and nothing that an eye would see. */
function written({ data, width, height }) {
  return Buffer.from(UPNG.encode([new Uint8Array(data).buffer], width, height, COLOURS));
}

/** What is wrong with a picture; it is kept when something is, with what differs. */
async function compared(name, picture) {
  const file = path.join(baselines, `${name}.png`);
  if (accepts) {
    await mkdir(baselines, { recursive: true });
    await writeFile(file, written(picture));
    return [];
  }
  const known = await readFile(file).catch(() => null);
  const share = known === null ? null : difference(PNG.sync.read(known), picture);
  if (share !== null && share.of <= SHARE_MAX) return [];
  await writeFile(path.join(seen, `${name}.png`), written(picture));
  if (share?.drawn) await writeFile(path.join(seen, `${name}-differs.png`), PNG.sync.write(share.drawn));
  return [share === null ? `${name} has no baseline` : `${name}: ${(share.of * 100).toFixed(2)} % differs`];
}

function difference(known, now) {
  const { width, height } = known;
  // Another size is another layout.
  if (width !== now.width || height !== now.height) return { of: 1, drawn: null };
  const drawn = new PNG({ width, height });
  const pixels = pixelmatch(known.data, now.data, drawn.data, width, height, { threshold: COLOUR_TOLERANCE });
  return { of: pixels / (width * height), drawn };
}
