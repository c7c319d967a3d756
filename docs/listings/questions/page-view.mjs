import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync('token_signer.wasm'));
const { memory, allocate_message } = instance.exports;
// ANCHOR: shown
const pointer = allocate_message(5);
const view = new Uint8Array(memory.buffer, pointer, 5);
allocate_message(3_000_000); // memory grows
view[0] = 7;
console.log(view[0]);
// ANCHOR_END: shown
