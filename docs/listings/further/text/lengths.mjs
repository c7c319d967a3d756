// The length of a text in UTF-16 units, and in UTF-8 bytes. Run in the root of the workspace.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { TEST_KEYPAIR } from '../keypair.mjs';

const wasm = await WebAssembly.instantiate(await readFile('target/modules/signer-raw.wasm'), {});
const mod = wasm.instance.exports;

// ANCHOR: lengths
const encoder = new TextEncoder();
for (const text of ['hello', 'Grüße', '日本', '🦀', 'e\u0301', '\u00e9']) {
  console.log(`${text}\tUTF-16 units: ${text.length}, code points: ${[...text].length}, bytes: ${encoder.encode(text).length}`);
}
// ANCHOR_END: lengths

// ANCHOR: units
/** Room for as many bytes as there are UTF-16 units: right for ASCII alone. */
function signWithUnits(text, write) {
  const pointer = mod.allocate_message(text.length);
  write(new Uint8Array(mod.memory.buffer, pointer, text.length), text);
  return sign();
}
const bySet = (room, text) => room.set(encoder.encode(text));
const byEncodeInto = (room, text) => encoder.encodeInto(text, room);
// ANCHOR_END: units

// ANCHOR: bytes
/** Encode first; the length is that of the bytes. */
function signBytes(text) {
  const bytes = encoder.encode(text);
  const pointer = mod.allocate_message(bytes.length);
  new Uint8Array(mod.memory.buffer, pointer, bytes.length).set(bytes);
  return sign();
}
// ANCHOR_END: bytes

function sign() {
  new Uint8Array(mod.memory.buffer, mod.get_signing_key_ptr(), 64).set(TEST_KEYPAIR);
  mod.sign();
  return Buffer.from(mod.memory.buffer, mod.get_signature_ptr(), 64).toString('hex');
}

// ANCHOR: compare
assert.equal(signWithUnits('hello', bySet), signBytes('hello'));
try {
  signWithUnits('Grüße', bySet);
} catch (error) {
  console.log(`set: ${error.name}`);
}
const cut = signWithUnits('Grüße', byEncodeInto);
assert.equal(cut, signBytes('Grü\0'));
console.log(`encodeInto: signed “Grü” and a zero byte: ${cut.slice(0, 16)}…`);
console.log(`bytes: signed “Grüße”: ${signBytes('Grüße').slice(0, 16)}…`);
// ANCHOR_END: compare
