// Which versions of the npm packages race: those of the lock file.

import { readFile } from 'node:fs/promises';

/** @returns {Promise<Record<string, string>>} */
export async function versions() {
  const lock = JSON.parse(await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8'));
  const names = ['tweetnacl', '@noble/ed25519', 'libsodium-wrappers'];
  return Object.fromEntries(names.map((name) => [name, lock.packages[`node_modules/${name}`].version]));
}
