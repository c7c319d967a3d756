// The modules of this package, loaded without a path, and each only when it is asked for.

import { compiledBoth } from './both.mjs';
import { compiled } from './load.mjs';
import { signer } from './signer.mjs';

export { signer };

/**
 * What makes `signMany` fast, in order of preference: for the option `batchModules` of a signer.
 *
 * @returns {Promise<import('./both.mjs').PerhapsCompiled[]>}
 */
export function signerBatches() {
  return compiledBoth(
    new URL('./signer-lanes.wasm', import.meta.url),
    new URL('./signer-lanes-relaxed.patch', import.meta.url),
  );
}

/**
 * What verifies, in order of preference: for `Verifier.create` and `new Verifier`. The last is {@link signer}.
 *
 * @returns {Promise<import('./both.mjs').PerhapsCompiled[]>}
 */
export async function verifier() {
  const [fast, portable] = await Promise.all([
    compiledBoth(
      new URL('./verifier-lanes.wasm', import.meta.url),
      new URL('./verifier-lanes-relaxed.patch', import.meta.url),
    ),
    signer(),
  ]);
  return [...fast, portable];
}

/**
 * What reads and writes keys: for `Keys.create` and `new Keys`.
 *
 * @returns {Promise<WebAssembly.Module>}
 */
export function keys() {
  return compiled(new URL('./keys.wasm', import.meta.url));
}
