// `npm run looks` looks at every state; `npm run looks -- accept` takes how they look now for right from now on.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const accepts = process.argv.slice(2).some((word) => word.replace(/^--/, '') === 'accept');
const env = accepts ? { ...process.env, COUNTERSIGN_LOOKS: 'accept' } : process.env;
const files = ['baselines.test.js', ...(accepts ? [] : ['access.test.js'])];
const paths = files.map((file) => fileURLToPath(new URL(file, import.meta.url)));
const { status } = spawnSync(process.execPath, ['--test', '--test-reporter=spec', ...paths], { env, stdio: 'inherit' });
process.exitCode = status ?? 1;
