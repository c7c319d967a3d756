// ANCHOR: all
import { readFileSync } from 'node:fs';
import { KEY, SIGNATURE_OF_HELLO } from './key.mjs';

const { instance } = await WebAssembly.instantiate(readFileSync('token_signer.wasm'));
const { memory, allocate_message, get_signing_key_ptr, get_signature_ptr, sign } =
  instance.exports;
const hello = new TextEncoder().encode('hello');

const old = allocate_message(5);
const current = allocate_message(5);
new Uint8Array(memory.buffer, old, 5).set(hello); // freed memory, and no error

new Uint8Array(memory.buffer, get_signing_key_ptr(), 64).set(KEY);
sign();
const signature = Buffer.from(memory.buffer, get_signature_ptr(), 64).toString('hex');
console.log('the old buffer is the current one:', old === current);
console.log('the signature is that of hello:   ', signature === SIGNATURE_OF_HELLO);
// ANCHOR_END: all
