// The built modules, and the key of the book, for every test here.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { fromHex } from '../conformance/bytes.mjs';

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

/** The key of the book. It is published there, so it is good for tests and for nothing else. */
export const PUBLISHED_KEY = fromHex(
  'fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf' +
    '3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f',
);

/** Its signature of `hello`, as the book prints it. */
export const SIGNATURE_OF_HELLO = fromHex(
  '5fd754a229a904e327f18c3041ec953a926d234d0155072cbae2aefaadd2d8a3' +
    'd82364b2820d25084696d4c28928f707d06cb2c056db3568a633ba641b0f0303',
);

/** Two halves that do not belong together: the seed of one key, the public key of another. */
export const MISMATCHED_KEY = Uint8Array.from(PUBLISHED_KEY, (byte, index) => (index === 40 ? byte ^ 1 : byte));
