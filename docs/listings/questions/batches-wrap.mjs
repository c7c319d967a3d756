// Signs a batch whose lengths add up to its size in 32 bits only, and prints the code of what comes back.

import { readFile } from 'node:fs/promises';

import { CODES } from '../../../hosts/javascript/signer/codes.mjs';
import { TEST_KEYPAIR } from '../further/keypair.mjs';

const { instance } = await WebAssembly.instantiate(await readFile('target/modules/signer-raw.wasm'));
const mod = instance.exports;
new Uint8Array(mod.memory.buffer, mod.get_signing_key_ptr() >>> 0, 64).set(TEST_KEYPAIR);
mod.load_key();
const at = mod.allocate_batch(2, 6) >>> 0;
new DataView(mod.memory.buffer).setUint32(at, 7, true);
new DataView(mod.memory.buffer).setUint32(at + 4, 0xffff_ffff, true);
try {
  const status = mod.sign_batch();
  console.log(Object.keys(CODES).find((code) => CODES[code] === status));
} catch (error) {
  console.log(error.name);
}
