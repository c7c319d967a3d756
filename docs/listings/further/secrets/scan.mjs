// Looks for the seed in all of linear memory after each call. Run in the root of the workspace.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { TEST_KEYPAIR } from '../keypair.mjs';

const wasm = await WebAssembly.instantiate(await readFile('target/modules/signer-raw.wasm'), {});
const mod = wasm.instance.exports;

// ANCHOR: scan
/** Where the first eight bytes of the seed are. A run so long is no accident. */
function places() {
  const memory = Buffer.from(mod.memory.buffer);
  const found = [];
  for (let at = -1; (at = memory.indexOf(TEST_KEYPAIR.subarray(0, 8), at + 1)) >= 0; ) found.push(region(at));
  return found.join(', ') || 'nowhere';
}

function region(at) {
  const key = mod.get_signing_key_ptr();
  if (at >= key && at < key + 64) return 'key buffer';
  return at < 16 * 65536 ? 'stack' : at < mod.__heap_base.value ? 'static data' : 'heap';
}
// ANCHOR_END: scan

// ANCHOR: steps
const step = (what) => console.log(`${what.padEnd(14)} seed: ${places()}`);
mod.allocate_message(5);
step('new');
new Uint8Array(mod.memory.buffer, mod.get_signing_key_ptr(), 64).set(TEST_KEYPAIR);
step('key written');
mod.load_key();
step('load_key()');
mod.sign_loaded();
step('sign_loaded()');
mod.wipe();
step('wipe()');
// ANCHOR_END: steps

assert.equal(places(), 'nowhere');
