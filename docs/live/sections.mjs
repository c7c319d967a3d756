// Reads how many bytes each section of a module has.

const NAMES = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
];
NAMES.push('data', 'data count');

/**
 * @param {Uint8Array} wasm
 * @returns {Map<string, number>} bytes by the section's name, with what its own head takes; in the order of the module
 * @throws {Error} where these are not the bytes of a module
 */
export function sectionSizes(wasm) {
  const magic = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  if (!magic.every((byte, n) => wasm[n] === byte)) throw new Error('this is no WebAssembly module');
  /** @type {Map<string, number>} */
  const sizes = new Map();
  for (let at = magic.length; at < wasm.length;) {
    const began = at;
    const name = NAMES[wasm[at]] ?? `section ${wasm[at]}`;
    at += 1;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at];
      at += 1;
      length += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    at += length;
    if (at > wasm.length) throw new Error(`its section ${name} goes on after its end`);
    sizes.set(name, (sizes.get(name) ?? 0) + at - began);
  }
  return sizes;
}
