// Time to ready in Chromium, from the navigation until the module can be used, beside an empty WebAssembly module in the
// same run: `cargo xtask bench`. Times of a machine say little; what is compared are ratios.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { PATIENCE_MS, launch } from '../chromium.js';
import { output } from '../demo.js';
import { servePages } from './pages.js';

const ROUNDS = Number(process.env.ROUNDS ?? 15);

/** A fast fixed line: nothing is held back. */
const FAST = null;
/** A slow phone: 1.44 Mbit/s, 150 ms to the server and back. */
const SLOW = { offline: false, latency: 150, downloadThroughput: 1_440_000 / 8, uploadThroughput: 675_000 / 8 };

const CONDITIONS = [
  { name: 'first visit', line: FAST, again: false },
  { name: 'first visit, slow line', line: SLOW, again: false },
  { name: 'next visit', line: FAST, again: true },
];

/** Milliseconds from navigation to ready, in a browser profile of its own. */
async function time(browser, url, { line, again }) {
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE_MS);
  try {
    const page = await context.newPage();
    if (line) {
      const protocol = await context.newCDPSession(page);
      await protocol.send('Network.enable');
      await protocol.send('Network.emulateNetworkConditions', line);
    }
    const visit = async () => {
      await page.goto(url);
      await page.waitForFunction(() => window.readyMs > 0);
      return page.evaluate(() => window.readyMs);
    };
    const first = await visit();
    return again ? await visit() : first;
  } finally {
    await context.close();
  }
}

const median = (numbers) => {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Every subject once a round, so that whatever else the machine does meets all of them. */
async function measure(browser, subjects, condition) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const times = {};
    for (const { name, url } of subjects) times[name] = await time(browser, url, condition);
    rounds.push(times);
  }
  return subjects.map(({ name, about, beside }) => ({
    condition: condition.name,
    name,
    about,
    beside,
    median_ms: median(rounds.map((times) => times[name])),
    // Of each round by itself, then the middle one of those.
    ratio: median(rounds.map((times) => times[name] / times[beside])),
  }));
}

function print(rows) {
  console.log(`\n${rows[0].condition} (${ROUNDS} rounds)`);
  for (const { about, median_ms, ratio } of rows) {
    console.log(`  ${about.padEnd(44)} ${median_ms.toFixed(0).padStart(6)} ms ${ratio.toFixed(2).padStart(7)} × empty`);
  }
}

const dist = process.argv[2];
if (!dist) throw new Error('which package? node bench/ready.js path/to/dist');
const pages = await servePages(dist);
const browser = await launch();
try {
  // The first page of a browser pays for the browser.
  await time(browser, pages.subjects[0].url, CONDITIONS[0]);
  const results = [];
  for (const condition of CONDITIONS) {
    const rows = await measure(browser, pages.subjects, condition);
    print(rows);
    results.push(...rows);
  }
  await mkdir(output, { recursive: true });
  const file = path.join(output, 'ready.json');
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  console.log(`\nalso in ${path.relative(process.cwd(), file)}`);
} finally {
  await browser.close();
  pages.close();
}
