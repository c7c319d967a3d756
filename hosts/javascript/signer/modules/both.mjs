// A module for every host with SIMD, and the one with relaxed SIMD that is made of it.

import { compiledWherePossible } from '../usable-modules.mjs';
import { once, read } from './load.mjs';

/**
 * @param {URL} plain of a .wasm file
 * @param {URL} patch of what makes the relaxed module of it, which takes half the bytes of another .wasm file
 * @returns {Promise<PerhapsCompiled[]>} the relaxed module, and the plain one
 */
export function compiledBoth(plain, patch) {
  return once(plain, async () => {
    const [module, difference] = await Promise.all([read(plain), read(patch)]);
    return Promise.all([patched(module, difference), module].map(compiledWherePossible));
  });
}

/**
 * Applies what hosts/javascript/package/patch.mjs writes.
 *
 * @param {Uint8Array} source
 * @param {Uint8Array} patch
 */
export function patched(source, patch) {
  let at = 0;
  const number = () => {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = patch[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const target = new Uint8Array(number());
  const count = number();
  const [jumps, copied, fresh] = [0, 1, 2].map(() => Array.from({ length: count }, number));
  let [to, from] = [0, 0];
  jumps.forEach((jump, step) => {
    from += jump % 2 ? -(jump + 1) / 2 : jump / 2;
    target.set(source.subarray(from, from + copied[step]), to);
    to += copied[step];
    target.set(patch.subarray(at, at + fresh[step]), to);
    to += fresh[step];
    at += fresh[step];
    from += copied[step] + fresh[step];
  });
  return target;
}

/**
 * A compiled module, or why this host cannot compile it: signers and verifiers pass it over.
 *
 * @typedef {WebAssembly.Module | WebAssembly.CompileError} PerhapsCompiled
 */
