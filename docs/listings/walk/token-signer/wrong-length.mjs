// ANCHOR: all
import { readFileSync } from 'node:fs';
import { KEY } from './key.mjs';

const { instance } = await WebAssembly.instantiate(readFileSync('token_signer.wasm'));
const { memory, get_signing_key_ptr } = instance.exports;
const buffer = new Uint8Array(memory.buffer, get_signing_key_ptr(), 64);

for (const length of [65, 40]) {
  buffer.set(KEY);
  try {
    buffer.set(new Uint8Array(length));
    console.log(`${length} bytes: copied, and byte 63 is still the old key's: ${buffer[63] === KEY[63]}`);
  } catch (error) {
    console.log(`${length} bytes: ${error.name}: ${error.message}`);
  }
}
// ANCHOR_END: all
