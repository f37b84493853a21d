// What is in the tarball, and whether tools and compilers find it as `package.json` says.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

import { files, here, installed, tarball } from './project.js';

const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));

test('the tarball holds the built files, the licences and the document, and nothing else', () => {
  const rest = files(installed).filter((name) => !/^dist\/[a-z_]+\.(js|d\.ts|wasm|css)$/.test(name));
  assert.deepEqual(rest, ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'package.json']);
});

test('every file that is exported is there, with its types', () => {
  const inside = files(installed);
  for (const target of Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'string' ? entry : Object.values(entry)))) {
    assert.ok(inside.includes(target.replace('./', '')), target);
  }
  for (const part of ['.', './react', './vue']) {
    assert.deepEqual(Object.keys(manifest.exports[part]), ['types', 'default']);
  }
});

test('it brings no packages along, and runs nothing when it is installed', () => {
  assert.equal(manifest.dependencies, undefined);
  assert.deepEqual(Object.keys(manifest.scripts).filter((name) => /install|prepare|publish|pack/.test(name)), []);
  for (const peer of Object.keys(manifest.peerDependencies)) {
    assert.equal(manifest.peerDependenciesMeta[peer].optional, true, peer);
  }
});

test('publint has nothing to say', async () => {
  const { messages } = await publint({ pkgDir: installed, strict: true, pack: false });
  assert.deepEqual(messages.map((message) => formatMessage(message, manifest)), []);
});

test('the types are right for whoever imports', () => {
  const attw = join(here, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  const untyped = ['checkout.css', 'checkout_core.wasm', 'checkout_ui.wasm'];
  // Exits with an error when they are not.
  const said = execFileSync(process.execPath, [attw, tarball(), '--profile', 'esm-only', '--format', 'json', '--exclude-entrypoints', ...untyped], { encoding: 'utf8' });
  const { analysis } = JSON.parse(said);
  for (const [part, types] of [['.', 'index'], ['./react', 'react'], ['./vue', 'vue']]) {
    for (const way of ['node16-esm', 'bundler', 'node10']) {
      const found = analysis.entrypoints[part].resolutions[way].resolution.fileName;
      assert.match(found, new RegExp(`/dist/${types}\\.d\\.ts$`), way);
    }
  }
  // Only `require` is told that this is a package for `import`.
  assert.deepEqual([...new Set(analysis.problems.map(({ kind }) => kind))], ['CJSResolvesToESM']);
});
