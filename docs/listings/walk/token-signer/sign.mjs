// ANCHOR: all
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { KEY, SIGNATURE_OF_HELLO } from './key.mjs';

const { instance } = await WebAssembly.instantiate(readFileSync('token_signer.wasm'));
const { memory, allocate_message, get_signing_key_ptr, get_signature_ptr, sign } =
  instance.exports;

const message = new TextEncoder().encode('hello');
const message_ptr = allocate_message(message.length);
new Uint8Array(memory.buffer, message_ptr, message.length).set(message);
new Uint8Array(memory.buffer, get_signing_key_ptr(), 64).set(KEY);

sign();

const signature = new Uint8Array(memory.buffer, get_signature_ptr(), 64).slice();
console.log(Buffer.from(signature).toString('hex').match(/.{64}/g).join('\n'));
assert.equal(Buffer.from(signature).toString('hex'), SIGNATURE_OF_HELLO);
// ANCHOR_END: all
