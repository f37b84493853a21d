// On a server: importing does nothing, the core runs with its bytes, and CommonJS gets the same or a clear word.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { work } from './project.js';

/** What a program prints that is run in the merchant's project. */
function run(program, ...flags) {
  return execFileSync(process.execPath, [...flags, '--eval', program], { cwd: work, encoding: 'utf8' }).trim();
}

const NOTHING_TOUCHED = `
  for (const name of ['window', 'document', 'location', 'sessionStorage', 'fetch', 'XMLHttpRequest']) {
    Object.defineProperty(globalThis, name, { get() { throw new Error('touched ' + name); } });
  }
`;

for (const part of ['', '/react', '/vue']) {
  test(`importing @countersign/checkout${part} touches neither the page nor the network`, () => {
    // The frameworks look for a page when they are loaded; that is their affair.
    const names = run(`await Promise.all([import('react'), import('vue')]);
      ${NOTHING_TOUCHED}
      console.log(Object.keys(await import('@countersign/checkout${part}')).join());`, '--input-type=module');
    assert.match(names, part === '' ? /\bload\b.*\bmount\b.*\bopen\b/ : /^Checkout$/);
  });
}

test('the core runs with the bytes from the package', () => {
  const said = run(`
    import { readFileSync } from 'node:fs';
    import { fileURLToPath } from 'node:url';
    import { betterPlace, environment, load } from '@countersign/checkout';
    await load({ wasmUrl: readFileSync(fileURLToPath(import.meta.resolve('@countersign/checkout/checkout_core.wasm'))) });
    console.log(environment(), JSON.stringify(betterPlace('jubao_wechat_h5', 'wechat')));
  `, '--input-type=module');
  assert.match(said, /^desktop \{"open":"browser","required":true\}$/);
});

test('without the bytes it is said that they cannot be loaded', () => {
  const said = run(`
    import { load } from '@countersign/checkout';
    await load().catch(({ name, code, message }) => console.log(name, code, message));
  `, '--input-type=module');
  assert.match(said, /^CheckoutError wasm_failed the checkout could not be loaded: /);
});

test('require gets the same module, or is told that it is one for import', () => {
  const said = run(`
    try {
      console.log(typeof require('@countersign/checkout').open);
    } catch (error) {
      console.log(error.code);
    }
  `, '--input-type=commonjs', '--no-warnings');
  assert.match(said, /^(function|ERR_REQUIRE_ESM|ERR_PACKAGE_PATH_NOT_EXPORTED)$/);
});
