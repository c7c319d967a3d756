// Prints what the bytes of a signature are after cabi_post has freed the result.

import { readFile } from 'node:fs/promises';

import { TEST_KEYPAIR } from '../further/keypair.mjs';

const SIGN = 'everyhost:signer/ed25519@0.1.0#sign';
const { instance } = await WebAssembly.instantiate(await readFile('target/modules/signer-component-core.wasm'));
const core = instance.exports;
function pass(bytes) {
  const at = core.cabi_realloc(0, 0, 1, bytes.length) >>> 0;
  new Uint8Array(core.memory.buffer, at, bytes.length).set(bytes);
  return [at, bytes.length];
}
const at = core[SIGN](...pass(TEST_KEYPAIR), ...pass(Buffer.from('hello'))) >>> 0;
const result = new DataView(core.memory.buffer, at, 12);
const signature = new Uint8Array(core.memory.buffer, result.getUint32(4, true), result.getUint32(8, true));
const before = signature.slice();
core[`cabi_post_${SIGN}`](at);
if (signature.length === 0) console.log('no bytes');
else if (signature.every((byte) => byte === 0)) console.log('zeros');
else console.log(signature.every((byte, n) => byte === before[n]) ? 'the signature' : 'something else');
