// Reads how many bytes each section of a module has.

import { sectionsOf } from './conformance/wasm-types.mjs';

const NAMES = 'custom type import function table memory global export start element code data datacount'.split(' ');

/**
 * @returns {Map<string, number>} bytes by the section's name, with what its own head takes; in the order of the module
 * @throws {Error} where these are not the bytes of a module
 */
export function sectionSizes(/** @type {Uint8Array<ArrayBuffer>} */ wasm) {
  const magic = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  if (!magic.every((byte, n) => wasm[n] === byte)) throw new Error('this is no WebAssembly module');
  /** @type {Map<string, number>} */
  const sizes = new Map();
  for (const { id, size } of sectionsOf(wasm)) {
    const name = NAMES[id] ?? `section ${id}`;
    sizes.set(name, (sizes.get(name) ?? 0) + size);
  }
  return sizes;
}
