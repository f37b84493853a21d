// The React component with the version of React before, in strict mode throughout.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

import { work } from './project.js';
import { wrapperTests } from './wrapped.js';

test('it is that version', () => {
  const program = `console.log((await import('react')).version, (await import('react-dom')).version)`;
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: join(work, 'react-18'), encoding: 'utf8' });
  assert.match(said, /^18\.\S+ 18\./);
});

wrapperTests('react-18');
