// One thousand messages, signed in three ways by the same module. Run in the root of the workspace.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { Signer } from '../../../../hosts/node/signer.mjs';
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

const results = [];
for (const [name, sign] of Object.entries(WAYS)) {
  sign(); // so that the engine has compiled the module well
  const began = performance.now();
  results.push(sign());
  const micros = (1000 * (performance.now() - began)) / messages.length;
  console.log(`${name.padEnd(22)} ${micros.toFixed(1).padStart(7)} µs a signature`);
}
for (const signatures of results) assert.deepEqual(signatures, results[0]);
console.log('all signatures are equal');
signer.close();
