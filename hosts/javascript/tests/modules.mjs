// The built modules, and the key of the book, for every test here.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { PUBLISHED_KEY } from '../conformance/published.mjs';

export { PUBLISHED_KEY, SIGNATURE_OF_HELLO } from '../conformance/published.mjs';

/**
 * @param {string} name such as `modules/signer-raw.wasm`
 * @returns {string} its path
 */
export function built(name) {
  const path = fileURLToPath(new URL(`../../../target/${name}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`target/${name} is not there; run \`make modules\``);
  return path;
}

/** @param {string} name such as `signer-raw` */
export function compiled(name) {
  return new WebAssembly.Module(readFileSync(built(`modules/${name}.wasm`)));
}

/** Two halves that do not belong together: the seed of one key, the public key of another. */
export const MISMATCHED_KEY = Uint8Array.from(PUBLISHED_KEY, (byte, index) => (index === 40 ? byte ^ 1 : byte));
