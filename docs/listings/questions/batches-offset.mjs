// Finds where the third message of a batch begins: messages of 3, 5 and 1 bytes, by their signatures alone.

import { readFile } from 'node:fs/promises';

import { TEST_KEYPAIR } from '../further/keypair.mjs';

const { instance } = await WebAssembly.instantiate(await readFile('target/modules/signer-raw.wasm'));
const mod = instance.exports;
const bytes = (at, length) => new Uint8Array(mod.memory.buffer, at >>> 0, length);
const load = () => (bytes(mod.get_signing_key_ptr(), 64).set(TEST_KEYPAIR), mod.load_key());

load();
bytes(mod.allocate_message(1), 1).set([0xff]);
mod.sign_loaded();
const wanted = Buffer.from(bytes(mod.get_signature_ptr(), 64)).toString('hex');

const lengths = [3, 5, 1];
const size = 4 * lengths.length + 9;
for (let offset = 12; offset < size; offset += 1) {
  const at = mod.allocate_batch(lengths.length, 9) >>> 0;
  bytes(at, size).fill(0);
  lengths.forEach((length, n) => new DataView(mod.memory.buffer).setUint32(at + 4 * n, length, true));
  bytes(at + offset, 1).set([0xff]);
  if (mod.sign_batch() !== 0) throw new Error('the batch was refused');
  const third = Buffer.from(bytes(mod.get_batch_signatures_ptr() + 128, 64)).toString('hex');
  if (third === wanted) console.log(offset);
}
