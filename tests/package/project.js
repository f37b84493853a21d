// Where things are: the release as it is packed, and the merchant's project into which it is installed.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = dirname(fileURLToPath(import.meta.url));

/** The package's folder, as `cargo xtask` lays it out for `npm pack`. */
export const release = process.env.COUNTERSIGN_RELEASE;
if (!release) throw new Error('COUNTERSIGN_RELEASE is not set: run `cargo xtask test --only consumers`');

export const work = join(dirname(release), 'consumers');

/** The package as it is installed from the tarball. */
export const installed = join(work, 'node_modules/@countersign/checkout');
export const dist = join(installed, 'dist');

export const tarball = () => join(work, readdirSync(work).find((name) => name.endsWith('.tgz')));

/** The files below a folder, by their path in it. */
export function files(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1)).sort();
}

/** The package's files of one kind that lie, under whatever name, in a bundler's output. */
export function emitted(folder, ending) {
  const bytes = files(folder).filter((name) => name.endsWith(ending)).map((name) => readFileSync(join(folder, name)));
  const originals = readdirSync(dist).filter((name) => name.endsWith(ending));
  return originals.filter((name) => bytes.some((emitted) => emitted.equals(readFileSync(join(dist, name)))));
}
