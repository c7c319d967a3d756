import { readFile } from 'node:fs/promises';

const { instance } = await WebAssembly.instantiate(await readFile('target/modules/signer-raw.wasm'));

// ANCHOR: shown
const { memory, allocate_message } = instance.exports; // of a new instance of the signer
for (const length of [5, 5, 1 << 20]) {
  const early = new Uint8Array(memory.buffer);
  allocate_message(length);
  console.log(early.length > 0 ? 'alive' : 'empty');
}
// ANCHOR_END: shown
