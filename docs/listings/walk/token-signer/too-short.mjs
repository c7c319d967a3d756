// ANCHOR: start
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { KEY } from './key.mjs';

const { instance } = await WebAssembly.instantiate(readFileSync('token_signer.wasm'));
const { memory, allocate_message, get_signing_key_ptr, get_signature_ptr, sign } =
  instance.exports;
const message = 'blåbær';
// ANCHOR_END: start

// ANCHOR: length
const msg_ptr = allocate_message(message.length);
const message_buffer = new Uint8Array(memory.buffer, msg_ptr, message.length);
try {
  message_buffer.set(new TextEncoder().encode(message));
} catch (error) {
  console.log(`set:        ${error.name}: ${error.message}`);
}
// ANCHOR_END: length

// ANCHOR: encode-into
const { written } = new TextEncoder().encodeInto(message, message_buffer);
console.log(`encodeInto: wrote ${written} bytes`);
new Uint8Array(memory.buffer, get_signing_key_ptr(), 64).set(KEY);
sign();
// ANCHOR_END: encode-into

// ANCHOR: verify
const signature = new Uint8Array(memory.buffer, get_signature_ptr(), 64);
const x = Buffer.from(KEY.subarray(32)).toString('base64url');
const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
for (const text of ['blåbær', 'blåb\0']) {
  const valid = verify(null, Buffer.from(text), publicKey, signature);
  console.log(`a signature of ${JSON.stringify(text)}: ${valid}`);
}
// ANCHOR_END: verify
