// What a file of journeys plays on: one demo and one browser, and a test for each journey.

import { after, afterEach, before, test } from 'node:test';

import { launch, travel } from './chromium.js';
import { startDemo } from './demo.js';

/**
 * Sets the stage for the suite that calls this; `name` is the demo's folder. `journey(title, travels, options)` is a
 * test in a browser profile of its own, opened with `options`; `travels` is given `{context, demo, browser}`.
 */
export function stage(name) {
  let demo;
  let browser;

  before(async () => {
    // One after the other: a browser that was launched beside a demo that does not start would be left behind.
    demo = await startDemo(name);
    browser = await launch();
  });

  afterEach(async (context) => {
    if (!context.passed && demo) console.error(`the logs are in ${demo.folder}`);
    await demo?.restore();
  });

  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  return (title, travels, options) =>
    test(title, () => travel(browser, title, (context) => travels({ context, demo, browser }), options));
}
