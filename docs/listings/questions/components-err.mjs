// Signs with a keypair whose halves do not belong together, through the canonical ABI, and prints the first byte of the result.

import { readFile } from 'node:fs/promises';

import { TEST_KEYPAIR } from '../further/keypair.mjs';

const { instance } = await WebAssembly.instantiate(await readFile('target/modules/signer-component-core.wasm'));
const core = instance.exports;
function pass(bytes) {
  const at = core.cabi_realloc(0, 0, 1, bytes.length) >>> 0;
  new Uint8Array(core.memory.buffer, at, bytes.length).set(bytes);
  return [at, bytes.length];
}
const sign = (keypair) =>
  core['everyhost:signer/ed25519@0.1.0#sign'](...pass(keypair), ...pass(Buffer.from('hello'))) >>> 0;
const first = (at) => new Uint8Array(core.memory.buffer, at, 1)[0];
if (first(sign(TEST_KEYPAIR)) !== 0) throw new Error('the test key is refused');
console.log(first(sign(TEST_KEYPAIR.toReversed())));
