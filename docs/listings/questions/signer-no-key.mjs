import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync('token_signer.wasm'));
const { allocate_message, sign } = instance.exports;
// ANCHOR: shown
allocate_message(5); // the key buffer is as it was at first: 64 zeros
try {
  sign();
  console.log('signed');
} catch (error) {
  console.log(error.name);
}
// ANCHOR_END: shown
