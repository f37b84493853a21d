// Every state can be read and used by everybody: judged by axe, by the keyboard and by the width of the narrowest phone.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import jsqr from 'jsqr';
import { PNG } from 'pngjs';

import { WCAG_AA, barriers } from '../access.js';
import { STATES } from '../../../www/js/gallery/states.js';
import { PHONE_320, openWall } from './wall.js';

const TYPES = readFileSync(new URL('../../../wasm/js/index.d.ts', import.meta.url), 'utf8');

const LANGUAGES = ['en', 'zh-CN'];
const APPEARANCES = ['light', 'dark'];

describe('the gallery', { timeout: 300_000 }, () => {
  let wall;
  before(async () => {
    wall = await openWall();
  });
  after(() => wall?.close());

  const visit = (title, options, look) =>
    test(title, async () => {
      const page = await wall.gallery(options);
      await look(page);
      assert.deepEqual(page.errors, [], 'nothing was refused by the policy, and nothing was thrown');
      await page.context().close();
    });

  for (const lang of LANGUAGES) {
    for (const appearance of APPEARANCES) {
      visit(`breaks no rule of WCAG 2 A or AA in ${lang}, ${appearance}`, { lang, appearance }, async (page) => {
        assert.deepEqual(await barriers(page, WCAG_AA), []);
      });
    }
  }

  visit('shows each state as what it is listed as', {}, async (page) => {
    const shown = await page.$$eval('.piece', (pieces) =>
      pieces.map((piece) => {
        const outcome = piece.querySelector('[data-outcome]');
        return [piece.id, piece.querySelector('.countersign').dataset.panel, outcome?.dataset.outcome];
      }),
    );
    assert.deepEqual(shown, STATES.map(({ name, panel, outcome }) => [name, panel, outcome]));
    assert.equal(new Set(STATES.map(({ name }) => name)).size, STATES.length, 'each has a name of its own');
  });

  test('has every outcome that the package promises', () => {
    const [, union] = TYPES.match(/export type OutcomeStatus =([^;]+);/);
    const promised = [...union.matchAll(/"(\w+)"/g)].map(([, word]) => word);
    assert.ok(promised.length >= 12);
    const shown = new Set(STATES.flatMap(({ outcome, covers = [] }) => [outcome, ...covers]));
    assert.deepEqual(promised.filter((outcome) => !shown.has(outcome)), []);
  });

  for (const lang of LANGUAGES) {
    visit(`fits on the narrowest phone in ${lang}`, { lang, ...PHONE_320 }, async (page) => {
      const tooWide = await page.$$eval('.countersign, .countersign *', (all) => {
        const seen = all.filter((each) => !each.classList.contains('countersign-unseen') && each.checkVisibility());
        return seen.filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0 && each.localName !== 'input')
          .filter((each) => getComputedStyle(each).display !== 'inline')
          .map((each) => `${each.closest('.piece').id} ${each.className}`);
      });
      assert.deepEqual(tooWide, []);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320, 'the page does not scroll sideways');
    });

    visit(`grows with letters of twice the size in ${lang}`, { lang, ...PHONE_320 }, async (page) => {
      await page.evaluate(() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync('html { font-size: 200% }');
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      });
      const found = await page.$$eval('.countersign', (all) => all.map((each) => ({
        name: each.closest('.piece').id, size: getComputedStyle(each).fontSize, over: each.scrollWidth - each.clientWidth,
      })));
      assert.deepEqual(found.filter(({ size, over }) => size !== '32px' || over > 1), []);
    });
  }

  visit('has no style in its markup, and nothing too small to hit', PHONE_320, async (page) => {
    assert.equal(await page.locator('[style]').count(), 0);
    assert.equal(await page.locator('style, script:not([src])').count(), 0);
    const small = await page.$$eval('.countersign :is(a, button, input)', (all) =>
      all.filter((each) => Math.min(each.clientHeight, each.clientWidth) < 42 || each.getBoundingClientRect().height < 44)
        .map((each) => `${each.closest('.piece').id} ${each.className} ${each.getBoundingClientRect().height}`));
    assert.deepEqual(small, []);
  });

  visit('leads the keyboard through each state from top to bottom, and past nothing', {}, async (page) => {
    const expected = await page.$$eval('.countersign :is(a[href], button, input)', (all) => all.map((each) => `${each.closest('.piece').id} ${each.textContent}`));
    await page.locator('#states').focus();
    const reached = [];
    for (let presses = 0; presses < 400 && reached.length < expected.length; presses += 1) {
      await page.keyboard.press('Tab');
      const here = await page.evaluate(() => {
        const active = document.activeElement;
        const outline = getComputedStyle(active);
        return active.closest('.countersign') && {
          what: `${active.closest('.piece').id} ${active.textContent}`,
          isSeen: outline.outlineStyle === 'solid' && parseFloat(outline.outlineWidth) >= 2,
        };
      });
      if (!here) continue;
      assert.ok(here.isSeen, `${here.what} shows that it has the focus`);
      reached.push(here.what);
    }
    assert.deepEqual(reached, expected);
  });

  visit('has codes that a camera reads in light and dark, unless their time is up', { appearance: 'dark' }, async (page) => {
    const read = async (state) => {
      const { data, width, height } = PNG.sync.read(await page.locator(`#${state} .countersign-qr`).screenshot());
      return jsqr(new Uint8ClampedArray(data), width, height)?.data ?? null;
    };
    assert.match(await read('code'), /^https:\/\/qr\.alipay\.com\//);
    assert.equal(await read('elsewhere_phone'), 'https://shop.example/pay/A20261122001');
    assert.equal(await read('code_over'), null);
    assert.equal(await read('code_over_renewable'), null);
  });

  visit('is a page whose choices stand in its address', {}, async (page) => {
    await page.getByLabel('中文').check();
    await page.getByLabel('Dark').check();
    assert.match(page.url(), /lang=zh-CN&appearance=dark/);
    assert.match(await page.textContent('#succeeded .countersign'), /支付成功/);
    const background = () => page.$eval('#ready .countersign-button', (button) => getComputedStyle(button).backgroundColor);
    const before = await background();
    await page.locator('input[name="accent"]').fill('#a01060');
    assert.equal(await background(), 'rgb(160, 16, 96)', 'a variable of the page reaches the checkout');
    await page.locator('button[type="reset"]').click();
    assert.equal(await background(), before);
  });
});
