// Where the built modules are.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @param {string} name such as `modules/signer-raw.wasm`
 * @returns {string} its path
 */
export function built(name) {
  const path = fileURLToPath(new URL(`../../../target/${name}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`target/${name} is not there; run \`make modules\``);
  return path;
}
