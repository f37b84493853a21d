// What a page pays for each feature, measured on the files from the tarball.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { exceeded, measured, printed } from '../../wasm/js/sizes.js';
import { dist, installed } from './project.js';

const rows = measured(dist);

test('the core and everything together keep to their budgets', () => {
  assert.deepEqual(exceeded(rows), []);
});

test('the table in the document says what is measured, to one per cent', () => {
  const numbers = printed(readFileSync(join(installed, 'README.md'), 'utf8'));
  assert.notEqual(numbers, null, 'there is no table');
  rows.forEach(({ label, sizes }, row) => {
    sizes.forEach((size, column) => {
      const said = numbers[row]?.[column];
      const help = `${label}: the document says ${said}, it is ${size}; run node wasm/js/sizes.js wasm/dist --write wasm/README.md after a release build`;
      assert.ok(Math.abs(said - size) <= Math.max(size / 100, 10), help);
    });
  });
});
