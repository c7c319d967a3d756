import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const { KEY, SIGNATURE_OF_HELLO } = await import(pathToFileURL(path.resolve('key.mjs')));
const { instance } = await WebAssembly.instantiate(readFileSync('token_signer.wasm'));
const { memory, allocate_message, get_signing_key_ptr, get_signature_ptr, sign } = instance.exports;
allocate_message(5); // memory may grow here, before there is any view
new Uint8Array(memory.buffer, get_signing_key_ptr(), 64).set(KEY);
const write = text => {
  const pointer = allocate_message(5);
  new TextEncoder().encodeInto(text, new Uint8Array(memory.buffer, pointer, 5));
};
// ANCHOR: shown
write('hello');
sign();
const first = new Uint8Array(memory.buffer, get_signature_ptr(), 64);
write('world');
sign();
console.log(Buffer.from(first).toString('hex') === SIGNATURE_OF_HELLO);
// ANCHOR_END: shown
