// One thousand messages, signed in three ways by the same module. Run in the root of the workspace.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { Signer } from '../../../../hosts/javascript/signer/signer.mjs';
import { TEST_KEYPAIR } from '../keypair.mjs';

const signer = await Signer.create(await readFile('target/modules/signer-raw.wasm'), TEST_KEYPAIR);

// ANCHOR: ways
const messages = Array.from({ length: 1000 }, (_, n) => `hello${n}`);
const WAYS = {
  'key passed each time': () => messages.map((message) => signer.signWith(TEST_KEYPAIR, message)),
  'key held': () => messages.map((message) => signer.sign(message)),
  'key held, one batch': () => signer.signMany(messages),
};
// ANCHOR_END: ways

const ROUNDS = 9;
const times = Object.fromEntries(Object.keys(WAYS).map((name) => [name, []]));
const expected = WAYS['key held'](); // and the engine has compiled the module well by then
for (let round = 0; round < ROUNDS; round += 1) {
  // In turns, so that whatever else the machine does falls on all alike.
  for (const [name, sign] of Object.entries(WAYS)) {
    const began = performance.now();
    const signatures = sign();
    times[name].push((1000 * (performance.now() - began)) / messages.length);
    assert.deepEqual(signatures, expected);
  }
}
for (const [name, micros] of Object.entries(times)) {
  const median = micros.sort((a, b) => a - b)[ROUNDS >> 1];
  console.log(`${name.padEnd(22)} ${median.toFixed(1).padStart(7)} µs a signature, the median of ${ROUNDS}`);
}
console.log('all signatures are equal');
signer.close();
