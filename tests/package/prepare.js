// Packs the release that `cargo xtask test --only consumers` has laid out, and installs it as a merchant does.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { here, installed, release, work } from './project.js';

const npm = (folder, ...args) => execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
const [tarball] = JSON.parse(npm(release, 'pack', '--json', '--pack-destination', work));

// What is in nobody's cache cannot be fetched: whatever the package needed from a registry would stop it here.
cpSync(join(here, 'fixtures'), work, { recursive: true });
npm(work, 'install', '--offline', '--no-audit', '--no-fund', `./${tarball.filename}`);

// The merchant's bundlers and frameworks are those in the lock file of this folder.
for (const name of readdirSync(join(here, 'node_modules'))) {
  if (!name.startsWith('.')) symlinkSync(join(here, 'node_modules', name), join(work, 'node_modules', name));
}

// The same project with the React before: whole copies, since each looks for the others from where it really lies.
const older = join(work, 'react-18');
cpSync(join(here, 'fixtures/react'), older, { recursive: true });
cpSync(installed, join(older, 'node_modules/@countersign/checkout'), { recursive: true });
for (const name of ['react', 'react-dom']) {
  cpSync(join(here, 'node_modules', `${name}-18`), join(older, 'node_modules', name), { recursive: true });
}
