// The portable signer, loaded without a path.

import { compiled } from './load.mjs';

/**
 * The signer that every host can run, compiled once and kept: for `Signer.create` and `new Signer`.
 *
 * @returns {Promise<WebAssembly.Module>}
 */
export function signer() {
  return compiled(new URL('./signer.wasm', import.meta.url));
}
